import type { Patch, RecordId } from '../board/types'
import type { Style } from '../editor/style'
import type { Box } from '../geometry/box'
import type { Segment } from '../geometry/distance'
import type { Screen, World } from '../geometry/point'
import type { Shape } from '../shapes'
import { OUTLINES } from '../shapes/outlines'

/** Every tool, in the order of the tool bar. */
export const TOOL_NAMES = [
  ...['hand', 'select', 'lasso', 'rect', 'diamond', 'ellipse', 'circle', 'polygon', 'arrow', 'line'],
  ...['pen', 'highlighter', 'text', 'note', 'image', 'frame', 'eraser', 'laser', 'comment'],
] as const

/** A tool by a name of its own. */
export type NamedTool = (typeof TOOL_NAMES)[number]

/** There is also one for each outline of the library. */
export type ToolName = NamedTool | `outline:${string}`

const OUTLINE = 'outline:'

/** The tools of all outlines, in the order of their kinds. */
export const OUTLINE_TOOLS: readonly ToolName[] = [...OUTLINES.keys()].map((kind) => `${OUTLINE}${kind}` as const)

/** The kind of outline that a tool spans; undefined for all other tools. */
export function outlineIn(tool: ToolName): string | undefined {
  return tool.startsWith(OUTLINE) ? tool.slice(OUTLINE.length) : undefined
}

/** What points: handles are larger for fingers, and thresholds wider. */
export type Pointer = 'mouse' | 'touch' | 'pen'

/** A place of the pointer. */
export interface Place {
  readonly at: World
  readonly on: Screen
  /** 0 to 1, of a pen that knows. */
  readonly pressure?: number
}

/** Keys that change what a tool does. */
export interface Modifiers {
  /** Constrain: equal sides, angles of 15°; add to the selection. */
  readonly shift: boolean
  /** From the centre; drag a copy. */
  readonly alt: boolean
  /** Ctrl, or ⌘ on a Mac: no snapping, no binding; select within groups. */
  readonly mod: boolean
}

export const NO_MODIFIERS: Modifiers = { shift: false, alt: false, mod: false }

/** What the pointer does while a tool is chosen. */
export type ToolEvent =
  | { readonly type: 'down'; readonly place: Place; readonly mods: Modifiers; readonly pointer?: Pointer; /** 2 = double click. */ readonly clicks?: number }
  /** All places since the last event, and where the hand will probably be next. */
  | { readonly type: 'move'; readonly places: readonly Place[]; readonly predicted: readonly Place[]; readonly mods: Modifiers }
  /** The pointer moves with no button down. */
  | { readonly type: 'hover'; readonly place: Place; readonly mods: Modifiers }
  /** A modifier went down or up. */
  | { readonly type: 'mods'; readonly mods: Modifiers }
  /** The pointer is down and has rested for HOLD ms. */
  | { readonly type: 'hold' }
  /** Enter: finish what takes several clicks, or use what takes one click without a pointer. */
  | { readonly type: 'finish' }
  | { readonly type: 'up' }
  /** Give up what was begun: Escape, a second finger, a lost pointer. */
  | { readonly type: 'cancel' }

/** How long the pointer rests, in ms, before a stroke is recognised or a menu opens. */
export const HOLD = 400

/** What a tool may look at. Shapes that are hidden are not in it; locked ones are only where it says so. */
export interface Board {
  /** CSS pixels per world unit. */
  readonly zoom: number
  readonly selection: ReadonlySet<RecordId>
  /** What new shapes look like. */
  readonly style: Style
  readonly snap: Snap
  /** Above all shapes: an order key for something new. */
  newKey(): string
  /** The same for several things, bottom first. */
  newKeys(count: number): readonly string[]
  newId(): RecordId
  get(id: RecordId): Shape | undefined
  /** The topmost unlocked shape within `radius` world units of a point, a filled or labelled inside included. */
  hit(at: World, radius: number): Shape | undefined
  /** The unlocked shapes whose boxes overlap a box, bottom first. */
  within(box: Box): readonly Shape[]
  /** The shapes that are selected by a click on this one: its outermost group, or itself. */
  unit(id: RecordId): readonly RecordId[]
  /** The shapes that are in a frame, bottom first. */
  children(frame: RecordId): readonly Shape[]
  /** The part of the world that this screen shows. */
  readonly view: Box
}

