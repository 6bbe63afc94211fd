import type { Patch } from '../board/types'
import { union, type Box } from '../geometry/box'
import { around, centreOf, turn, type OrientedBox } from '../geometry/oriented'
import { world, type World } from '../geometry/point'
import { kindOf } from './kinds'
import { pathPoints } from './route'
import { pointOf, rotationOf } from './shape'

export { rotationOf } from './shape'
export { pathPoints as pathOf } from './route'

/** How shapes are moved, stretched and turned: pure functions from properties to the patch that does it. */

/** Text is no smaller and no larger than this, in world units. */
const FONT_SIZES = [4, 400] as const
const MAX_SCALE = 1000
/** Places are kept to a hundredth of a unit. */
const FINE = 100

/** A mapping of the plane along its axes: x becomes x · sx + dx. */
export interface Stretch {
  readonly sx: number
  readonly sy: number
  readonly dx: number
  readonly dy: number
}

/** The stretch that maps one box onto another; `flip` is −1 for an axis that is mirrored. */
export function stretchOf(from: Box, to: Box, flip: readonly [number, number] = [1, 1]): Stretch {
  const [sx, dx] = along(from.minX, from.maxX, to.minX, to.maxX, flip[0])
  const [sy, dy] = along(from.minY, from.maxY, to.minY, to.maxY, flip[1])
  return { sx, sy, dx, dy }
}

/** Where a shape is: the box of its geometry without the width of its line, and its rotation. Undefined if it is malformed. */
export function orientedOf(props: Patch): OrientedBox | undefined {
  const box = frameOf(props)
  return box && { box, rotation: rotationOf(props) }
}

/** The upright box around the geometry of shapes; undefined for none. */
export function extentOf(all: Iterable<Patch>): Box | undefined {
  let box: Box | undefined
  for (const props of all) {
    const oriented = orientedOf(props)
    if (oriented) box = union(box, around(oriented))
  }
  return box
}

/** Whether a shape is a chain of points between two ends. */
export function isPath(props: Patch): boolean {
  return kindOf(props)?.form === 'path'
}

/** The properties of a line or arrow with these points. */
export function pathThrough(points: readonly World[]): Patch {
  const [first, ...rest] = points
  if (!first) return {}
  const at = rounded(first)
  const relative = rest.map(({ x, y }) => [round(x - at[0]), round(y - at[1])])
  return { at, size: relative.at(-1) ?? [0, 0], bends: relative.slice(0, -1) }
}

/** Whether a line or arrow has an end that follows a shape. */
export function isBound(props: Patch): boolean {
  return isPath(props) && Boolean(props['startbind'] ?? props['endbind'])
}

/** The shape moved. Of a line that follows shapes, which never is rotated, all points are written: those of its record are only the last known. */
export function moved(props: Patch, dx: number, dy: number): Patch {
  if (isBound(props) && rotationOf(props) === 0) {
    const points = pathPoints(props).map(({ x, y }) => world(x + dx, y + dy))
    return { ...pathThrough(points), ...('rotation' in props && { rotation: 0 }) }
  }
  const at = pointOf(props['at'])
  return at ? { at: rounded(world(at.x + dx, at.y + dy)) } : {}
}

/** The shape turned about a point of the plane, by radians. */
export function turned(props: Patch, about: World, angle: number): Patch {
  const oriented = orientedOf(props)
  if (!oriented) return {}
  if (isPath(props) && oriented.rotation === 0) return pathThrough(pathPoints(props).map((p) => turn(p, about, angle)))
  const centre = centreOf(oriented.box)
  const to = turn(centre, about, angle)
  return { ...moved(props, to.x - centre.x, to.y - centre.y), rotation: wrapped(oriented.rotation + angle) }
}

/** The shape under a stretch of the plane. What is turned keeps its right angles: it is not skewed. */
export function stretched(props: Patch, by: Stretch): Patch {
  const oriented = orientedOf(props)
  if (!oriented) return {}
  const { box, rotation } = oriented
  if (rotation === 0) return reshaped(props, by)
  const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)]
  const [u, v] = [world(by.sx * cos, by.sy * sin), world(-by.sx * sin, by.sy * cos)]
  const [sx, sy] = [Math.hypot(u.x, u.y) * sign(by.sx), Math.hypot(v.x, v.y) * sign(by.sy)]
  const centre = centreOf(box)
  const [cx, cy] = [centre.x * by.sx + by.dx, centre.y * by.sy + by.dy]
  const patch = reshaped(props, { sx, sy, dx: cx - centre.x * sx, dy: cy - centre.y * sy })
  return { ...patch, rotation: wrapped(Math.atan2(u.y * sign(by.sx), u.x * sign(by.sx))) }
}

