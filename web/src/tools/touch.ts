import { distance, type Screen } from '../geometry/point'

/** A second finger this soon after the first, in ms, or before the first has moved this far, in pixels, begins a pinch. */
export const PINCH_WITHIN = 200
export const PINCH_BEFORE = 12

/** What the fingers do. */
export type TouchState =
  | { readonly at: 'idle' }
  /** One finger uses the tool. */
  | { readonly at: 'drawing'; readonly id: number; readonly start: Screen; readonly since: number; readonly moved: number }
  | { readonly at: 'pinching'; readonly fingers: readonly [Finger, Finger] }
  /** The gesture is over, but fingers are still down; they do nothing. */
  | { readonly at: 'resting'; readonly ids: readonly number[] }

interface Finger {
  readonly id: number
  readonly on: Screen
}

export type TouchEventKind = 'down' | 'move' | 'up' | 'cancel'

export interface TouchInput {
  readonly type: TouchEventKind
  readonly id: number
  readonly on: Screen
  /** Ms. */
  readonly time: number
}

export type TouchEffect =
  /** The event is the tool's. */
  | { readonly do: 'tool'; readonly type: TouchEventKind }
  | { readonly do: 'pinch'; readonly from: readonly [Screen, Screen]; readonly to: readonly [Screen, Screen] }

const idle: TouchState = { at: 'idle' }

/**
 * One finger draws, two pan and zoom. A second finger that comes at once takes back what the first has
 * begun; one that comes later is a resting hand and does nothing.
 */
export function touch(state: TouchState, input: TouchInput): readonly [TouchState, readonly TouchEffect[]] {
  switch (state.at) {
    case 'idle':
      return input.type === 'down' ? draw(input) : [state, []]
    case 'drawing':
      return input.id === state.id ? whileDrawing(state, input) : secondFinger(state, input)
    case 'pinching':
      return pinch(state, input)
    case 'resting':
      return rest(state, input)
  }
}

function draw({ id, on, time }: TouchInput): ReturnType<typeof touch> {
  return [{ at: 'drawing', id, start: on, since: time, moved: 0 }, [{ do: 'tool', type: 'down' }]]
}

type Drawing = Extract<TouchState, { at: 'drawing' }>

function whileDrawing(state: Drawing, { type, on }: TouchInput): ReturnType<typeof touch> {
  if (type === 'up' || type === 'cancel') return [idle, [{ do: 'tool', type }]]
  return [{ ...state, moved: Math.max(state.moved, distance(state.start, on)) }, [{ do: 'tool', type: 'move' }]]
}

function secondFinger(state: Drawing, { type, id, on, time }: TouchInput): ReturnType<typeof touch> {
  const early = time - state.since <= PINCH_WITHIN || state.moved < PINCH_BEFORE
  if (type !== 'down' || !early) return [state, []]
  const first = { id: state.id, on: state.start }
  return [{ at: 'pinching', fingers: [first, { id, on }] }, [{ do: 'tool', type: 'cancel' }]]
}

function pinch(state: Extract<TouchState, { at: 'pinching' }>, { type, id, on }: TouchInput): ReturnType<typeof touch> {
  const { fingers } = state
  if (!fingers.some((finger) => finger.id === id)) return [state, []]
  if (type === 'up' || type === 'cancel') {
    return [{ at: 'resting', ids: fingers.filter((finger) => finger.id !== id).map((finger) => finger.id) }, []]
  }
  const next = fingers.map((finger) => (finger.id === id ? { id, on } : finger)) as unknown as [Finger, Finger]
  const from = [fingers[0].on, fingers[1].on] as const
  const to = [next[0].on, next[1].on] as const
  return [{ at: 'pinching', fingers: next }, [{ do: 'pinch', from, to }]]
}

/** Until all fingers are up. */
function rest(state: Extract<TouchState, { at: 'resting' }>, { type, id }: TouchInput): ReturnType<typeof touch> {
  if (type === 'down') return [{ at: 'resting', ids: [...state.ids, id] }, []]
  if (type === 'move') return [state, []]
  const ids = state.ids.filter((known) => known !== id)
  return [ids.length > 0 ? { at: 'resting', ids } : idle, []]
}
