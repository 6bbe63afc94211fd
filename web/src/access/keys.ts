import type { KeyInput } from '../commands/chords'
import type { Direction } from './order'

/** How far a key moves a shape, and how far when it is to be exact, in world units. */
const STEP = 10
const FINE = 1

/** What a key does to the shape that has the focus. */
export type ShapeKey =
  | { readonly do: 'go'; readonly to: Direction | 'first' | 'last' | 'next' | 'previous' }
  | { readonly do: 'move' | 'resize'; readonly dx: number; readonly dy: number }
  | { readonly do: 'select'; readonly add: boolean }
  | { readonly do: 'open' | 'delete' | 'leave' }

const ARROWS: { readonly [key: string]: readonly [Direction, number, number] } = {
  ArrowLeft: ['left', -1, 0],
  ArrowRight: ['right', 1, 0],
  ArrowUp: ['up', 0, -1],
  ArrowDown: ['down', 0, 1],
}

const PLACES = { Home: 'first', End: 'last', PageDown: 'next', PageUp: 'previous' } as const

type Keys = Pick<KeyInput, 'key' | 'shift' | 'alt' | 'mod'>

/** Arrows go from shape to shape, with Shift they move it, with Alt by single units, with both they resize it. */
export function shapeKey({ key, shift, alt, mod }: Keys): ShapeKey | undefined {
  if (mod) return undefined
  const step = stepOf({ key, shift, alt, mod })
  if (step) return { do: shift && alt ? 'resize' : 'move', ...step }
  if (key === ' ' && !alt) return { do: 'select', add: shift }
  if (shift || alt) return undefined
  if (ARROWS[key]) return { do: 'go', to: ARROWS[key][0] }
  if (Object.hasOwn(PLACES, key)) return { do: 'go', to: PLACES[key as keyof typeof PLACES] }
  if (key === 'Enter' || key === 'F2') return { do: 'open' }
  if (key === 'Delete' || key === 'Backspace') return { do: 'delete' }
  return key === 'Escape' ? { do: 'leave' } : undefined
}

/** How far an arrow key with Shift or Alt goes. */
function stepOf({ key, shift, alt }: Keys): { dx: number; dy: number } | undefined {
  const arrow = ARROWS[key]
  if (!arrow || !(shift || alt)) return undefined
  const step = shift ? STEP : FINE
  return { dx: arrow[1] * step, dy: arrow[2] * step }
}

/** What a key does to a shape that is being placed. */
export type HandKey =
  | { readonly do: 'move' | 'resize'; readonly dx: number; readonly dy: number }
  | { readonly do: 'press' }
  | { readonly do: 'give-up' }

/** Arrows alone move it too: there is nowhere else to go. */
export function handKey(keys: Keys): HandKey | undefined {
  const { key, shift, alt, mod } = keys
  if (mod) return undefined
  const step = stepOf(ARROWS[key] && !alt ? { ...keys, shift: true } : keys)
  if (step) return { do: shift && alt ? 'resize' : 'move', ...step }
  if (key === 'Enter' || key === ' ') return { do: 'press' }
  return key === 'Escape' ? { do: 'give-up' } : undefined
}
