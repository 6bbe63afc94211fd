import type { RecordId } from '../board/types'
import { boxOf, type Box } from '../geometry/box'
import { distance, world, type World } from '../geometry/point'
import { NO_HINT, type Board, type Edit, type Effect, type Hint, type Modifiers, type Place, type Pointer, type Then } from './tool'

/** What the hand has done since the pointer went down. */
export interface Hand {
  readonly from: Place
  readonly to: Place
  readonly mods: Modifiers
  readonly pointer: Pointer
}

/** What a drag comes to so far. All of it is thrown away when the hand moves on. */
export interface Outcome {
  readonly edits?: readonly Edit[]
  readonly hint?: Hint
  readonly select?: readonly RecordId[]
  readonly then?: Then
}

/** Pixels that the pointer moves before it drags; less is a click. */
export const THRESHOLD: { readonly [pointer in Pointer]: number } = { mouse: 4, pen: 4, touch: 6 }
/** How near to a shape counts as on it, in pixels. */
const HIT: { readonly [pointer in Pointer]: number } = { mouse: 5, pen: 6, touch: 14 }

export function isDrag({ from, to, pointer }: Hand): boolean {
  return distance(from.on, to.on) >= THRESHOLD[pointer]
}

/** How near to a shape counts as on it, in world units. */
export function reachOf(pointer: Pointer, board: Board): number {
  return HIT[pointer] / board.zoom
}

/** How far the hand has come, in world units. */
export function wayOf({ from, to }: Hand): World {
  return world(to.at.x - from.at.x, to.at.y - from.at.y)
}

export function bandOf({ from, to }: Hand): Box {
  return boxOf(from.at, to.at)
}

/** The hand after a move or a change of the modifiers. */
export function follow(hand: Hand, event: { readonly places?: readonly Place[]; readonly mods: Modifiers }): Hand {
  return { ...hand, to: event.places?.at(-1) ?? hand.to, mods: event.mods }
}

/** Shows what a drag comes to so far. */
export function show({ edits, hint, select }: Outcome): Effect[] {
  const effects: Effect[] = []
  if (edits) effects.push({ do: 'preview', edits })
  if (select) effects.push({ do: 'select', ids: select })
  effects.push({ do: 'hint', hint: hint ?? NO_HINT })
  return effects
}

/** Does what a drag has come to. */
export function settle({ edits, select, then }: Outcome): Effect[] {
  const effects: Effect[] = [{ do: 'hint', hint: NO_HINT }]
  if (edits && edits.length > 0) effects.push({ do: 'edit', edits, ...(then && { then }) })
  else effects.push({ do: 'give-up' })
  if (select) effects.push({ do: 'select', ids: select })
  return effects
}

/** Takes everything back, the selection included. */
export function giveUp(selection: readonly RecordId[]): Effect[] {
  return [{ do: 'hint', hint: NO_HINT }, { do: 'give-up' }, { do: 'select', ids: selection }]
}
