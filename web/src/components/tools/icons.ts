import { Circle, Diamond, Eraser, Frame, Hand, Hexagon, Highlighter, Image, Lasso, MessageSquare, MousePointer2, MoveUpRight, PenLine, Slash, Square, StickyNote, Type, WandSparkles } from '@lucide/vue'
import { h, type Component } from 'vue'
import { OUTLINES, type OutlineData } from '../../shapes/outlines'
import { outlineIn, type NamedTool, type ToolName } from '../../tools'

/** The side of the square that icons are drawn in, and of what an outline fills of it. */
const [SIDE, FILLED] = [24, 20]

/** An icon of our own, which takes what the others take. */
const icon =
  (line: string, shape: { readonly [attribute: string]: unknown }) =>
  ({ size, ...rest }: { readonly size?: number }) =>
    h('svg', { viewBox: `0 0 ${SIDE} ${SIDE}`, width: size, height: size, fill: 'none', stroke: 'currentColor', 'stroke-linecap': 'round', 'stroke-linejoin': 'round', ...rest }, h(line, shape))

const Oval = icon('ellipse', { cx: 12, cy: 12, rx: 10, ry: 6.5 })

const ICONS: { readonly [tool in NamedTool]: Component } = {
  ...{ hand: Hand, select: MousePointer2, lasso: Lasso },
  ...{ rect: Square, diamond: Diamond, ellipse: Oval, circle: Circle, polygon: Hexagon },
  ...{ arrow: MoveUpRight, line: Slash, pen: PenLine, highlighter: Highlighter },
  ...{ text: Type, note: StickyNote, image: Image, frame: Frame, eraser: Eraser, laser: WandSparkles, comment: MessageSquare },
}

const OUTLINE_ICONS = new Map([...OUTLINES].map(([kind, look]) => [kind, icon('path', { d: pathOf(look) })]))

/** What the button of a tool shows. */
export function iconOf(tool: ToolName): Component {
  return OUTLINE_ICONS.get(outlineIn(tool) ?? '') ?? ICONS[tool as NamedTool]
}

/** An outline in the middle of the square, as wide and high as it is made by keys. */
function pathOf({ outline, lines = '', size }: OutlineData): string {
  const scale = FILLED / Math.max(...size)
  let i = 0
  return `${outline} ${lines}`.replace(/[\d.-]+/g, (share) => {
    const extent = size[i++ % 2]! * scale
    return ((SIDE - extent) / 2 + Number(share) * extent).toFixed(2)
  })
}
