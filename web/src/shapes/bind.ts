import type { Json, Patch, RecordId } from '../board/types'
import { boxAround, centreOf, placeIn, turn } from '../geometry/oriented'
import { world, type World } from '../geometry/point'
import { cornersOfBox } from './boxed'
import { elbowRoute, rightAngled, type ElbowEnd } from './elbow'
import { kindOf } from './kinds'
import { isWithin } from './outlined'
import type { Lookup } from './picture'
import { pathPoints, toward } from './route'
import { pointOf, rotationOf, widthOf } from './shape'
import type { Box } from '../geometry/box'

/** Room between an arrow's end and the outline of what it is bound to, lines' widths not included. */
const GAP = 4
/** A place so far from the middle of a shape, as a share of its box, says on which side an elbow route arrives. */
const ASIDE = 0.3

/** Through so many lines an end may be bound to a shape; else a chain of lines bound at both ends takes for ever. */
const MAX_BOUND = 4

/** What an end is bound to, where it is on the plane. */
interface Target {
  /** The place that the end aims at. */
  readonly aim: World
  /** Whether the end is at that place, however deep in the shape. */
  readonly inside: boolean
  readonly corners: readonly World[]
  readonly width: number
}

/**
 * The properties of a shape with those filled in that other records decide: of a line or arrow, the ends that
 * follow a shape (and then all its points, unrotated), and `via`, the corners of an elbow route relative to
 * `at`. A shape that depends on nothing is returned as it is. What `lookup` does not give, or in a circle, is as if
 * it were not bound: `at`, `size` hold the last known ends.
 */
export function resolve(id: RecordId, stored: Patch, lookup: Lookup): Patch {
  return isLine(stored) ? resolveLine(stored, lookup, new Set([id])) : stored
}

/** Of the properties of a shape that was resolved those that a record may have. */
export function recordOf({ via: _, ...own }: Patch): Patch {
  return own
}

/** The records on which the looks of a line depend, through however many others. */
export function boundTo(stored: Patch, lookup: Lookup, into = new Set<RecordId>()): Set<RecordId> {
  if (!isLine(stored)) return into
  for (const bind of [bindingOf(stored['startbind']), bindingOf(stored['endbind'])]) {
    if (!bind || into.has(bind.to)) continue
    into.add(bind.to)
    const target = lookup(bind.to) as Patch | undefined
    if (target) boundTo(target, lookup, into)
  }
  return into
}

/** A binding as it is stored. */
export interface Binding {
  readonly to: RecordId
  readonly at: World
  readonly inside: boolean
}

export function bindingOf(value: Json | undefined): Binding | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { to, at, inside } = value as Patch
  const place = pointOf(at)
  return typeof to === 'string' && place ? { to, at: place, inside: inside === true } : undefined
}

function isLine(stored: Patch): boolean {
  return kindOf(stored)?.form === 'path'
}

function resolveLine(stored: Patch, lookup: Lookup, above: ReadonlySet<RecordId>): Patch {
  const start = follow(stored['startbind'], lookup, above)
  const end = follow(stored['endbind'], lookup, above)
  const elbow = stored['route'] === 'elbow'
  if (!start && !end && !elbow) return stored
  const points = pathPoints(stored)
  if (points.length === 0) return stored
  if (!start && !end) return { ...stored, via: relative(points[0]!, viaOf(points, undefined, undefined, 0)) }
  return bound(stored, unrotated(stored, points), start, end)
}

function bound(stored: Patch, points: readonly World[], start: Target | undefined, end: Target | undefined): Patch {
  const width = widthOf(stored)
  const bends = points.slice(1, -1)
  const [first, last] = [start?.aim ?? points[0]!, end?.aim ?? points.at(-1)!]
  const from = stored['route'] !== 'elbow' ? (_: Target, other: World) => other : bends.length > 0 ? abreast : beside
  let a = start ? stop(start, from(start, bends[0] ?? last, bends[1] ?? last), width) : first
  let b = end ? stop(end, from(end, bends.at(-1) ?? first, bends.at(-2) ?? first), width) : last
  if (bends.length === 0 && stored['route'] !== 'elbow' && pointsBack(a, b, first, last)) [a, b] = [first, last]
  const patch = { ...stored, at: [a.x, a.y], size: [b.x - a.x, b.y - a.y], bends: relative(a, bends), rotation: 0 }
  if (stored['route'] !== 'elbow') return patch
  return { ...patch, via: relative(a, viaOf([a, ...bends, b], start, end, width)) }
}

/** Whether a line that stops at outlines would lead away from where it aims, as between shapes that overlap: each ends beyond where the other begins. */
function pointsBack(a: World, b: World, first: World, last: World): boolean {
  return (b.x - a.x) * (last.x - first.x) + (b.y - a.y) * (last.y - first.y) < 0
}

function follow(value: Json | undefined, lookup: Lookup, above: ReadonlySet<RecordId>): Target | undefined {
  const binding = bindingOf(value)
  if (!binding || above.has(binding.to) || above.size > MAX_BOUND) return undefined
  const stored = lookup(binding.to) as Patch | undefined
  if (!stored || stored['deleted'] === true) return undefined
  return targetOf(isLine(stored) ? resolveLine(stored, lookup, new Set([...above, binding.to])) : stored, binding)
}

