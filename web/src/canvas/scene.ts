import type { Document } from '../board/document'
import { BOARD_RECORD } from '../board/ids'
import type { Change, Json, Patch, RecordId, Unsubscribe, WireRecord } from '../board/types'
import { grow, boxOf, overlaps, type Box } from '../geometry/box'
import type { Segment } from '../geometry/distance'
import { SpatialIndex } from '../geometry/spatial'
import { MOST_FRAMES, shapeOf, touches, type Shape } from '../shapes'
import type { Lookup } from '../shapes/picture'
import { pointOf, textOf } from '../shapes/shape'
import { loadWidths, onWidths } from '../shapes/text/advance'
import { world, type World } from '../geometry/point'
import { compareOrder, Stack } from './stack'
import { Uses } from './uses'

/** Above this share of changes at once, or this many, the scene is built anew, which is faster. */
const MOST_CHANGES = 1 / 4
const FEW = 1000
/** A box with more than this share of all shapes in it is looked through in their order. */
const MOST_SORTED = 1 / 8

/** The picture beneath all shapes. */
export interface Background {
  readonly asset: string
  readonly box: Box
}

/** What has changed in the picture. */
export interface SceneChange {
  /** Where; undefined = everywhere. */
  readonly dirty: readonly Box[] | undefined
  /** If the change is no more than one new shape above all others: that shape. */
  readonly onTop?: Shape
  /** The only record that looks different, if it is one. */
  readonly only?: RecordId | undefined
  /** Whether others have made it. */
  readonly isRemote: boolean
}

/** A shape in its place. Its box and its order change only while it is out of the index and the stack. */
interface Item {
  readonly id: RecordId
  shape: Shape
  box: Box
  order: string
  rank: number
}

/** The visible shapes of a document with their places and their order. Knows nothing of the screen. */
export class Scene {
  private items = new Map<RecordId, Item>()
  private readonly uses = new Uses()
  /** What the shapes of records look like that are not in the document yet, or may have changed in it. */
  private prepared = new Map<RecordId, Item>()
  private index = new SpatialIndex<Item>()
  private readonly stack = new Stack<Item>()
  private readonly listeners = new Set<(change: SceneChange) => void>()
  private background_: Background | undefined
  private topKey_: string | null = null
  private readonly end: Unsubscribe

  constructor(private readonly document: Document) {
    this.rebuild()
    document.history.leaving = (going) => this.endsLeft(going)
    const ends = [document.subscribe((changes, origin) => this.apply(changes, origin === 'remote')), onWidths(() => this.layOut())]
    this.end = () => ends.forEach((end) => end())
    void loadWidths()
  }

  get size(): number {
    return this.stack.size
  }

  get background(): Background | undefined {
    return this.background_
  }

  /** An order key that no shape's is above; null when there was never a shape. */
  get topKey(): string | null {
    return this.topKey_
  }

  get(id: RecordId): Shape | undefined {
    return this.items.get(id)?.shape
  }

  /** Whether the shape is locked, by itself or by its layer. */
  isLocked(id: RecordId): boolean {
    const shape = this.items.get(id)?.shape
    return shape !== undefined && this.hasMark('locked', shape.props, 'layer')
  }

  /** A record as shapes that look at it see it: undefined once it is deleted. */
  readonly lookup: Lookup = (id) => {
    const record = this.document.get(id)
    return record?.['deleted'] === true ? undefined : record
  }

  /** The shape of a record as this board shows it; undefined if it is none or hidden. */
  resolve(id: RecordId, record: Patch | undefined, lookup: Lookup): Shape | undefined {
    if (record && this.hasMark('hidden', record, 'layer', 'frame')) return undefined
    return shapeOf(id, record, lookup)
  }

  /**
   * Makes shapes of records that will be in the document soon, so that they need not be made then; returns those
   * that can be seen, bottom first. What depends on other records is left out.
   */
  prepare(records: readonly WireRecord[]): Shape[] {
    const shapes: Shape[] = []
    for (const { id, p } of records) {
      const shape = standsAlone(p) ? shapeOf(id, p) : undefined
      if (!shape) continue
      if (p['hidden'] === true) continue
      this.prepared.set(id, itemOf(shape))
      shapes.push(shape)
    }
    return shapes.sort(compareOrder)
  }

  /** All visible shapes, bottom first. */
  all(): readonly Shape[] {
    return this.stack.all.map(({ shape }) => shape)
  }

  /** The shapes whose boxes overlap a box, bottom first. */
  within(box: Box): Shape[] {
    const items = this.index.within(box)
    if (items.length > FEW && items.length > this.size * MOST_SORTED) return this.inOrder(box)
    return this.stack.sort(items).map(({ shape }) => shape)
  }

  private inOrder(box: Box): Shape[] {
    const shapes: Shape[] = []
    for (const item of this.stack.all) if (overlaps(item.box, box)) shapes.push(item.shape)
    return shapes
  }

