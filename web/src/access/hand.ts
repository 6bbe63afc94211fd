import { world, type Screen, type World } from '../geometry/point'
import type { Box } from '../geometry/box'
import { centreOf } from '../geometry/oriented'
import { OUTLINES } from '../shapes/outlines'
import { outlineIn, type Modifiers, type NamedTool, type Place, type ToolEvent, type ToolName } from '../tools'
import type { HandKey } from './keys'

/** How a tool is used without a pointer. */
type Way =
  /** It makes a shape of this many pixels in the middle of the view, which can be moved before it is kept. */
  | { readonly size: readonly [number, number] }
  /** It does its work with one click. */
  | 'click'
  /** It knows itself where. */
  | 'finish'
  /** The keys move a pointer, press and lift it. */
  | 'pointer'

const WAYS: { readonly [tool in NamedTool]?: Way } = {
  rect: { size: [200, 120] },
  diamond: { size: [200, 120] },
  ellipse: { size: [200, 120] },
  polygon: { size: [160, 160] },
  circle: { size: [80, 80] },
  line: { size: [200, 0] },
  arrow: { size: [200, 0] },
  frame: { size: [480, 320] },
  text: 'click',
  note: 'click',
  image: 'click',
  comment: 'finish',
  pen: 'pointer',
  highlighter: 'pointer',
  eraser: 'pointer',
  laser: 'pointer',
  lasso: 'pointer',
}

const PLAIN: Modifiers = { shift: false, alt: false, mod: false }
/** Keys place shapes exactly: what is near does not attract them. */
const EXACT: Modifiers = { ...PLAIN, mod: true }

/** The view of a board, as far as a hand needs it. */
export interface Reach {
  readonly tool: ToolName
  readonly board: { readonly zoom: number; readonly view: Box }
  /** Gives the tool an event, as the pointer would. */
  drive(event: ToolEvent): void
  toScreen(at: World): Screen
  /** Moves the view so that it shows a box. */
  reveal(box: Box): void
}

type State =
  | { readonly at: 'placing'; readonly tool: ToolName; readonly from: World; readonly to: World }
  | { readonly at: 'pointing'; readonly tool: ToolName; readonly on: World; readonly pressed: boolean }

/** What came of a key. */
export type Outcome = 'began' | 'kept' | 'pressed' | 'lifted' | 'gave-up' | 'moved'

/** A hand that uses the tools by keys alone: it does what a pointer would do. */
export class KeyHand {
  private state: State | undefined

  constructor(private readonly reach: Reach) {}

  /** What the hand does with the chosen tool; undefined while it rests. */
  get doing(): State['at'] | undefined {
    return this.state?.at
  }

  /** Where the hand's pointer is, if it shows one. */
  get pointer(): World | undefined {
    return this.state?.at === 'pointing' ? this.state.on : undefined
  }

  /** Begins with the chosen tool in the middle of the view; returns whether the tool can be used so. */
  begin(): Outcome | undefined {
    const { tool, board } = this.reach
    const way = wayOf(tool)
    const middle = centreOf(board.view)
    if (!way) return undefined
    if (way === 'click') {
      this.click(middle)
      return 'kept'
    }
    if (way === 'finish') {
      this.reach.drive({ type: 'finish' })
      return 'kept'
    }
    if (way === 'pointer') this.state = { at: 'pointing', tool, on: middle, pressed: false }
    else this.place({ at: 'placing', tool, ...spread(middle, way.size, board.zoom, tool) })
    return 'began'
  }

  /** Does what a key means while the hand is at work. */
  key(key: HandKey): Outcome | undefined {
    const { state } = this
    if (!state) return undefined
    if (key.do === 'give-up') return this.giveUp()
    if (!('dx' in key)) return state.at === 'placing' ? this.keep() : this.press(state)
    if (state.at === 'pointing') this.point(state, key.dx, key.dy)
    else this.place(shifted(state, key))
    return 'moved'
  }

  /** Lets go of everything. */
  giveUp(): Outcome | undefined {
    if (!this.state) return undefined
    this.state = undefined
    this.reach.drive({ type: 'cancel' })
    return 'gave-up'
  }

  /** From one place to another in one go: so arrows are drawn between shapes. */
  stroke(from: World, to: World): void {
    this.reach.drive(this.down(from, PLAIN))
    this.reach.drive(this.move(to, PLAIN))
    this.reach.drive({ type: 'up' })
  }

  private place(state: Extract<State, { at: 'placing' }>): void {
    if (this.state) this.reach.drive({ type: 'cancel' })
    this.state = state
    this.reach.reveal(boxOf(state))
    this.reach.drive(this.down(state.from, EXACT))
    this.reach.drive(this.move(state.to, EXACT))
  }

  private keep(): Outcome {
    this.state = undefined
    this.reach.drive({ type: 'up' })
    return 'kept'
  }

  private press(state: Extract<State, { at: 'pointing' }>): Outcome {
    const pressed = !state.pressed
    this.state = { ...state, pressed }
    this.reach.drive(pressed ? this.down(state.on, PLAIN) : { type: 'up' })
    return pressed ? 'pressed' : 'lifted'
  }

  private point(state: Extract<State, { at: 'pointing' }>, dx: number, dy: number): void {
    const on = world(state.on.x + dx / this.reach.board.zoom, state.on.y + dy / this.reach.board.zoom)
    this.state = { ...state, on }
    this.reach.reveal({ minX: on.x, minY: on.y, maxX: on.x, maxY: on.y })
    if (state.pressed) this.reach.drive(this.move(on, PLAIN))
  }

  private click(at: World): void {
    this.reach.drive(this.down(at, EXACT))
    this.reach.drive({ type: 'up' })
  }

  private down(at: World, mods: Modifiers): ToolEvent {
    return { type: 'down', place: this.placeAt(at), mods, pointer: 'mouse', clicks: 1 }
  }

  private move(at: World, mods: Modifiers): ToolEvent {
    return { type: 'move', places: [this.placeAt(at)], predicted: [], mods }
  }

  private placeAt(at: World): Place {
    return { at, on: this.reach.toScreen(at) }
  }
}

function wayOf(tool: ToolName): Way | undefined {
  const kind = outlineIn(tool)
  return kind === undefined ? WAYS[tool as NamedTool] : OUTLINES.get(kind)
}

/** The corners between which a shape begins. A circle is drawn from its middle. */
function spread(middle: World, [w, h]: readonly [number, number], zoom: number, tool: ToolName): { from: World; to: World } {
  const [dx, dy] = [Math.round(w / zoom), Math.round(h / zoom)]
  const from = tool === 'circle' ? middle : world(Math.round(middle.x - dx / 2), Math.round(middle.y - dy / 2))
  return { from, to: world(from.x + dx, tool === 'circle' ? from.y : from.y + dy) }
}

function shifted(state: Extract<State, { at: 'placing' }>, { do: what, dx, dy }: Extract<HandKey, { readonly dx: number }>): typeof state {
  const to = world(state.to.x + dx, state.to.y + dy)
  return { ...state, to, from: what === 'move' ? world(state.from.x + dx, state.from.y + dy) : state.from }
}

function boxOf({ from, to }: Extract<State, { at: 'placing' }>): Box {
  return { minX: Math.min(from.x, to.x), minY: Math.min(from.y, to.y), maxX: Math.max(from.x, to.x), maxY: Math.max(from.y, to.y) }
}
