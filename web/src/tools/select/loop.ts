import type { RecordId } from '../../board/types'
import { boxOf, type Box } from '../../geometry/box'
import { boxAround, cornersIn } from '../../geometry/oriented'
import type { World } from '../../geometry/point'
import { touches, type Shape } from '../../shapes'
import type { Hand, Outcome } from '../drag'
import type { Board, Place } from '../tool'
import { extend, pointsOf, type Trail } from '../trail'
import { unitsOf } from './box'

/** A lasso: selects what its line crosses or goes around, with Shift in addition to what was selected. */
export interface Looping {
  readonly at: 'looping'
  readonly before: readonly RecordId[]
  readonly trail: Trail | undefined
  /** What the line has crossed. */
  readonly crossed: ReadonlySet<RecordId>
}

/** Extends the loop by where the hand has been. */
export function looped(loop: Looping, places: readonly Place[], board: Board): Looping {
  const crossed = new Set(loop.crossed)
  let trail = loop.trail
  for (const { at } of places) {
    for (const id of crossing(trail?.at ?? at, at, board)) crossed.add(id)
    trail = extend(trail, [at])
  }
  return { ...loop, trail, crossed }
}

export function lassoed({ before, trail, crossed }: Looping, { mods }: Hand, board: Board): Outcome {
  const loop = pointsOf(trail)
  const area = boxAround(loop)
  const near = area ? board.within(area) : []
  const caught = near.filter((shape) => crossed.has(shape.id) || isAround(loop, shape.box))
  return { hint: { loop }, select: unitsOf(caught, mods.shift ? before : [], board) }
}

/** Frames are caught only as a whole. */
function crossing(a: World, b: World, board: Board): RecordId[] {
  const touched = (shape: Shape) => shape.props['kind'] !== 'frame' && touches(shape, { a, b }, 0)
  return board.within(boxOf(a, b)).filter(touched).map(({ id }) => id)
}

function isAround(loop: readonly World[], box: Box): boolean {
  return cornersIn({ box, rotation: 0 }).every((corner) => isInLoop(loop, corner))
}

/** Whether a ray from the point crosses the loop an odd number of times. */
function isInLoop(loop: readonly World[], { x, y }: World): boolean {
  let inside = false
  loop.forEach((a, i) => {
    const b = loop[(i + 1) % loop.length]!
    if (a.y > y !== b.y > y && x < a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)) inside = !inside
  })
  return inside
}
