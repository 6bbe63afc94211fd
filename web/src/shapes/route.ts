import type { Json, Patch } from '../board/types'
import { world, type World } from '../geometry/point'
import { Path } from './picture'
import { pointOf } from './shape'

/** The corners of an elbow route are round, but no more than this. */
const ELBOW_RADIUS = 12

/** The points of a line or arrow that were placed, from end to end, before rotation. Empty if malformed. */
export function pathPoints(shape: Patch): World[] {
  const at = pointOf(shape['at'])
  const size = pointOf(shape['size'])
  if (!at || !size) return []
  return [at, ...pointsAfter(at, shape['bends']), world(at.x + size.x, at.y + size.y)]
}

/** The points that a line goes through: of an elbow route, its corners. */
export function routePoints(shape: Patch): World[] {
  const points = pathPoints(shape)
  const { route, via } = shape
  if (route !== 'elbow' || points.length === 0) return points
  return [points[0]!, ...pointsAfter(points[0]!, via), points.at(-1)!]
}

/** The line through the points of a route. */
export function routePath(shape: Patch): Path {
  const points = routePoints(shape)
  const closed = shape['closed'] === true
  if (shape['route'] === 'curved' && points.length > 2) return curve(points, closed)
  if (shape['route'] === 'elbow' && !closed) return elbow(points)
  return new Path().polyline(points, closed)
}

/** A smooth curve through all points (Catmull-Rom). */
function curve(points: readonly World[], closed: boolean): Path {
  const n = points.length
  const at = (i: number) => (closed ? points[(i + n) % n]! : points[Math.min(Math.max(i, 0), n - 1)]!)
  const path = new Path().move(points[0]!.x, points[0]!.y)
  for (let i = 0; i < (closed ? n : n - 1); i++) {
    const [p0, p1, p2, p3] = [at(i - 1), at(i), at(i + 1), at(i + 2)]
    path.cubic(p1.x + (p2.x - p0.x) / 6, p1.y + (p2.y - p0.y) / 6, p2.x - (p3.x - p1.x) / 6, p2.y - (p3.y - p1.y) / 6, p2.x, p2.y)
  }
  return closed ? path.close() : path
}

function elbow(points: readonly World[]): Path {
  const path = new Path().move(points[0]!.x, points[0]!.y)
  for (let i = 1; i < points.length - 1; i++) {
    const [before, corner, after] = [points[i - 1]!, points[i]!, points[i + 1]!]
    const radius = Math.min(ELBOW_RADIUS, gap(before, corner) / 2, gap(corner, after) / 2)
    const [from, to] = [toward(corner, before, radius), toward(corner, after, radius)]
    path.line(from.x, from.y).quadratic(corner.x, corner.y, to.x, to.y)
  }
  const last = points.at(-1)!
  return path.line(last.x, last.y)
}

/** The point on the way from one to another, so far from the first. */
export function toward(from: World, to: World, by: number): World {
  const length = gap(from, to)
  if (length === 0) return from
  return world(from.x + ((to.x - from.x) * by) / length, from.y + ((to.y - from.y) * by) / length)
}

function gap(a: World, b: World): number {
  return Math.hypot(b.x - a.x, b.y - a.y)
}

function pointsAfter(at: World, value: Json | undefined): World[] {
  if (!Array.isArray(value)) return []
  const points: World[] = []
  for (const item of value as Json[]) {
    const p = pointOf(item)
    if (p) points.push(world(at.x + p.x, at.y + p.y))
  }
  return points
}
