import type { Patch } from '../board/types'
import { string } from '../board/validate'
import { union, type Box } from '../geometry/box'
import { grow } from '../geometry/box'
import { cornersOfBox } from './boxed'
import { isWithin, toChain } from './outlined'
import { Path, type TextItem } from './picture'
import { fillOf, sizedBox, type Kind } from './shape'
import { isExtent, SHAPE } from './tables'
import { baselineOf, layoutText, LINE_HEIGHT } from './text/layout'

const NAME = { font: 'sans', size: 14 } as const
/** Room between the name and the frame. */
const ABOVE = 4
const BORDER = 1.5
const COLOR = 'grey'

/** A frame with its name above; clips the shapes that are in it. */
export const frame: Kind = {
  form: 'box',
  table: { ...SHAPE, size: isExtent, name: string(200) },
  shown: [],

  frame: sizedBox,

  bounds(shape) {
    const box = sizedBox(shape)!
    return union(grow(box, BORDER / 2), nameBox(shape, box))!
  },

  /** By its border and its name; what is in it can be had without it. */
  touches(shape, segment, radius) {
    const box = sizedBox(shape)!
    const name = nameBox(shape, box)
    if (toChain(segment, cornersOfBox(box)) <= radius + BORDER / 2) return true
    if (name && isWithin(segment.a, cornersOfBox(name))) return true
    return fillOf(shape) !== undefined && isWithin(segment.a, cornersOfBox(box))
  },

  picture(shape) {
    const box = sizedBox(shape)!
    const fill = fillOf(shape)
    const stroke = { color: COLOR, width: BORDER, cap: 'butt', join: 'miter' } as const
    return [{ do: 'path', path: new Path().rect(box), ...(fill !== undefined && { fill }), stroke }, ...nameItems(shape, box)]
  },
}

/** On one line, however long. */
function nameOf({ name }: Patch): string {
  return typeof name === 'string' ? name.replace(/\s+/g, ' ').trim() : ''
}

function nameItems(shape: Patch, box: Box): TextItem[] {
  const place = nameBox(shape, box)
  if (!place) return []
  const width = place.maxX - place.minX
  return [{ do: 'text', text: nameOf(shape), x: place.minX, y: place.minY + baselineOf(NAME), ...NAME, color: COLOR, width }]
}

function nameBox(shape: Patch, { minX, minY }: Box): Box | undefined {
  const name = nameOf(shape)
  if (name === '') return undefined
  const { width } = layoutText(name, NAME)
  return { minX, minY: minY - ABOVE - LINE_HEIGHT * NAME.size, maxX: minX + width, maxY: minY - ABOVE }
}
