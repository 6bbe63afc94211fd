import type { Effect, Step } from './tool'

export type PenState = { readonly at: 'idle' } | { readonly at: 'drawing' }

const idle: PenState = { at: 'idle' }

/** Freehand ink. The points live in the board, not here; the first is where the pointer went down. */
export const pen: Step<PenState> = (state, event) => {
  if (state.at === 'idle') {
    if (event.type !== 'down') return [state, []]
    return [{ at: 'drawing' }, [{ do: 'ink', places: [event.place], predicted: [] }]]
  }
  switch (event.type) {
    case 'move':
      return [state, [{ do: 'ink', places: event.places, predicted: event.predicted }]]
    case 'up':
      return [idle, [{ do: 'ink-done' }]]
    case 'cancel':
      return [idle, [{ do: 'give-up' } satisfies Effect]]
    default:
      return [state, []]
  }
}
