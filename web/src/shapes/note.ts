import { grow, height, union, width, type Box } from '../geometry/box'
import { cornersOfBox } from './boxed'
import { isWithin, shrunk, toChain } from './outlined'
import { Path, type PathItem } from './picture'
import { fillOf, sizedBox, textOf, type Kind } from './shape'
import { WORDS } from './style'
import { BOX } from './tables'
import { measureText, MIDDLE, placingOf, textBox, textItems } from './text/label'

/** Room between the paper's edge and the text. */
export const NOTE_MARGIN = 12
const RADIUS = 4
/** The shadow: ever wider and further down, each a little darkness. */
const SHADOW = [1, 2.5, 4.5, 7] as const
const DARKNESS = 0.05

/** A sticky note: coloured paper that grows downwards with its text. */
export const note: Kind = {
  form: 'box',
  table: BOX,
  shown: ['fill', 'color', 'opacity', ...WORDS, 'valign'],
  next: { kind: 'rect' },

  frame(shape) {
    const box = sizedBox(shape)
    if (!box || textOf(shape) === '') return box
    const needed = measureText(shape, width(inside(box))).height + 2 * NOTE_MARGIN
    return height(box) >= needed ? box : { ...box, maxY: box.minY + needed }
  },

  room: (shape) => inside(sizedBox(shape)!),

  bounds(shape) {
    const frame = note.frame(shape)!
    const far = SHADOW.at(-1)!
    return union(grow(frame, far), textBox(shape, inside(frame), placingOf(shape, MIDDLE)))!
  },

  touches(shape, segment, radius) {
    const corners = cornersOfBox(note.frame(shape)!)
    return isWithin(segment.a, corners) || toChain(segment, corners) <= radius
  },

  picture(shape) {
    const frame = note.frame(shape)!
    const path = new Path().rect(frame, radiusIn(frame))
    const paper = `${fillOf(shape) ?? 'yellow'} paper`
    return [...shadow(frame), { do: 'path', path, fill: paper }, ...textItems(shape, inside(frame), placingOf(shape, MIDDLE), { ground: paper })]
  },
}

function shadow(frame: Box): PathItem[] {
  const { minX, minY, maxX, maxY } = frame
  const radius = radiusIn(frame)
  return SHADOW.map((by) => ({
    do: 'path',
    path: new Path().rect({ minX: minX - by / 2, minY: minY + by / 2, maxX: maxX + by / 2, maxY: maxY + by }, radius),
    fill: 'shadow',
    alpha: DARKNESS,
  }))
}

function radiusIn(frame: Box): number {
  return Math.min(RADIUS, width(frame) / 2, height(frame) / 2)
}

function inside(box: Box): Box {
  return shrunk(box, NOTE_MARGIN)
}
