import type { World } from '../geometry/point'
import type { Shape } from '../shapes'
import { isInside } from '../geometry/oriented'
import { placeOf } from './handles'
import type { Board } from './tool'

/** The frames on the screen, bottom first. */
export function framesIn(board: Board): readonly Shape[] {
  return board.within(board.view).filter(({ props }) => props['kind'] === 'frame')
}

/** The topmost of the frames that a point is in. */
export function frameAround(frames: readonly Shape[], at: World): Shape | undefined {
  return frames.findLast((frame) => isInside(placeOf(frame), at))
}

/** The frame that something new at a point belongs to. */
export function frameAt(at: World, board: Board): Shape | undefined {
  const here = board.within({ minX: at.x, minY: at.y, maxX: at.x, maxY: at.y })
  return frameAround(here.filter(({ props }) => props['kind'] === 'frame'), at)
}
