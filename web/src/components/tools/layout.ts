import type { NamedTool } from '../../tools'

/** The tools of shapes that may become one another, or an outline of the library. A circle is an ellipse. */
export const BOXES: readonly NamedTool[] = ['rect', 'diamond', 'ellipse', 'polygon']

/** A button of the tool bar: one tool, or several that share it. The bar's groups stand apart. */
export interface Cell {
  readonly tools: readonly NamedTool[]
  readonly group: number
  /** Whether it has the outlines of the library too, or nothing else. */
  readonly hasOutlines?: true
}

export interface BarLayout {
  readonly cells: readonly Cell[]
  /** What has no room. */
  readonly rest: readonly NamedTool[]
}

const SELECT: readonly NamedTool[] = ['select', 'lasso']
const SHAPES: readonly NamedTool[] = ['rect', 'diamond', 'ellipse', 'circle', 'polygon']
const INK: readonly NamedTool[] = ['pen', 'highlighter']
const RARE: readonly NamedTool[] = ['frame', 'laser', 'comment']

/** All tools side by side, the lasso alone behind another. */
const WIDE: readonly Cell[] = [
  { tools: ['hand'], group: 0 },
  { tools: SELECT, group: 0 },
  ...SHAPES.map((tool) => ({ tools: [tool], group: 1 })),
  { tools: [], group: 1, hasOutlines: true },
  ...(['arrow', 'line', 'pen', 'highlighter'] as const).map((tool) => ({ tools: [tool], group: 2 })),
  ...(['text', 'note', 'image'] as const).map((tool) => ({ tools: [tool], group: 3 })),
  { tools: ['eraser'], group: 4 },
]

/** The last shape and the outlines share a button. */
const SNUG: readonly Cell[] = WIDE.filter(({ tools }) => tools.length > 0).map((cell) => (cell.tools[0] === SHAPES.at(-1) ? { ...cell, hasOutlines: true } : cell))

/** Shapes share a button, and so do the two kinds of ink. */
const CLOSE: readonly Cell[] = [
  { tools: ['hand'], group: 0 },
  { tools: SELECT, group: 0 },
  { tools: SHAPES, group: 1, hasOutlines: true },
  { tools: ['arrow'], group: 1 },
  { tools: ['line'], group: 1 },
  { tools: INK, group: 1 },
  { tools: ['text'], group: 1 },
  { tools: ['note'], group: 1 },
  { tools: ['image'], group: 1 },
  { tools: ['eraser'], group: 1 },
]

/** What goes first when there is no room, the last one first. */
const PRIORITY: readonly NamedTool[] = ['pen', 'eraser', 'rect', 'select', 'hand', 'text', 'arrow', 'note', 'line', 'image']

/** What a bar with room for so many tools shows. The outlines are among the rest unless a cell has them. */
export function layoutFor(slots: number): BarLayout {
  if (slots >= SNUG.length) return { cells: slots >= WIDE.length ? WIDE : SNUG, rest: [...RARE] }
  const rank = ({ tools }: Cell) => PRIORITY.indexOf(tools[0]!)
  const kept = [...CLOSE].sort((a, b) => rank(a) - rank(b)).slice(0, slots)
  const cells = CLOSE.filter((cell) => kept.includes(cell))
  const out = CLOSE.filter((cell) => !kept.includes(cell)).flatMap(({ tools }) => tools)
  return { cells, rest: [...out, ...RARE] }
}
