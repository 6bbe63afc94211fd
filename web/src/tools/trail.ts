import type { World } from '../geometry/point'

/** A way that grows at its end, kept as a chain, so that a state of a tool never changes and yet nothing is copied. */
export interface Trail {
  readonly at: World
  readonly before: Trail | undefined
}

export function extend(trail: Trail | undefined, points: readonly World[]): Trail | undefined {
  let end = trail
  for (const at of points) end = { at, before: end }
  return end
}

/** The points from first to last. */
export function pointsOf(trail: Trail | undefined): World[] {
  const points: World[] = []
  for (let one = trail; one; one = one.before) points.push(one.at)
  return points.reverse()
}