  /** The shapes that come within `radius` of a segment, bottom first. */
  touching(segment: Segment, radius: number): Shape[] {
    return this.within(grow(boxOf(segment.a, segment.b), radius)).filter((shape) => touches(shape, segment, radius))
  }

  /** The topmost shape that suits within `radius` of a point. */
  topmost(at: World, radius: number, suits: (shape: Shape) => boolean): Shape | undefined {
    const segment = { a: at, b: at }
    return this.within(grow(boxOf(at, at), radius)).findLast((shape) => touches(shape, segment, radius) && suits(shape))
  }

  /** Whether a shape is above all others. */
  isOnTop(shape: Shape): boolean {
    return this.stack.top?.shape === shape
  }

  /** Whether nothing is in a box. */
  isEmpty(box: Box): boolean {
    return !this.index.hasWithin(box)
  }

  /** These shapes, bottom first; those that can't be seen are left out. */
  sorted(ids: Iterable<RecordId>): Shape[] {
    const items = [...ids].map((id) => this.items.get(id)).filter((item) => item !== undefined)
    return this.stack.sort(items).map(({ shape }) => shape)
  }

  /** The visible shapes that look different when these do: arrows that are bound to them, what is in a frame. */
  dependents(ids: Iterable<RecordId>): RecordId[] {
    return [...this.uses.of(ids)].filter((id) => this.items.has(id))
  }

  /** What to write down of arrows that are bound to what goes: they stay where they are. */
  endsLeft(going: readonly RecordId[]): [RecordId, Patch][] {
    const gone = new Set(going)
    return this.dependents(going).flatMap((id): [RecordId, Patch][] => {
      const { at, size, bends } = this.get(id)!.props
      return bends && !gone.has(id) ? [[id, { at: at!, size: size!, bends }]] : []
    })
  }

  /** Where the picture of an asset is. */
  showing(asset: string): Box[] {
    const boxes = this.stack.all.filter(({ shape }) => shape.props['asset'] === asset).map(({ box }) => box)
    return this.background_?.asset === asset ? [...boxes, this.background_.box] : boxes
  }

  /** Around all shapes and the background; undefined when there is nothing. */
  bounds(): Box | undefined {
    const shapes = this.index.bounds()
    const picture = this.background_?.box
    if (!shapes || !picture) return shapes ?? picture
    return {
      minX: Math.min(shapes.minX, picture.minX),
      minY: Math.min(shapes.minY, picture.minY),
      maxX: Math.max(shapes.maxX, picture.maxX),
      maxY: Math.max(shapes.maxY, picture.maxY),
    }
  }

  /** Calls `fn` after every visible change. */
  subscribe(fn: (change: SceneChange) => void): Unsubscribe {
    this.listeners.add(fn)
    return () => this.listeners.delete(fn)
  }

  stop(): void {
    this.end()
    this.listeners.clear()
  }

  private apply(changes: readonly Change[], isRemote: boolean): void {
    const most = Math.max(FEW, this.size * MOST_CHANGES)
    const followers = changes.length > most ? NOBODY : this.uses.of(changes.map(({ id }) => id))
    if (changes.length + followers.size > most) {
      this.rebuild()
      this.notify({ dirty: undefined, isRemote })
      return
    }
    const dirty: Box[] = []
    const { top } = this.stack
    for (const { id, after } of changes) {
      if (id === BOARD_RECORD) this.setBackground(after, dirty)
      else this.replace(id, after, dirty)
    }
    for (const id of followers) this.replace(id, this.document.get(id), dirty)
    if (dirty.length === 0) return
    const onTop = this.addedOnTop(changes, dirty, top)
    const only = changes.length === 1 && followers.size === 0 ? changes[0]!.id : undefined
    this.notify({ dirty, isRemote, only, ...(onTop && { onTop }) })
  }

  /** Puts a record in the place of what was there; adds the boxes that look different now. */
  private replace(id: RecordId, record: Patch | undefined, dirty: Box[]): void {
    const old = this.items.get(id)
    const item = this.itemOf(id, record)
    if (old) dirty.push(old.box)
    if (item) dirty.push(item.box)
    if (old && item) this.exchange(old, item)
    else if (old) this.remove(old)
    else if (item) this.add(item)
  }

  /** What has not moved stays where it is, which is most of the work of a change. */
  private exchange(old: Item, item: Item): void {
    const moves = !sameBox(old.box, item.box)
    const rises = old.order !== item.order
    if (moves) this.index.remove(old)
    if (rises) this.stack.remove(old)
    Object.assign(old, item, { rank: old.rank })
    if (moves) this.index.add(old)
    if (rises) this.stack.add(old)
  }

  private add(item: Item): void {
    this.items.set(item.id, item)
    this.index.add(item)
    this.stack.add(item)
  }

