import { placeIn, centreOf } from '../geometry/oriented'
import { reachOf } from './drag'
import { NO_HINT, type Board, type Effect, type Place, type Pointer, type Step } from './tool'

export type CommentState = { readonly at: 'idle' } | { readonly at: 'pressing'; readonly place: Place; readonly pointer: Pointer }

const idle: CommentState = { at: 'idle' }

/** A click asks for a comment: on the shape beneath, which is shown while the pointer is over it, or on the plane. */
export const comment: Step<CommentState> = (state, event, board) => {
  switch (event.type) {
    case 'down':
      return [{ at: 'pressing', place: event.place, pointer: event.pointer ?? 'mouse' }, []]
    case 'hover':
      return [state, [over(event.place, 'mouse', board)]]
    case 'move': {
      const place = event.places.at(-1)
      if (state.at === 'idle' || !place) return [state, []]
      return [{ ...state, place }, [over(place, state.pointer, board)]]
    }
    case 'up':
      if (state.at === 'idle') return [state, []]
      return [idle, [{ do: 'hint', hint: NO_HINT }, at(state.place, state.pointer, board)]]
    case 'finish':
      return [idle, [{ do: 'hint', hint: NO_HINT }, withoutPointer(board)]]
    case 'cancel':
      return [idle, [{ do: 'hint', hint: NO_HINT }]]
    default:
      return [state, []]
  }
}

function over({ at }: Place, pointer: Pointer, board: Board): Effect {
  const target = board.hit(at, reachOf(pointer, board))?.id
  return { do: 'hint', hint: target === undefined ? NO_HINT : { target } }
}

function at({ at }: Place, pointer: Pointer, board: Board): Effect {
  const on = board.hit(at, reachOf(pointer, board))?.id
  return { do: 'comment', at, ...(on !== undefined && { on }) }
}

/** At the corner of what was selected last, or in the middle of the view. */
function withoutPointer(board: Board): Effect {
  const shape = board.get([...board.selection].at(-1) ?? '')
  if (!shape) return at({ at: centreOf(board.view), on: { x: 0, y: 0 } as Place['on'] }, 'mouse', board)
  return { do: 'comment', at: placeIn({ box: shape.frame, rotation: shape.rotation }, 1, 0), on: shape.id }
}