function targetOf(props: Patch, { at, inside }: Binding): Target | undefined {
  const kind = kindOf(props)
  const box = kind?.frame(props)
  if (!kind || !box) return undefined
  const rotation = rotationOf(props)
  const corners = kind.outline ? kind.outline(props) : cornersOfBox(box)
  const middle = centreOf(box)
  return {
    aim: placeIn({ box, rotation }, at.x, at.y),
    inside,
    corners: corners.map((corner) => turn(corner, middle, rotation)),
    width: widthOf(props),
  }
}

/** Where an end that comes from a point and aims at a shape stops. A place beside the shape stands for the outline there. */
function stop({ aim, inside, corners, width }: Target, from: World, own: number): World {
  if (inside || corners.length === 0 || isWithin(from, corners)) return aim
  const goal = isWithin(aim, corners) ? aim : (firstHit(aim, centreOf(boxAround(corners)!), corners) ?? aim)
  const hit = firstHit(from, goal, corners) ?? goal
  const gap = GAP + (width + own) / 2
  const way = Math.hypot(from.x - hit.x, from.y - hit.y)
  return toward(hit, from, Math.min(gap, way / 2))
}

/** The point nearest to `from` at which the way to `to` crosses a closed line. */
function firstHit(from: World, to: World, corners: readonly World[]): World | undefined {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  let nearest = Infinity
  corners.forEach((a, i) => {
    const b = corners[(i + 1) % corners.length]!
    const [ex, ey] = [b.x - a.x, b.y - a.y]
    const cross = dx * ey - dy * ex
    if (Math.abs(cross) < 1e-12) return
    const t = ((a.x - from.x) * ey - (a.y - from.y) * ex) / cross
    const s = ((a.x - from.x) * dy - (a.y - from.y) * dx) / cross
    if (t >= 0 && t <= 1 && s >= 0 && s <= 1) nearest = Math.min(nearest, t)
  })
  return nearest <= 1 ? world(from.x + dx * nearest, from.y + dy * nearest) : undefined
}

/** The point straight beside a shape at which an elbow route turns towards a bend and what is beyond it. */
function abreast({ aim, corners }: Target, bend: World, beyond: World): World {
  const level = Math.abs(bend.y - beyond.y) <= 0.01
  const upright = Math.abs(bend.x - beyond.x) <= 0.01
  const turn = level === upright ? bend : level ? world(aim.x, bend.y) : world(bend.x, aim.y)
  return isWithin(turn, corners) ? bend : turn
}

/** A point straight beside a shape, on the side on which an elbow route arrives. */
function beside(target: Target, other: World): World {
  const { aim } = target
  const side = sideOf(target, other)
  const box = boxAround(target.corners)
  if (!side || !box) return other
  if (side.x !== 0) return world(side.x > 0 ? Math.max(box.maxX, aim.x) + 1e4 : Math.min(box.minX, aim.x) - 1e4, aim.y)
  return world(aim.x, side.y > 0 ? Math.max(box.maxY, aim.y) + 1e4 : Math.min(box.minY, aim.y) - 1e4)
}

/** The direction away from a shape on the side on which a route arrives; undefined if it ends inside. */
function sideOf({ aim, inside, corners }: Target, other: World): World | undefined {
  const box = boxAround(corners)
  if (inside || !box) return undefined
  const [w, h] = [Math.max(box.maxX - box.minX, 1e-6), Math.max(box.maxY - box.minY, 1e-6)]
  const middle = centreOf(box)
  const [u, v] = [(aim.x - middle.x) / w, (aim.y - middle.y) / h]
  if (Math.max(Math.abs(u), Math.abs(v)) > ASIDE) return axis(u, v)
  return axis((other.x - middle.x) / w, (other.y - middle.y) / h)
}

function axis(x: number, y: number): World {
  return Math.abs(x) > Math.abs(y) ? world(x < 0 ? -1 : 1, 0) : world(0, y < 0 ? -1 : 1)
}

/** The corners of an elbow route, ends not included. */
function viaOf(points: readonly World[], start: Target | undefined, end: Target | undefined, width: number): World[] {
  if (points.length > 2) return rightAngled(points).slice(1, -1)
  const [a, b] = [points[0]!, points[1]!]
  const grownBy = GAP + width
  return elbowRoute(elbowEnd(a, start, end?.aim ?? b), elbowEnd(b, end, start?.aim ?? a), grownBy).slice(1, -1)
}

function elbowEnd(at: World, target: Target | undefined, other: World): ElbowEnd {
  const side = target && sideOf(target, other)
  const box: Box | undefined = target && !target.inside ? boxAround(target.corners) : undefined
  return { at, ...(side && { side }), ...(box && { box }) }
}

/** The points where they are on the plane. */
function unrotated(stored: Patch, points: readonly World[]): readonly World[] {
  const rotation = rotationOf(stored)
  if (rotation === 0) return points
  const middle = centreOf(boxAround(points)!)
  return points.map((p) => turn(p, middle, rotation))
}

function relative(at: World, points: readonly World[]): [number, number][] {
  return points.map(({ x, y }) => [x - at.x, y - at.y])
}
