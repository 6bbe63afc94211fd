import type { World } from './point'

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

/** Whether both ends of each lie on different sides of the other. */
function cross(s: Segment, t: Segment): boolean {
  return side(s, t.a) * side(s, t.b) < 0 && side(t, s.a) * side(t, s.b) < 0
}

function side({ a, b }: Segment, p: World): number {
  return Math.sign((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x))
}
