import type { Json, Patch, RecordId } from '../board/types'
import type { Box } from '../geometry/box'
import type { Segment } from '../geometry/distance'
import { world, type World } from '../geometry/point'

/** What paints on: a canvas whose units are world units. */
export interface Brush {
  readonly pen: CanvasRenderingContext2D
  /** Device pixels per world unit; what is too small to see may be simplified. */
  readonly scale: number
  /** The CSS colour of a palette name or #rrggbb under the theme. */
  css(color: string): string
}

/** What the board must know of a kind of shape. To add a kind, add a file here and name it in index.ts. */
export interface Kind {
  /** Where the shape is, its line's width included; undefined if the properties are malformed. */
  box(shape: Patch): Box | undefined
  /** Whether the visible part of the shape comes within `radius` of the segment. */
  touches(shape: Patch, segment: Segment, radius: number): boolean
  paint(shape: Patch, brush: Brush): void
}

/** A shape in the stack. A change of the record makes a new one. */
export interface Shape {
  readonly id: RecordId
  readonly z: string
  readonly kind: Kind
  readonly box: Box
  readonly props: Patch
}

export function colorOf({ color }: Patch): string {
  return typeof color === 'string' ? color : 'black'
}

export function fillOf({ fill }: Patch): string | undefined {
  return typeof fill === 'string' ? fill : undefined
}

export function widthOf({ width }: Patch): number {
  return typeof width === 'number' ? width : 2
}

export function opacityOf({ opacity }: Patch): number {
  return typeof opacity === 'number' ? opacity : 1
}

/** A pair of coordinates; undefined for anything else. */
export function pointOf(value: Json | undefined): World | undefined {
  if (!Array.isArray(value)) return undefined
  const [x, y] = value as Json[]
  return typeof x === 'number' && typeof y === 'number' ? world(x, y) : undefined
}

/** The corners `at` and `at` + `size`. */
export function cornersOf({ at, size }: Patch): Segment | undefined {
  const a = pointOf(at)
  const by = pointOf(size)
  return a && by && { a, b: world(a.x + by.x, a.y + by.y) }
}