/** What positions snap to. */
export interface Snap {
  readonly objects: boolean
  /** The grid's step in world units; undefined = no snapping to the grid. */
  readonly grid: number | undefined
}

/** The edit of a record: an id that is not there yet makes a shape. */
export type Edit = readonly [RecordId, Patch]

/** What a tool wants done. */
export type Effect =
  | { readonly do: 'ink'; readonly places: readonly Place[]; readonly predicted: readonly Place[]; readonly brush?: 'pen' | 'highlighter' }
  | { readonly do: 'ink-done' }
  /** The stroke is finished, and at once replaced by a clean shape: undo gives the ink back. */
  | { readonly do: 'ink-became'; readonly props: Patch }
  /** Shows edits before they are made, in place of earlier ones of the gesture. */
  | { readonly do: 'preview'; readonly edits: readonly Edit[] }
  /** Makes the edits, as one step of undo, and ends the gesture. */
  | { readonly do: 'edit'; readonly edits: readonly Edit[]; readonly then?: Then }
  | { readonly do: 'erase'; readonly along: Segment }
  | { readonly do: 'erase-done' }
  | { readonly do: 'pan'; readonly dx: number; readonly dy: number }
  | { readonly do: 'select'; readonly ids: readonly RecordId[] }
  /** Opens the text of a shape, which exists or is being made with these properties, for writing. */
  | { readonly do: 'write'; readonly id: RecordId; readonly props?: Patch }
  /** Asks for pictures to put at a place. */
  | { readonly do: 'pick-image'; readonly at: World }
  /** Asks for words at a place, on a shape or on the plane. */
  | { readonly do: 'comment'; readonly at: World; readonly on?: RecordId }
  | { readonly do: 'laser'; readonly places: readonly Place[] }
  | { readonly do: 'laser-done' }
  /** What is shown above the shapes while the gesture lasts; it takes the place of what was shown before. */
  | { readonly do: 'hint'; readonly hint: Hint }
  /** How the pointer looks: a CSS cursor. */
  | { readonly do: 'cursor'; readonly cursor: string }
  /** Takes back what the gesture has done so far. */
  | { readonly do: 'give-up' }

/** What happens after something was made. */
export interface Then {
  readonly select?: readonly RecordId[]
  readonly write?: RecordId
  /** A new shape was made: whoever does not keep the tool goes back to selecting. */
  readonly made?: boolean
}

/** What is shown above the shapes during a gesture. */
export interface Hint {
  /** A rubber band. */
  readonly band?: Box
  /** The loop of a lasso. */
  readonly loop?: readonly World[]
  /** Lines that positions snap to. */
  readonly guides?: readonly Segment[]
  /** A shape that an arrow's end would be bound to. */
  readonly target?: RecordId
}

export const NO_HINT: Hint = {}

/** What a tool does next, given where it stands and what it sees. */
export type Step<S> = (state: S, event: ToolEvent, board: Board) => readonly [S, readonly Effect[]]

/** A tool in use. */
export interface Tool {
  /** Whether a gesture is under way. */
  readonly isBusy: boolean
  /** Whether that gesture moves the plane. */
  readonly isPanning: boolean
  handle(event: ToolEvent, board: Board): readonly Effect[]
}

/** A tool in use that starts idle. */
export function begin<S extends { readonly at: string }>(idle: S, step: Step<S>): Tool {
  let state = idle
  return {
    get isBusy() {
      return state.at !== 'idle'
    },
    get isPanning() {
      return state.at === 'panning'
    },
    handle(event, board) {
      const [next, effects] = step(state, event, board)
      state = next
      return effects
    },
  }
}
