import { Circle, Diamond, Eraser, Frame, Hand, Hexagon, Highlighter, Image, Lasso, MessageSquare, MousePointer2, MoveUpRight, PenLine, Slash, Square, StickyNote, Type, WandSparkles } from '@lucide/vue'
import { h, type Component } from 'vue'
import type { ToolName } from '../../tools'

const Oval = () =>
  h('svg', { viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor' }, h('ellipse', { cx: 12, cy: 12, rx: 10, ry: 6.5 }))

export const TOOL_ICONS: { readonly [tool in ToolName]: Component } = {
  ...{ hand: Hand, select: MousePointer2, lasso: Lasso },
  ...{ rect: Square, diamond: Diamond, ellipse: Oval, circle: Circle, polygon: Hexagon },
  ...{ arrow: MoveUpRight, line: Slash, pen: PenLine, highlighter: Highlighter },
  ...{ text: Type, note: StickyNote, image: Image, frame: Frame, eraser: Eraser, laser: WandSparkles, comment: MessageSquare },
}
