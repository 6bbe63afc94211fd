import type { Json, Patch, RecordId } from '../board/types'
import type { Checks } from '../board/validate'
import type { Box } from '../geometry/box'
import type { Segment } from '../geometry/distance'
import { world, type World } from '../geometry/point'
import type { Picture } from './picture'
import type { StyleProp } from './style'

/** How exact a picture is: of what is very small on the screen nobody sees the difference. */
export type Detail = 'full' | 'coarse'

/**
 * What the board must know of a kind of shape. All of it is before the shape's rotation, which turns
 * about the middle of the frame, and depends on nothing but the properties, which are resolved already.
 * To add a kind, add a file here and name it in kinds.ts; for one that is an outline in a box, add a file to whiteboard/outlines.
 */
export interface Kind {
  /** What its records are made of: a box from `at` of a `size`; a way from `at` by `bends` to `at` + `size`; ink in chunks. Arrows are bound to boxes. */
  readonly form: 'box' | 'path' | 'ink'
  /** The properties it has and the values they may have, `kind` aside; the chunks of ink, p0, p1, …, come beside. */
  readonly table: Checks
  /** By which style properties the looks of all such shapes can be changed: with `fill` if it has an inside, with `font` if it is made of words. */
  readonly shown: readonly StyleProp[]
  /** What absent properties mean where it is not the same for all. */
  readonly defaults?: Patch
  /** Whether one looks different in a mirror, words aside: it has `flip`. */
  readonly mirrors?: boolean
  /** What Tab makes of it: a kind with the same table. */
  readonly next?: Patch
  /** The box that handles are around, lines' widths not included; undefined if the properties are malformed. */
  frame(shape: Patch): Box | undefined
  /** Holds all that is painted. Only for shapes that have a frame, as with all below. */
  bounds(shape: Patch): Box
  /** Whether the visible part of the shape, or an inside that is filled or labelled, comes within `radius` of the segment. */
  touches(shape: Patch, segment: Segment, radius: number): boolean
  picture(shape: Patch, detail: Detail): Picture
  /** Where its label stands, if it has room for one. */
  room?(shape: Patch): Box
  /** The closed line at which arrows stop; none if they don't; absent = the frame. */
  outline?(shape: Patch): readonly World[]
}

/** A shape in the stack. A change of the record, or of one it uses, makes a new one. */
export interface Shape {
  readonly id: RecordId
  /** The shape's own order key. */
  readonly z: string
  /** What orders it among all shapes: by layer, then by key; equals are ordered by id. */
  readonly order: string
  readonly kind: Kind
  /** Where it is on the plane, rotated, with all that is painted; what the frame it is in clips away counts too. */
  readonly box: Box
  /** The box that handles are around, before rotation about its middle. */
  readonly frame: Box
  /** Radians, clockwise. */
  readonly rotation: number
  /** The properties with bound ends resolved; a Patch made from them needs no more care than one made from the record's. */
  readonly props: Patch
  /** The other records that its looks depend on. */
  readonly uses: readonly RecordId[]
  /** The corners of what the frames that it is in have in common: nothing beyond is shown. Whoever paints shapes sees to it. */
  readonly clip?: readonly World[]
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

export function rotationOf({ rotation }: Patch): number {
  return typeof rotation === 'number' ? rotation : 0
}

/** The words of a shape: those it is made of, or its label. */
export function textOf({ text }: Patch): string {
  return typeof text === 'string' ? text : ''
}

/** A pair of coordinates; undefined for anything else. */
export function pointOf(value: Json | undefined): World | undefined {
  if (!Array.isArray(value)) return undefined
  const x: unknown = value[0]
  const y: unknown = value[1]
  return typeof x === 'number' && typeof y === 'number' ? world(x, y) : undefined
}

/** The corners `at` and `at` + `size`. */
export function cornersOf({ at, size }: Patch): Segment | undefined {
  const a = pointOf(at)
  const by = pointOf(size)
  return a && by && { a, b: world(a.x + by.x, a.y + by.y) }
}

/** The box of the corners `at` and `at` + `size`. */
export function sizedBox({ at, size }: Patch): Box | undefined {
  const a = pointOf(at)
  const by = pointOf(size)
  if (!a || !by) return undefined
  return { minX: a.x + Math.min(by.x, 0), minY: a.y + Math.min(by.y, 0), maxX: a.x + Math.max(by.x, 0), maxY: a.y + Math.max(by.y, 0) }
}

/** Whether and how a shape is mirrored along each axis. */
export function flipOf({ flip }: Patch): readonly [number, number] {
  const { x, y } = pointOf(flip) ?? world(1, 1)
  return [x < 0 ? -1 : 1, y < 0 ? -1 : 1]
}
