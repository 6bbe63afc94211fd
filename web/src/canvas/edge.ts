import type { Size } from '../geometry/camera'
import type { Screen } from '../geometry/point'

/** So near to the edge, in pixels, the plane scrolls; and the most pixels per frame. */
const ZONE = 8
const MOST = 25
/** A pointer this far beyond the zone scrolls fastest. */
const FULL = 60

/** How far the plane moves per frame while something is dragged to the edge. */
export function edgeSpeed({ x, y }: Screen, { width, height }: Size): readonly [dx: number, dy: number] {
  return [along(x, width), along(y, height)]
}

function along(at: number, length: number): number {
  if (at < ZONE) return speed(ZONE - at)
  if (at > length - ZONE) return -speed(at - length + ZONE)
  return 0
}

function speed(beyond: number): number {
  return Math.min(MOST, 4 + (MOST * beyond) / FULL)
}
