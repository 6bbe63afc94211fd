import { eraser, type EraserState } from './eraser'
import { hand, type HandState } from './hand'
import { image, type ImageState } from './image'
import { laser, type LaserState } from './laser'
import { lining, type LineState } from './line'
import { note, type NoteState } from './note'
import { inking, type PenState } from './pen'
import { selecting, type SelectState } from './select'
import { spanning, type ShapeState, type Spanned } from './shape'
import { text, type TextState } from './text'
import { begin, type Tool, type ToolName } from './tool'

export { HOLD, NO_HINT, NO_MODIFIERS, TOOL_NAMES } from './tool'
export type { Board, Edit, Effect, Hint, Modifiers, Place, Pointer, Snap, Then, Tool, ToolEvent, ToolName } from './tool'

const span = (tool: Spanned) => () => begin<ShapeState>({ at: 'idle' }, spanning(tool))

const TOOLS: { readonly [name in ToolName]: () => Tool } = {
  hand: () => begin<HandState>({ at: 'idle' }, hand),
  select: () => begin<SelectState>({ at: 'idle' }, selecting('box')),
  lasso: () => begin<SelectState>({ at: 'idle' }, selecting('loop')),
  rect: span('rect'),
  diamond: span('diamond'),
  ellipse: span('ellipse'),
  circle: span('circle'),
  polygon: span('polygon'),
  frame: span('frame'),
  arrow: () => begin<LineState>({ at: 'idle' }, lining('arrow')),
  line: () => begin<LineState>({ at: 'idle' }, lining('line')),
  pen: () => begin<PenState>({ at: 'idle' }, inking('pen')),
  highlighter: () => begin<PenState>({ at: 'idle' }, inking('highlighter')),
  text: () => begin<TextState>({ at: 'idle' }, text),
  note: () => begin<NoteState>({ at: 'idle' }, note),
  image: () => begin<ImageState>({ at: 'idle' }, image),
  eraser: () => begin<EraserState>({ at: 'idle' }, eraser),
  laser: () => begin<LaserState>({ at: 'idle' }, laser),
}

/** Takes a tool in hand. */
export function take(name: ToolName): Tool {
  return TOOLS[name]()
}
