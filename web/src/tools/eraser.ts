import type { World } from '../geometry/point'
import type { Effect, Step } from './tool'

export type EraserState = { readonly at: 'idle' } | { readonly at: 'erasing'; readonly last: World }

const idle: EraserState = { at: 'idle' }

/** Removes whole shapes that the pointer touches; a drag over several is one gesture. */
export const eraser: Step<EraserState> = (state, event) => {
  if (state.at === 'idle') {
    if (event.type !== 'down') return [state, []]
    const { at } = event.place
    return [{ at: 'erasing', last: at }, [{ do: 'erase', along: { a: at, b: at } }]]
  }
  switch (event.type) {
    case 'move': {
      const stops = [state.last, ...event.places.map(({ at }) => at)]
      const effects = stops.slice(1).map((b, i): Effect => ({ do: 'erase', along: { a: stops[i]!, b } }))
      return [{ at: 'erasing', last: stops.at(-1)! }, effects]
    }
    case 'up':
      return [idle, [{ do: 'erase-done' }]]
    case 'cancel':
      return [idle, [{ do: 'give-up' }]]
    default:
      return [state, []]
  }
}
