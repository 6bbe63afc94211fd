import type { Document } from '../board/document'
import { BOARD_RECORD } from '../board/ids'
import type { Change, Json, Patch, RecordId, Unsubscribe } from '../board/types'
import { grow, boxOf, type Box } from '../geometry/box'
import type { Segment } from '../geometry/distance'
import { SpatialIndex } from '../geometry/spatial'
import { shapeOf, type Shape } from '../shapes'
import { pointOf } from '../shapes/shape'
import { world } from '../geometry/point'
import { Stack } from './stack'

/** Above this many changes at once the scene is built anew, which is faster. */
const MANY = 2000

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
}

/** The visible shapes of a document with their places and their order. Knows nothing of the screen. */
export class Scene {
  private readonly shapes = new Map<RecordId, Shape>()
  private index = new SpatialIndex<Shape>()
  private readonly stack = new Stack<Shape>()
  private readonly listeners = new Set<(change: SceneChange) => void>()
  private background_: Background | undefined
  private readonly end: Unsubscribe

  constructor(private readonly document: Document) {
    this.rebuild()
    this.end = document.subscribe((changes) => this.apply(changes))
  }

  get size(): number {
    return this.stack.size
  }

  get background(): Background | undefined {
    return this.background_
  }

  /** The order key of the topmost shape; null when there is none. */
  get topKey(): string | null {
    return this.stack.top?.z ?? null
  }

  get(id: RecordId): Shape | undefined {
    return this.shapes.get(id)
  }

  /** All shapes, bottom first. */
  all(): readonly Shape[] {
    return this.stack.all
  }

  /** The shapes whose boxes overlap a box, bottom first. */
  within(box: Box): Shape[] {
    return this.stack.sort(this.index.within(box))
  }

  /** The shapes that come within `radius` of a segment. */
  touching(segment: Segment, radius: number): Shape[] {
    const near = this.index.within(grow(boxOf(segment.a, segment.b), radius))
    return near.filter(({ kind, props }) => kind.touches(props, segment, radius))
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

  private apply(changes: readonly Change[]): void {
    if (changes.length > MANY) {
      this.rebuild()
      this.notify({ dirty: undefined })
      return
    }
    const dirty: Box[] = []
    const top = this.stack.top
    for (const { id, after } of changes) {
      if (id === BOARD_RECORD) dirty.push(...this.setBackground(after))
      else dirty.push(...this.replace(id, shapeOf(id, after)))
    }
    if (dirty.length === 0) return
    const onTop = this.addedOnTop(changes, dirty, top)
    this.notify(onTop ? { dirty, onTop } : { dirty })
  }

  /** Returns the boxes that look different now. */
  private replace(id: RecordId, shape: Shape | undefined): Box[] {
    const old = this.shapes.get(id)
    if (old) {
      this.index.remove(old)
      this.stack.remove(old)
      this.shapes.delete(id)
    }
    if (shape) {
      this.shapes.set(id, shape)
      this.index.add(shape)
      this.stack.add(shape)
    }
    return [old?.box, shape?.box].filter((box) => box !== undefined)
  }

  private addedOnTop(changes: readonly Change[], dirty: readonly Box[], before: Shape | undefined): Shape | undefined {
    const { top } = this.stack
    const single = changes.length === 1 && dirty.length === 1
    return single && top !== before && top?.id === changes[0]!.id ? top : undefined
  }

  private setBackground(board: Patch | undefined): Box[] {
    const old = this.background_
    this.background_ = backgroundOf(board?.['background'])
    if (old?.asset === this.background_?.asset && sameBox(old?.box, this.background_?.box)) return []
    return [old?.box, this.background_?.box].filter((box) => box !== undefined)
  }

  private rebuild(): void {
    this.shapes.clear()
    for (const [id, props] of this.document.records()) {
      const shape = shapeOf(id, props)
      if (shape) this.shapes.set(id, shape)
    }
    const all = [...this.shapes.values()]
    this.index = new SpatialIndex()
    this.index.addAll(all)
    this.stack.clear()
    this.stack.addAll(all)
    this.setBackground(this.document.get(BOARD_RECORD))
  }

  private notify(change: SceneChange): void {
    for (const fn of [...this.listeners]) fn(change)
  }
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
