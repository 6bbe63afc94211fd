import type { Place, Step } from './tool'

export type ImageState = { readonly at: 'idle' } | { readonly at: 'pressing'; readonly place: Place }

const idle: ImageState = { at: 'idle' }

/** A click asks for pictures to put there. */
export const image: Step<ImageState> = (state, event) => {
  if (state.at === 'idle') return event.type === 'down' ? [{ at: 'pressing', place: event.place }, []] : [state, []]
  if (event.type === 'up') return [idle, [{ do: 'pick-image', at: state.place.at }]]
  return event.type === 'cancel' ? [idle, []] : [state, []]
}
