import type { Json, Patch } from '../board/types'
import type { Segment } from '../geometry/distance'
import type { Screen, World } from '../geometry/point'

export type ToolName = 'hand' | 'pen' | 'line' | 'rect' | 'circle' | 'ellipse' | 'eraser'

/** A place of the pointer. */
export interface Place {
  readonly at: World
  readonly on: Screen
  /** 0 to 1, of a pen that knows. */
  readonly pressure?: number
}

/** Keys that change what a tool does. */
export interface Modifiers {
  /** Constrain: equal sides, angles of 15°. */
  readonly shift: boolean
  /** From the centre. */
  readonly alt: boolean
}

/** What the pointer does while a tool is chosen. */
export type ToolEvent =
  | { readonly type: 'down'; readonly place: Place; readonly mods: Modifiers }
  /** All places since the last event, and where the hand will probably be next. */
  | { readonly type: 'move'; readonly places: readonly Place[]; readonly predicted: readonly Place[]; readonly mods: Modifiers }
  /** A modifier went down or up. */
  | { readonly type: 'mods'; readonly mods: Modifiers }
  | { readonly type: 'up' }
  /** Give up what was begun. */
  | { readonly type: 'cancel' }

/** A shape's kind and place. */
export interface Outline {
  readonly kind: string
  readonly at: readonly [number, number]
  readonly size: readonly [number, number]
}

/** What a tool wants done. */
export type Effect =
  | { readonly do: 'ink'; readonly places: readonly Place[]; readonly predicted: readonly Place[] }
  | { readonly do: 'ink-done' }
  | { readonly do: 'preview'; readonly outline: Outline }
  | { readonly do: 'shape-done'; readonly outline: Outline }
  | { readonly do: 'erase'; readonly along: Segment }
  | { readonly do: 'erase-done' }
  | { readonly do: 'pan'; readonly dx: number; readonly dy: number }
  /** Takes back what the gesture has done so far. */
  | { readonly do: 'give-up' }

/** What a tool does next, given where it stands. */
export type Step<S> = (state: S, event: ToolEvent) => readonly [S, readonly Effect[]]

/** A tool in use. */
export interface Tool {
  /** Whether a gesture is under way. */
  readonly isBusy: boolean
  handle(event: ToolEvent): readonly Effect[]
}

/** A tool in use that starts idle. */
export function begin<S extends { readonly at: string }>(idle: S, step: Step<S>): Tool {
  let state = idle
  return {
    get isBusy() {
      return state.at !== 'idle'
    },
    handle(event) {
      const [next, effects] = step(state, event)
      state = next
      return effects
    },
  }
}

/** An outline as properties of a record. */
export function propsOf({ kind, at, size }: Outline): Patch {
  return { kind, at: at as unknown as Json, size: size as unknown as Json }
}
