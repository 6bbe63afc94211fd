import type { Patch } from '../board/types'
import type { Board, Effect, Place, Step, ToolEvent } from './tool'
import { extend, type Trail } from './trail'

export type PenState =
  | { readonly at: 'idle' }
  /** The ink lives in the board; the way of the hand is kept to see what it was meant to be. */
  | { readonly at: 'drawing'; readonly trail: Trail | undefined }
  /** The stroke became a shape: until the pointer is up, nothing more. */
  | { readonly at: 'resting' }

export type BrushName = 'pen' | 'highlighter'

/** The shape that a stroke held still was meant to be, if any. */
export type Became = (trail: Trail | undefined, board: Board, brush: BrushName) => Patch | undefined

const idle: PenState = { at: 'idle' }

/** Freehand ink from where the pointer went down; held still at its end, it becomes the shape it looks like. */
export function inking(brush: BrushName, became: Became): Step<PenState> {
  const ink = (places: readonly Place[], predicted: readonly Place[]): Effect =>
    brush === 'pen' ? { do: 'ink', places, predicted } : { do: 'ink', places, predicted, brush }
  return (state, event, board) => {
    switch (state.at) {
      case 'idle':
        if (event.type !== 'down') return [state, []]
        return [{ at: 'drawing', trail: extend(undefined, [event.place.at]) }, [ink([event.place], [])]]
      case 'drawing':
        return whileDrawing(state, event, ink, () => became(state.trail, board, brush))
      case 'resting':
        return [event.type === 'up' || event.type === 'cancel' ? idle : state, []]
    }
  }
}

type Drawing = Extract<PenState, { at: 'drawing' }>

function whileDrawing(
  state: Drawing,
  event: ToolEvent,
  ink: (places: readonly Place[], predicted: readonly Place[]) => Effect,
  became: () => Patch | undefined,
): ReturnType<Step<PenState>> {
  switch (event.type) {
    case 'move': {
      const trail = extend(state.trail, event.places.map(({ at }) => at))
      return [{ at: 'drawing', trail }, [ink(event.places, event.predicted)]]
    }
    case 'hold': {
      const props = became()
      return props ? [{ at: 'resting' }, [{ do: 'ink-became', props }]] : [state, []]
    }
    case 'up':
      return [idle, [{ do: 'ink-done' }]]
    case 'cancel':
      return [idle, [{ do: 'give-up' }]]
    default:
      return [state, []]
  }
}
