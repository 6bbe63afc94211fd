import type { Patch, RecordId } from '../board/types'
import type { Box } from '../geometry/box'
import { clipIn, type Shape } from '../shapes'
import type { Lookup } from '../shapes/picture'
import { pointOf } from '../shapes/shape'
import type { Draft } from '../sync/live'
import type { Block, inBlocks } from './block'
import type { Scene } from './scene'
import { MovedSketch, sketchOf, type Sketch } from './sketches'

/** So many shapes that move alike are painted once and moved as a bitmap. */
const MANY = 150

const NOTHING: ReadonlyMap<RecordId, Patch> = new Map()

export interface LiftOptions {
  readonly scene: Scene
  /** What others are changing. */
  drafts(): ReadonlyMap<RecordId, Draft>
}

/** What an update of the lift means for the tiles. */
export interface LiftChange {
  /** Where the tiles must be painted anew. */
  readonly dirty: readonly Box[]
  /** What is no longer lifted. */
  readonly ended: readonly RecordId[]
}

interface Lifted {
  readonly patch: Patch | undefined
  /** As the document has it. */
  readonly shape: Shape | undefined
  readonly sketch: Sketch | undefined
}

/**
 * The shapes that are shown otherwise than the document has them: what is being moved, changed or made,
 * here or by others, and the arrows that follow. They are taken out of the tiles and painted above them.
 */
export class Lift {
  /** Puts together what moves alike; fetched after the first strokes can be drawn. */
  inBlocks: typeof inBlocks | undefined
  private own = NOTHING
  private lifted = new Map<RecordId, Lifted>()
  private blocks: readonly Block[] = []
  private shown: readonly Sketch[] = []

  constructor(private readonly o: LiftOptions) {}

  /** Whether the tiles are to leave the shape out. */
  has(id: RecordId): boolean {
    return this.lifted.has(id)
  }

  /** Whether everything is shown as the document has it. */
  get isIdle(): boolean {
    return this.lifted.size === 0 && this.own.size === 0 && this.o.drafts().size === 0
  }

  /** What is being changed here. */
  set edits(edits: Iterable<readonly [RecordId, Patch]>) {
    const own = new Map(edits)
    this.own = own.size > 0 ? own : NOTHING
  }

  /** What is to be painted above the tiles, bottom first. */
  get sketches(): readonly Sketch[] {
    return this.shown
  }

  /** A shape as it is shown now; undefined if it is not. */
  shape(id: RecordId): Shape | undefined {
    const lifted = this.lifted.get(id)
    if (!lifted) return this.o.scene.get(id)
    return this.o.scene.resolve(id, this.props(id), this.lookup)
  }

  /** A record as it is shown now, whether it is lifted or not. */
  props(id: RecordId): Patch | undefined {
    return this.lookup(id) as Patch | undefined
  }

  /** Takes over what has changed. */
  update(): LiftChange {
    const patches = this.patches()
    const old = this.lifted
    if (patches.size === 0 && old.size === 0) return { dirty: [], ended: [] }
    this.lifted = new Map()
    for (const [id, patch] of patches) this.lifted.set(id, this.lift(id, patch, old.get(id)))
    for (const id of this.o.scene.dependents(patches.keys())) this.lifted.set(id, this.follow(id))
    this.show()
    return this.compare(old)
  }

  private readonly lookup: Lookup = (id) => {
    const patch = this.own.get(id) ?? this.draft(id)
    const record = this.o.scene.lookup(id) as Patch | undefined
    return patch ? { ...record, ...patch } : record
  }

  private draft(id: RecordId): Patch | undefined {
    const draft = this.o.drafts().get(id)
    return draft?.kind === 'shape' ? draft.props : undefined
  }

  /** What we change ourselves goes before what others do. */
  private patches(): ReadonlyMap<RecordId, Patch> {
    const drafts = this.o.drafts()
    if (drafts.size === 0) return this.own
    const all = new Map<RecordId, Patch>()
    for (const [id, draft] of drafts) if (draft.kind === 'shape') all.set(id, draft.props)
    for (const [id, patch] of this.own) all.set(id, patch)
    return all
  }

  private lift(id: RecordId, patch: Patch, old: Lifted | undefined): Lifted {
    const shape = this.o.scene.get(id)
    if (old && old.patch === patch && old.shape === shape) return old
    const shift = shape && shiftOf(shape, patch)
    if (shape && shift) return { patch, shape, sketch: new MovedSketch(shape, shift, clipIn(patch['frame'] ?? shape.props['frame'], this.lookup)) }
    return { patch, shape, sketch: this.sketch(id) }
  }

  private follow(id: RecordId): Lifted {
    return { patch: undefined, shape: this.o.scene.get(id), sketch: this.sketch(id) }
  }

  private sketch(id: RecordId): Sketch | undefined {
    const props = this.lookup(id) as Patch | undefined
    const shape = this.o.scene.resolve(id, props, this.lookup)
    return shape && sketchOf(shape)
  }

  /** Bottom first; what is new is above the rest. */
  private show(): void {
    const known = this.o.scene.sorted(this.lifted.keys()).map(({ id }) => id)
    const fresh = [...this.lifted].filter(([, { shape }]) => !shape).map(([id]) => id)
    const sketches = [...known, ...fresh].map((id) => this.lifted.get(id)?.sketch).filter((sketch) => sketch !== undefined)
    const { blocks, rest } = this.inBlocks?.(sketches, MANY, this.blocks) ?? { blocks: [], rest: sketches }
    this.blocks = blocks
    this.shown = [...blocks, ...rest]
  }

  private compare(old: ReadonlyMap<RecordId, Lifted>): LiftChange {
    const dirty: Box[] = []
    const ended: RecordId[] = []
    for (const id of this.lifted.keys()) {
      const shape = old.has(id) ? undefined : this.o.scene.get(id)
      if (shape) dirty.push(shape.box)
    }
    for (const id of old.keys()) {
      if (this.lifted.has(id)) continue
      const shape = this.o.scene.get(id)
      if (shape) dirty.push(shape.box)
      ended.push(id)
    }
    return { dirty, ended }
  }
}

/** How far a shape is moved, if that is all that the patch does to its looks. */
function shiftOf({ props }: Shape, patch: Patch): readonly [number, number] | undefined {
  for (const prop in patch) if (prop !== 'at' && prop !== 'frame' && props[prop] !== patch[prop]) return undefined
  const [from, to] = [pointOf(props['at']), pointOf(patch['at'])]
  const isBound = Boolean(props['startbind'] ?? props['endbind'])
  return from && to && !isBound ? [to.x - from.x, to.y - from.y] : undefined
}
