import type { Box } from './box'
import { world, type World } from './point'

/** A box that is turned about its middle. */
export interface OrientedBox {
  /** Before it is turned. */
  readonly box: Box
  /** Radians, clockwise. */
  readonly rotation: number
}

export function centreOf({ minX, minY, maxX, maxY }: Box): World {
  return world((minX + maxX) / 2, (minY + maxY) / 2)
}

/** A point turned about another, by radians, clockwise. */
export function turn(p: World, about: World, angle: number): World {
  if (angle === 0) return p
  const [dx, dy] = [p.x - about.x, p.y - about.y]
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  return world(about.x + dx * cos - dy * sin, about.y + dx * sin + dy * cos)
}

/** A place of the box, in shares of its width and height: [0, 0] is its first corner. */
export function placeIn({ box, rotation }: OrientedBox, u: number, v: number): World {
  const at = world(box.minX + u * (box.maxX - box.minX), box.minY + v * (box.maxY - box.minY))
  return turn(at, centreOf(box), rotation)
}

/** The corners, clockwise from the first. */
export function cornersIn(oriented: OrientedBox): readonly [World, World, World, World] {
  return [placeIn(oriented, 0, 0), placeIn(oriented, 1, 0), placeIn(oriented, 1, 1), placeIn(oriented, 0, 1)]
}

/** The upright box around it. */
export function around(oriented: OrientedBox): Box {
  return oriented.rotation === 0 ? oriented.box : boxAround(cornersIn(oriented))!
}

/** Whether a point is in it. */
export function isInside({ box, rotation }: OrientedBox, p: World, slack = 0): boolean {
  const { x, y } = turn(p, centreOf(box), -rotation)
  return x >= box.minX - slack && x <= box.maxX + slack && y >= box.minY - slack && y <= box.maxY + slack
}

/** The smallest upright box around points; undefined for none. */
export function boxAround(points: readonly World[]): Box | undefined {
  if (points.length === 0) return undefined
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { x, y } of points) {
    minX = Math.min(minX, x)
    minY = Math.min(minY, y)
    maxX = Math.max(maxX, x)
    maxY = Math.max(maxY, y)
  }
  return { minX, minY, maxX, maxY }
}
