import { eraser, type EraserState } from './eraser'
import { hand, type HandState } from './hand'
import { pen, type PenState } from './pen'
import { spanning, type ShapeState } from './shape'
import { select, type SelectState } from './select'
import { begin, type Tool, type ToolName } from './tool'

export { NO_HINT, NO_MODIFIERS, TOOL_NAMES } from './tool'
export type { Board, Edit, Effect, Hint, Modifiers, Place, Pointer, Snap, Then, Tool, ToolEvent, ToolName } from './tool'

const TOOLS: { readonly [name in ToolName]?: () => Tool } = {
  hand: () => begin<HandState>({ at: 'idle' }, hand),
  select: () => begin<SelectState>({ at: 'idle' }, select),
  pen: () => begin<PenState>({ at: 'idle' }, pen),
  line: () => begin<ShapeState>({ at: 'idle' }, spanning('line')),
  rect: () => begin<ShapeState>({ at: 'idle' }, spanning('rect')),
  circle: () => begin<ShapeState>({ at: 'idle' }, spanning('circle')),
  ellipse: () => begin<ShapeState>({ at: 'idle' }, spanning('ellipse')),
  eraser: () => begin<EraserState>({ at: 'idle' }, eraser),
}

/** Takes a tool in hand. */
export function take(name: ToolName): Tool {
  return (TOOLS[name] ?? TOOLS.hand!)()
}
