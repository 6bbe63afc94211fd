import type { Box } from './box'
import { world, type World } from './point'

/** A piece of a straight line. */
export interface Segment {
  readonly a: World
  readonly b: World
}

/** From a point to the nearest point of a segment. */
export function toSegment(p: World, { a, b }: Segment): number {
  const dx = b.x - a.x
  const dy = b.y - a.y
  const length = dx * dx + dy * dy
  const t = length === 0 ? 0 : Math.min(Math.max(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0), 1)
  return Math.hypot(p.x - a.x - t * dx, p.y - a.y - t * dy)
}

/** Between the nearest points of two segments; 0 when they cross. */
export function betweenSegments(s: Segment, t: Segment): number {
  if (cross(s, t)) return 0
  return Math.min(toSegment(s.a, t), toSegment(s.b, t), toSegment(t.a, s), toSegment(t.b, s))
}

/** Between a segment and the nearest side of a box; the inside of a box is empty. */
export function toOutline(s: Segment, { minX, minY, maxX, maxY }: Box): number {
  const corners = [world(minX, minY), world(maxX, minY), world(maxX, maxY), world(minX, maxY)]
  return Math.min(...corners.map((a, i) => betweenSegments(s, { a, b: corners[(i + 1) % 4]! })))
}

/** Between a segment and an ellipse inscribed in a box, to within a thousandth of its size; the inside is empty. */
export function toEllipse(s: Segment, { minX, minY, maxX, maxY }: Box): number {
  const cx = (minX + maxX) / 2
  const cy = (minY + maxY) / 2
  const rx = (maxX - minX) / 2
  const ry = (maxY - minY) / 2
  let nearest = Infinity
  let a = world(cx + rx, cy)
  for (let i = 1; i <= ELLIPSE_SIDES; i++) {
    const angle = (2 * Math.PI * i) / ELLIPSE_SIDES
    const b = world(cx + rx * Math.cos(angle), cy + ry * Math.sin(angle))
    nearest = Math.min(nearest, betweenSegments(s, { a, b }))
    a = b
  }
  return nearest
}

/** The sagitta of a side of the inscribed polygon is below 1/1000 of the radius. */
const ELLIPSE_SIDES = 72

/** Whether both ends of each lie on different sides of the other. */
function cross(s: Segment, t: Segment): boolean {
  return side(s, t.a) * side(s, t.b) < 0 && side(t, s.a) * side(t, s.b) < 0
}

function side({ a, b }: Segment, p: World): number {
  return Math.sign((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x))
}
