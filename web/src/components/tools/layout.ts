import type { ToolName } from '../../tools'

/** A button of the tool bar: one tool, or several that share it. The bar's groups stand apart. */
export interface Cell {
  readonly tools: readonly ToolName[]
  readonly group: number
}

export interface BarLayout {
  readonly cells: readonly Cell[]
  /** What has no room. */
  readonly rest: readonly ToolName[]
}

const SELECT: readonly ToolName[] = ['select', 'lasso']
const SHAPES: readonly ToolName[] = ['rect', 'diamond', 'ellipse', 'circle', 'polygon']
const INK: readonly ToolName[] = ['pen', 'highlighter']
const RARE: readonly ToolName[] = ['frame', 'laser', 'comment']

/** All tools side by side, the lasso alone behind another. */
const WIDE: readonly Cell[] = [
  { tools: ['hand'], group: 0 },
  { tools: SELECT, group: 0 },
  ...SHAPES.map((tool) => ({ tools: [tool], group: 1 })),
  ...(['arrow', 'line', 'pen', 'highlighter'] as const).map((tool) => ({ tools: [tool], group: 2 })),
  ...(['text', 'note', 'image'] as const).map((tool) => ({ tools: [tool], group: 3 })),
  { tools: ['eraser'], group: 4 },
]

/** Shapes share a button, and so do the two kinds of ink. */
const CLOSE: readonly Cell[] = [
  { tools: ['hand'], group: 0 },
  { tools: SELECT, group: 0 },
  { tools: SHAPES, group: 1 },
  { tools: ['arrow'], group: 1 },
  { tools: ['line'], group: 1 },
  { tools: INK, group: 1 },
  { tools: ['text'], group: 1 },
  { tools: ['note'], group: 1 },
  { tools: ['image'], group: 1 },
  { tools: ['eraser'], group: 1 },
]

/** What goes first when there is no room, the last one first. */
const PRIORITY: readonly ToolName[] = ['pen', 'eraser', 'rect', 'select', 'hand', 'text', 'arrow', 'note', 'line', 'image']

/** What a bar with room for so many tools shows. */
export function layoutFor(slots: number): BarLayout {
  if (slots >= WIDE.length) return { cells: WIDE, rest: [...RARE] }
  const rank = ({ tools }: Cell) => PRIORITY.indexOf(tools[0]!)
  const kept = [...CLOSE].sort((a, b) => rank(a) - rank(b)).slice(0, slots)
  const cells = CLOSE.filter((cell) => kept.includes(cell))
  const out = CLOSE.filter((cell) => !kept.includes(cell)).flatMap(({ tools }) => tools)
  return { cells, rest: [...out, ...RARE] }
}