/** The shape stretched along its own axes; what its box leaves out of `from`, in its own axes, does not move on the plane. */
export function stretchedWithin(props: Patch, from: Box, to: Box, flip: readonly [number, number]): Patch {
  const oriented = orientedOf(props)
  if (!oriented) return {}
  const { box, rotation } = oriented
  const patch = reshaped(props, stretchOf(from, to, flip))
  if (rotation === 0) return patch
  const about = centreOf(box)
  const next = centreOf(orientedOf({ ...props, ...patch })!.box)
  const want = turn(next, about, rotation)
  return { ...patch, ...moved({ ...props, ...patch }, want.x - next.x, want.y - next.y) }
}

/** The shape stretched before its rotation is applied. */
function reshaped(props: Patch, by: Stretch): Patch {
  const form = kindOf(props)?.form
  if (form === 'ink') return stretchedInk(props, by)
  if (form === 'path') return pathThrough(pathPoints(props).map(({ x, y }) => world(x * by.sx + by.dx, y * by.sy + by.dy)))
  return stretchedBox(props, by)
}

function stretchedInk(props: Patch, { sx, sy, dx, dy }: Stretch): Patch {
  const at = pointOf(props['at'])
  if (!at) return {}
  const { x, y } = scaleOf(props)
  return { at: rounded(world(at.x * sx + dx, at.y * sy + dy)), scale: [scale(x * sx), scale(y * sy)] }
}

function stretchedBox(props: Patch, { sx, sy, dx, dy }: Stretch): Patch {
  const { minX, minY, maxX, maxY } = frameOf(props)!
  const [x, y] = [Math.min(minX * sx, maxX * sx) + dx, Math.min(minY * sy, maxY * sy) + dy]
  const size = [round((maxX - minX) * Math.abs(sx)), round((maxY - minY) * Math.abs(sy))]
  const patch = { at: rounded(world(x, y)), size }
  if (sx > 0 && sy > 0) return patch
  return kindOf(props)?.mirrors ? { ...patch, flip: flipped(props, sx, sy) } : patch
}

/** Text whose letters grow by a factor, about a point that stays. */
export function scaledText(props: Patch, factor: number, about: World): Patch {
  const oriented = orientedOf(props)
  if (!oriented) return {}
  const size = fontSizeOf(props)
  const next = Math.min(Math.max(size * factor, FONT_SIZES[0]), FONT_SIZES[1])
  const f = next / size
  return { ...stretchedWithin(props, oriented.box, scaledBox(oriented.box, f, about), [1, 1]), fontsize: round(next) }
}

export function fontSizeOf({ fontsize }: Patch): number {
  return typeof fontsize === 'number' ? fontsize : 20
}

function scaledBox({ minX, minY, maxX, maxY }: Box, f: number, { x, y }: World): Box {
  return { minX: x + (minX - x) * f, minY: y + (minY - y) * f, maxX: x + (maxX - x) * f, maxY: y + (maxY - y) * f }
}

function flipped(props: Patch, sx: number, sy: number): [number, number] {
  const flip = pointOf(props['flip']) ?? world(1, 1)
  return [sign(sx) * flip.x, sign(sy) * flip.y]
}

function frameOf(props: Patch): Box | undefined {
  return kindOf(props)?.frame(props)
}

function scaleOf(props: Patch): World {
  return pointOf(props['scale']) ?? world(1, 1)
}

function along(min: number, max: number, toMin: number, toMax: number, flip: number): [factor: number, shift: number] {
  const factor = (max > min ? (toMax - toMin) / (max - min) : 1) * flip
  return [factor, flip < 0 ? toMax - min * factor : toMin - min * factor]
}

/** A scale that is not 0 and not out of bounds. */
function scale(value: number): number {
  const size = Math.min(Math.max(Math.abs(value), 1 / MAX_SCALE), MAX_SCALE)
  return sign(value) * Math.round(size * 1e4) / 1e4
}

function wrapped(angle: number): number {
  const turns = Math.round(angle / (2 * Math.PI))
  return Math.round((angle - turns * 2 * Math.PI) * 1e4) / 1e4 + 0
}

function rounded({ x, y }: World): [number, number] {
  return [round(x), round(y)]
}

function round(value: number): number {
  return Math.round(value * FINE) / FINE + 0
}

function sign(value: number): 1 | -1 {
  return value < 0 ? -1 : 1
}
