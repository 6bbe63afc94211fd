import { world, type World } from './point'

/**
 * What two convex polygons have in common, both clockwise on the screen (Sutherland–Hodgman). If that is nothing, a polygon
 * without an inside.
 */
export function commonPart(a: readonly World[], b: readonly World[]): readonly World[] {
  let part = a
  b.forEach((from, i) => (part = leftBy(part, from, b[(i + 1) % b.length]!)))
  return part.length > 0 ? part : [a[0]!, a[0]!, a[0]!]
}

/** What a line through two points leaves of a polygon: what is on its right, as one looks along it. */
function leftBy(polygon: readonly World[], from: World, to: World): World[] {
  const side = ({ x, y }: World) => (to.x - from.x) * (y - from.y) - (to.y - from.y) * (x - from.x)
  const part: World[] = []
  polygon.forEach((p, i) => {
    const before = polygon[(i + polygon.length - 1) % polygon.length]!
    const [s, t] = [side(before), side(p)]
    if (s < 0 !== t < 0) part.push(world(before.x + ((p.x - before.x) * s) / (s - t), before.y + ((p.y - before.y) * s) / (s - t)))
    if (t >= 0) part.push(p)
  })
  return part
}
