import type { Patch } from '../board/types'
import { width, type Box } from '../geometry/box'
import { toChain, isWithin } from './outlined'
import { cornersOfBox } from './boxed'
import { pointOf, sizedBox, type Kind } from './shape'
import { WORDS } from './style'
import { BOX } from './tables'
import { LINE_HEIGHT } from './text/layout'
import { measureText, placingOf, textBox, textItems, textStyleOf, type Placing } from './text/label'

const TOP_LEFT: Placing = { align: 'left', valign: 'top' }

/**
 * Text. Its box is as high as its lines; as wide as they are, or, when it wraps, as its `size` says. So
 * it fits whoever changed the words, the font or the size.
 */
export const text: Kind = {
  form: 'box',
  table: BOX,
  shown: ['color', 'opacity', ...WORDS],
  defaults: { ...TOP_LEFT },

  frame(shape) {
    const at = pointOf(shape['at'])
    const box = sizedBox(shape)
    if (!at || !box) return undefined
    const size = measureText(shape, breakOf(shape, box))
    const wide = isWrapped(shape) ? width(box) : size.width
    return { minX: box.minX, minY: box.minY, maxX: box.minX + wide, maxY: box.minY + Math.max(size.height, lineOf(shape)) }
  },

  bounds(shape) {
    const frame = text.frame(shape)!
    const box = textBox(shape, frame, placingOf(shape, TOP_LEFT), breakOf(shape, frame))
    // A letter may be wider than the box.
    return box ? { ...frame, minX: Math.min(frame.minX, box.minX), maxX: Math.max(frame.maxX, box.maxX) } : frame
  },

  touches(shape, segment, radius) {
    const corners = cornersOfBox(text.bounds(shape))
    return isWithin(segment.a, corners) || toChain(segment, corners) <= radius
  },

  picture(shape) {
    const frame = text.frame(shape)!
    return textItems(shape, frame, placingOf(shape, TOP_LEFT), { breakAt: breakOf(shape, frame) })
  },
}

function isWrapped({ wrap }: Patch): boolean {
  return wrap === true
}

function breakOf(shape: Patch, box: Box): number {
  return isWrapped(shape) ? width(box) : Infinity
}

function lineOf(shape: Patch): number {
  return LINE_HEIGHT * textStyleOf(shape).size
}
