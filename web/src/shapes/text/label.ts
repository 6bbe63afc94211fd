import type { Patch } from '../../board/types'
import { height, width, type Box } from '../../geometry/box'
import type { FontName, TextItem } from '../picture'
import { colorOf, opacityOf, textOf } from '../shape'
import { hasWidths } from './advance'
import { baselineOf, layoutText, LINE_HEIGHT, type Layout, type TextStyle } from './layout'

export const FONTS: readonly FontName[] = ['hand', 'sans', 'serif', 'mono']

/** How the text of a shape is set. */
export function textStyleOf({ font, fontsize }: Patch): TextStyle {
  return {
    font: FONTS.find((name) => name === font) ?? 'hand',
    size: typeof fontsize === 'number' ? fontsize : 20,
  }
}

/** How wide and high the text of a shape is, unless its lines are broken at a width. */
export function measureText(shape: Patch, breakAt = Infinity): { readonly width: number; readonly height: number } {
  return laidOut(shape, breakAt)
}

/** Where a label stands in its shape. */
export interface Placing {
  readonly align: 'left' | 'center' | 'right'
  readonly valign: 'top' | 'middle' | 'bottom'
}

/** Where a shape's properties say that its text stands. */
export function placingOf({ align, valign }: Patch, otherwise: Placing): Placing {
  return {
    align: align === 'left' || align === 'center' || align === 'right' ? align : otherwise.align,
    valign: valign === 'top' || valign === 'middle' || valign === 'bottom' ? valign : otherwise.valign,
  }
}

export const MIDDLE: Placing = { align: 'center', valign: 'middle' }

/** How lines are broken, if not at the width of their area, and the colour they are written on, if there is one. */
export interface Setting {
  readonly breakAt?: number
  readonly ground?: string | undefined
}

/** The lines of a shape's text within an area, which they may overflow below and above. */
export function textItems(shape: Patch, area: Box, placing: Placing, { breakAt = width(area), ground }: Setting = {}): TextItem[] {
  if (textOf(shape) === '') return []
  const style = textStyleOf(shape)
  const color = colorOn(ground, shape)
  const layout = laidOut(shape, breakAt)
  const top = topOf(layout, area, placing)
  return layout.lines
    .map(({ text, width }, i): TextItem => {
      const y = top + i * LINE_HEIGHT * style.size + baselineOf(style)
      return { do: 'text', text, x: startOf(width, area, placing), y, ...style, color, width }
    })
    .filter(({ text }) => text !== '')
}

/** The box of the lines that textItems gives; undefined for no text. */
export function textBox(shape: Patch, area: Box, placing: Placing, breakAt = width(area)): Box | undefined {
  if (textOf(shape) === '') return undefined
  const layout = laidOut(shape, breakAt)
  const minX = startOf(layout.width, area, placing)
  const minY = topOf(layout, area, placing)
  return { minX, minY, maxX: minX + layout.width, maxY: minY + layout.height }
}

function textColorOf(shape: Patch): string {
  const { textcolor } = shape
  return typeof textcolor === 'string' ? textcolor : colorOf(shape)
}

/** Less of a shape than this, and one sees what is beneath it. */
const OPAQUE = 0.5

function colorOn(ground: string | undefined, shape: Patch): string {
  const color = textColorOf(shape)
  return ground === undefined || opacityOf(shape) < OPAQUE ? color : `${color} on ${ground}`
}

function startOf(wide: number, area: Box, { align }: Placing): number {
  const room = width(area) - wide
  return area.minX + (align === 'left' ? 0 : align === 'right' ? room : room / 2)
}

function topOf(layout: Layout, area: Box, { valign }: Placing): number {
  const room = height(area) - layout.height
  return area.minY + (valign === 'top' ? 0 : valign === 'bottom' ? room : room / 2)
}

const layouts = new WeakMap<Patch, { readonly breakAt: number; readonly layout: Layout }>()

/** A record that changes is another key. */
function laidOut(shape: Patch, breakAt: number): Layout {
  const known = layouts.get(shape)
  if (known?.breakAt === breakAt) return known.layout
  const layout = layoutText(textOf(shape), textStyleOf(shape), breakAt)
  if (hasWidths()) layouts.set(shape, { breakAt, layout })
  return layout
}
