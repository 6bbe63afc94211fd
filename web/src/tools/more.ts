import { comment, type CommentState } from './comment'
import { image, type ImageState } from './image'
import { lining, type LineState } from './line'
import { note, type NoteState } from './note'
import { selecting, type SelectState } from './select'
import { spanning, type ShapeState, type Spanned } from './shape'
import { text, type TextState } from './text'
import { begin, outlineIn, type NamedTool, type Tool, type ToolName } from './tool'

export { heldShape } from './held'

const span = (tool: Spanned) => () => begin<ShapeState>({ at: 'idle' }, spanning(tool))

/** The tools that are fetched after the first ones; see index.ts. */
const TOOLS: { readonly [name in NamedTool]?: () => Tool } = {
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
  text: () => begin<TextState>({ at: 'idle' }, text),
  note: () => begin<NoteState>({ at: 'idle' }, note),
  comment: () => begin<CommentState>({ at: 'idle' }, comment),
  image: () => begin<ImageState>({ at: 'idle' }, image),
}

/** One of them; undefined if it is among the first. */
export function make(name: ToolName): Tool | undefined {
  return outlineIn(name) === undefined ? TOOLS[name as NamedTool]?.() : span(name as Spanned)()
}
