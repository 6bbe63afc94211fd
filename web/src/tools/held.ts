import type { Patch } from '../board/types'
import { recognise } from '../geometry/recognise'
import { become } from './become'
import type { BrushName } from './pen'
import type { Board } from './tool'
import { pointsOf, type Trail } from './trail'

/** Strokes smaller than this, in pixels, are left as they are. */
const LEAST_SIZE = 24

/** The shape that a stroke held still was meant to be; undefined if it is too small, or like none. */
export function heldShape(trail: Trail | undefined, board: Board, brush: BrushName): Patch | undefined {
  const points = pointsOf(trail)
  const xs = points.map(({ x }) => x)
  const ys = points.map(({ y }) => y)
  const size = Math.max(spread(xs), spread(ys))
  if (size * board.zoom < LEAST_SIZE) return undefined
  const what = recognise(points)
  return what && become(what, brush, board)
}

function spread(values: readonly number[]): number {
  let [least, most] = [Infinity, -Infinity]
  for (const value of values) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  return most - least
}