  private remove(item: Item): void {
    this.items.delete(item.id)
    this.index.remove(item)
    this.stack.remove(item)
  }

  /** The record's place; undefined if it is no shape or hidden. What it looks at is noted in any case. */
  private itemOf(id: RecordId, record: Patch | undefined): Item | undefined {
    const shape = shapeOf(id, record, this.lookup)
    this.uses.set(id, shape?.uses ?? NONE)
    if (!shape || this.hasMark('hidden', shape.props, 'layer', 'frame')) return undefined
    const item = itemOf(shape)
    this.rise(item)
    return item
  }

  private rise({ shape }: Item): void {
    if (this.topKey_ === null || shape.z > this.topKey_) this.topKey_ = shape.z
  }

  /** Whether a shape is hidden or locked: by itself, its layer or its frame. */
  private hasMark(mark: 'hidden' | 'locked', record: Patch, ...above: ('layer' | 'frame')[]): boolean {
    if (record[mark] === true) return true
    return above.some((name) => {
      // Frames may be in frames.
      let id: unknown = record[name]
      for (let i = 0; i < MOST_FRAMES && typeof id === 'string'; i++) {
        const one = this.lookup(id)
        if (one?.[mark] === true) return true
        id = name === 'frame' ? one?.['frame'] : null
      }
      return false
    })
  }

  private addedOnTop(changes: readonly Change[], dirty: readonly Box[], before: Item | undefined): Shape | undefined {
    const { top } = this.stack
    const single = changes.length === 1 && dirty.length === 1
    return single && top !== before && top?.id === changes[0]!.id ? top.shape : undefined
  }

  private setBackground(board: Patch | undefined, dirty: Box[]): void {
    const old = this.background_
    this.background_ = backgroundOf(board?.['background'])
    if (old?.asset === this.background_?.asset && sameBox(old?.box, this.background_?.box)) return
    if (old) dirty.push(old.box)
    if (this.background_) dirty.push(this.background_.box)
  }

  /** Texts have the sizes they should have now. */
  private layOut(): void {
    const isText = ({ props }: Shape) => textOf(props) !== ''
    for (const [id, { shape }] of this.prepared) if (isText(shape)) this.prepared.delete(id)
    const texts = this.stack.all.filter(({ shape }) => isText(shape)).map(({ id }) => id)
    const ids = [...texts, ...this.uses.of(texts)]
    const dirty: Box[] = []
    if (ids.length > FEW) this.rebuild(isText)
    else for (const id of ids) this.replace(id, this.document.get(id), dirty)
    if (ids.length > 0) this.notify({ dirty: ids.length > FEW ? undefined : dirty, isRemote: false })
  }

  /** Makes everything anew but the shapes of what has not changed; of those that are stale, too. */
  private rebuild(isStale: (shape: Shape) => boolean = () => false): void {
    const items = this.prepared
    for (const [id, item] of this.items) if (standsAlone(item.shape.props) && !isStale(item.shape)) items.set(id, item)
    this.items = items
    this.prepared = new Map()
    this.uses.clear()
    this.topKey_ = null
    let count = 0
    this.document.each((id, record) => {
      const known = items.get(id)
      const item = known?.shape.props === record ? known : this.itemOf(id, record)
      if (item && item !== known) items.set(id, item)
      else if (!item && known) items.delete(id)
      if (!item) return
      this.rise(item)
      count++
    })
    if (items.size > count) for (const id of items.keys()) if (!this.document.get(id)) items.delete(id)
    const all = [...items.values()]
    this.index = new SpatialIndex()
    this.index.addAll(all)
    this.stack.clear()
    this.stack.addAll(all)
    this.setBackground(this.document.get(BOARD_RECORD), [])
  }

  private notify(change: SceneChange): void {
    for (const fn of [...this.listeners]) fn(change)
  }
}

const NONE: readonly RecordId[] = []
const NOBODY: ReadonlySet<RecordId> = new Set()

function itemOf(shape: Shape): Item {
  return { id: shape.id, shape, box: shape.box, order: shape.order, rank: 0 }
}

/** Whether the looks of a record depend on no other. */
function standsAlone({ frame, layer, startbind, endbind }: Patch): boolean {
  return !frame && !layer && !startbind && !endbind
}

function backgroundOf(value: Json | undefined): Background | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { asset, at, size } = value as Patch
  const a = pointOf(at)
  const by = pointOf(size)
  if (typeof asset !== 'string' || !a || !by) return undefined
  return { asset, box: boxOf(a, world(a.x + by.x, a.y + by.y)) }
}

function sameBox(a: Box | undefined, b: Box | undefined): boolean {
  return a?.minX === b?.minX && a?.minY === b?.minY && a?.maxX === b?.maxX && a?.maxY === b?.maxY
}
