import type { Box } from '../geometry/box'
import { world, type World } from '../geometry/point'

/** The corners, clockwise from the top left, and the first again. */
export function cornersOfBox({ minX, minY, maxX, maxY }: Box): World[] {
  return [world(minX, minY), world(maxX, minY), world(maxX, maxY), world(minX, maxY), world(minX, minY)]
}
