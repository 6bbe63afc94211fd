import type { World } from '../geometry/point'
import type { Shape } from '../shapes'
import { orientedOf } from '../shapes/transform'
import { isInside } from '../geometry/oriented'
import type { Board } from './tool'

/** The frames on the screen, bottom first. */
export function framesIn(board: Board): readonly Shape[] {
  return board.within(board.view).filter(({ props }) => props['kind'] === 'frame')
}

/** The topmost of the frames that a point is in. */
export function frameAround(frames: readonly Shape[], at: World): Shape | undefined {
  return frames.findLast(({ props }) => {
    const box = orientedOf(props)
    return box !== undefined && isInside(box, at)
  })
}
