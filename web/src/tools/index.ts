import { eraser, type EraserState } from './eraser'
import { hand, type HandState } from './hand'
import { laser, type LaserState } from './laser'
import { inking, type PenState } from './pen'
import { begin, type NamedTool, type Tool, type ToolName } from './tool'

export { HOLD, NO_HINT, NO_MODIFIERS, outlineIn, OUTLINE_TOOLS, TOOL_NAMES } from './tool'
export type { Board, Edit, Effect, Hint, Modifiers, NamedTool, Place, Pointer, Snap, Then, Tool, ToolEvent, ToolName } from './tool'

/** The tools that are not needed for the first stroke, and the eye for shapes, once they have been fetched. */
let more: typeof import('./more') | undefined

const became = (...about: Parameters<typeof import('./more').heldShape>) => more?.heldShape(...about)

const FIRST: { readonly [name in NamedTool]?: () => Tool } = {
  hand: () => begin<HandState>({ at: 'idle' }, hand),
  pen: () => begin<PenState>({ at: 'idle' }, inking('pen', became)),
  highlighter: () => begin<PenState>({ at: 'idle' }, inking('highlighter', became)),
  eraser: () => begin<EraserState>({ at: 'idle' }, eraser),
  laser: () => begin<LaserState>({ at: 'idle' }, laser),
}

/** Fetches the tools that `take` does not have at once. */
export async function prepare(): Promise<void> {
  more ??= await import('./more')
}

/** Takes a tool in hand; until it has been fetched, it does nothing. */
export function take(name: ToolName): Tool {
  return FIRST[name as NamedTool]?.() ?? later(name)
}

function later(name: ToolName): Tool {
  let tool: Tool | undefined
  return {
    get isBusy() {
      return tool?.isBusy ?? false
    },
    get isPanning() {
      return tool?.isPanning ?? false
    },
    handle(event, board) {
      tool ??= more?.make(name)
      return tool?.handle(event, board) ?? []
    },
  }
}
