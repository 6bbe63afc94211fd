import type { Patch } from '../board/types'
import { styleFor } from '../editor/style'
import type { World } from '../geometry/point'
import { fontSizeOf } from '../shapes/transform'
import type { Board } from './tool'

/** The height of a line of text as a multiple of its size. */
const LINE_HEIGHT = 1.25

/** Text that begins at a point, the middle of its first line; its box takes the size of what is written. */
export function newText(at: World, board: Board): Patch {
  const style = styleFor('text', board.style)
  const line = fontSizeOf(style) * LINE_HEIGHT
  return { ...style, kind: 'text', at: [round(at.x), round(at.y - line / 2)], size: [0, round(line)], z: board.newKey() }
}

function round(value: number): number {
  return Math.round(value * 100) / 100 + 0
}
