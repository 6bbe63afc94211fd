import type { Step } from './tool'

export type LaserState = { readonly at: 'idle' } | { readonly at: 'pointing' }

const idle: LaserState = { at: 'idle' }

/** Shows the way of the pointer to everyone, for a moment. */
export const laser: Step<LaserState> = (state, event) => {
  if (state.at === 'idle') {
    return event.type === 'down' ? [{ at: 'pointing' }, [{ do: 'laser', places: [event.place] }]] : [state, []]
  }
  switch (event.type) {
    case 'move':
      return [state, [{ do: 'laser', places: event.places }]]
    case 'up':
    case 'cancel':
      return [idle, [{ do: 'laser-done' }]]
    default:
      return [state, []]
  }
}
