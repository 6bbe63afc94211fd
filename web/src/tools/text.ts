import type { Patch, RecordId } from '../board/types'
import { styleFor } from '../editor/style'
import { height, width } from '../geometry/box'
import type { World } from '../geometry/point'
import { fontSizeOf } from '../shapes/transform'
import { bandOf, follow, isDrag, type Hand } from './drag'
import { frameAt } from './frames'
import { NO_HINT, type Board, type Effect, type Step } from './tool'

export type TextState = { readonly at: 'idle' } | { readonly at: 'spanning'; readonly id: RecordId; readonly hand: Hand }

/** The height of a line of text as a multiple of its size. */
const LINE_HEIGHT = 1.25

const idle: TextState = { at: 'idle' }

/** Text: a click writes on and on, a drag writes within a width. In a shape that has text, a click goes on with that. */
export const text: Step<TextState> = (state, event, board) => {
  if (state.at === 'idle') {
    if (event.type !== 'down') return [state, []]
    const { place, mods, pointer = 'mouse' } = event
    return [{ at: 'spanning', id: board.newId(), hand: { from: place, to: place, mods, pointer } }, []]
  }
  switch (event.type) {
    case 'move':
    case 'mods': {
      const hand = follow(state.hand, event)
      return [{ ...state, hand }, [{ do: 'hint', hint: isDrag(hand) ? { band: bandOf(hand) } : NO_HINT }]]
    }
    case 'up':
      return [idle, [{ do: 'hint', hint: NO_HINT }, write(state, board)]]
    case 'cancel':
      return [idle, [{ do: 'hint', hint: NO_HINT }, { do: 'give-up' }]]
    default:
      return [state, []]
  }
}

function write({ id, hand }: Extract<TextState, { at: 'spanning' }>, board: Board): Effect {
  const { at } = hand.from
  if (isDrag(hand)) return { do: 'write', id, props: wrappedText(hand, board) }
  const there = board.hit(at, 0)
  return there?.props['kind'] === 'text' ? { do: 'write', id: there.id } : { do: 'write', id, props: newText(at, board) }
}

/** Text that begins at a point, the middle of its first line; its box takes the size of what is written. */
export function newText(at: World, board: Board): Patch {
  const style = textStyle(board)
  const line = fontSizeOf(style) * LINE_HEIGHT
  return { ...style, at: [round(at.x), round(at.y - line / 2)], size: [0, round(line)], ...inFrame(at, board) }
}

function wrappedText(hand: Hand, board: Board): Patch {
  const style = textStyle(board)
  const band = bandOf(hand)
  const least = fontSizeOf(style)
  const size = [round(Math.max(width(band), least)), round(Math.max(height(band), least * LINE_HEIGHT))]
  return { ...style, at: [round(band.minX), round(band.minY)], size, wrap: true, ...inFrame(hand.from.at, board) }
}

/** Text has no background of its own: the fill that was chosen is for shapes. */
function textStyle(board: Board): Patch {
  const { fill: _, fillstyle: __, corners: ___, sides: ____, ...style } = styleFor('text', board.style)
  return { ...style, kind: 'text', z: board.newKey() }
}

function inFrame(at: World, board: Board): Patch {
  const frame = frameAt(at, board)
  return frame ? { frame: frame.id } : {}
}

function round(value: number): number {
  return Math.round(value * 100) / 100 + 0
}
