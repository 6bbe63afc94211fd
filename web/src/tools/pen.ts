import { recognise } from '../geometry/recognise'
import { become } from './become'
import type { Board, Effect, Place, Step, ToolEvent } from './tool'
import { extend, pointsOf, type Trail } from './trail'

export type PenState =
  | { readonly at: 'idle' }
  /** The ink lives in the board; the way of the hand is kept to see what it was meant to be. */
  | { readonly at: 'drawing'; readonly trail: Trail | undefined }
  /** The stroke became a shape: until the pointer is up, nothing more. */
  | { readonly at: 'resting' }

export type BrushName = 'pen' | 'highlighter'

/** Strokes smaller than this, in pixels, are left as they are. */
const LEAST_SIZE = 24

const idle: PenState = { at: 'idle' }

/** Freehand ink from where the pointer went down; held still at its end, it becomes the shape it looks like. */
export function inking(brush: BrushName): Step<PenState> {
  const ink = (places: readonly Place[], predicted: readonly Place[]): Effect =>
    brush === 'pen' ? { do: 'ink', places, predicted } : { do: 'ink', places, predicted, brush }
  return (state, event, board) => {
    switch (state.at) {
      case 'idle':
        if (event.type !== 'down') return [state, []]
        return [{ at: 'drawing', trail: extend(undefined, [event.place.at]) }, [ink([event.place], [])]]
      case 'drawing':
        return whileDrawing(state, event, board, brush, ink)
      case 'resting':
        return [event.type === 'up' || event.type === 'cancel' ? idle : state, []]
    }
  }
}

type Drawing = Extract<PenState, { at: 'drawing' }>

function whileDrawing(
  state: Drawing,
  event: ToolEvent,
  board: Board,
  brush: BrushName,
  ink: (places: readonly Place[], predicted: readonly Place[]) => Effect,
): ReturnType<Step<PenState>> {
  switch (event.type) {
    case 'move': {
      const trail = extend(state.trail, event.places.map(({ at }) => at))
      return [{ at: 'drawing', trail }, [ink(event.places, event.predicted)]]
    }
    case 'hold': {
      const props = shapeFor(state, board, brush)
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

function shapeFor({ trail }: Drawing, board: Board, brush: BrushName) {
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
