import type { Screen } from '../geometry/point'
import type { Step } from './tool'

export type HandState = { readonly at: 'idle' } | { readonly at: 'panning'; readonly last: Screen }

const idle: HandState = { at: 'idle' }

/** Drags the plane. */
export const hand: Step<HandState> = (state, event) => {
  if (state.at === 'idle') {
    return event.type === 'down' ? [{ at: 'panning', last: event.place.on }, []] : [state, []]
  }
  switch (event.type) {
    case 'move': {
      const { x, y } = event.places.at(-1)?.on ?? state.last
      return [{ at: 'panning', last: event.places.at(-1)?.on ?? state.last }, [{ do: 'pan', dx: x - state.last.x, dy: y - state.last.y }]]
    }
    case 'up':
    case 'cancel':
      return [idle, []]
    default:
      return [state, []]
  }
}
