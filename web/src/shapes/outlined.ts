import type { Patch } from '../board/types'
import { grow, union, type Box } from '../geometry/box'
import { betweenSegments, type Segment } from '../geometry/distance'
import type { World } from '../geometry/point'
import { fillItems, groundOf } from './fill'
import { flatten } from './flatten'
import type { Path, PathItem } from './picture'
import { fillOf, sizedBox, textOf, widthOf, type Kind } from './shape'
import { OUTLINE, strokeOf } from './style'
import { BOX } from './tables'
import { MIDDLE, placingOf, textBox, textItems } from './text/label'

/** Room between a shape's line and its label. */
export const LABEL_MARGIN = 6

/** A kind of closed shape in a box: what its outline is, and where in it a label stands. */
export interface Outline extends Partial<Pick<Kind, 'shown' | 'mirrors' | 'next'>> {
  path(box: Box, shape: Patch): Path
  /** Where a label stands, margins not included. */
  inside(box: Box, shape: Patch): Box
  /** Open lines within it, painted above the fill with the same stroke; none if absent. */
  lines?(box: Box, shape: Patch): Path
}

/** The kind of shapes with such an outline: filled, labelled, an obstacle for arrows. */
export function outlined({ path, inside, lines, ...traits }: Outline): Kind {
  const corners = (shape: Patch) => flatten(path(sizedBox(shape)!, shape))[0] ?? []
  const room = (shape: Patch) => shrunk(inside(sizedBox(shape)!, shape), LABEL_MARGIN + widthOf(shape) / 2)
  return {
    form: 'box',
    table: BOX,
    shown: OUTLINE,
    ...traits,
    frame: sizedBox,
    room,

    bounds(shape) {
      const box = grow(sizedBox(shape)!, widthOf(shape) / 2)
      return textOf(shape) === '' ? box : union(box, textBox(shape, room(shape), placingOf(shape, MIDDLE)))!
    },

    touches(shape, segment, radius) {
      const around = corners(shape)
      const near = radius + widthOf(shape) / 2
      if (toChain(segment, around) <= near) return true
      if (lines && flatten(lines(sizedBox(shape)!, shape)).some((line) => toChain(segment, line) <= near)) return true
      return (fillOf(shape) !== undefined || textOf(shape) !== '') && isWithin(segment.a, around)
    },

    picture(shape, detail) {
      const outline = path(sizedBox(shape)!, shape)
      const fills = fillItems(shape, outline, () => flatten(outline)[0] ?? [], detail)
      const stroke = strokeOf(shape)
      const labels = textOf(shape) === '' ? [] : textItems(shape, room(shape), placingOf(shape, MIDDLE), { ground: groundOf(shape) })
      const inner: PathItem[] = lines ? [{ do: 'path', path: lines(sizedBox(shape)!, shape), stroke }] : []
      const fill = fills[0]
      // A plain fill and the line around it are one item.
      if (fills.length === 1 && fill!.path === outline && fill!.alpha === undefined) return [{ ...fill!, stroke }, ...inner, ...labels]
      return [...fills, { do: 'path', path: outline, stroke }, ...inner, ...labels]
    },

    outline: corners,
  }
}

/** From a segment to the nearest of the lines from point to point. */
export function toChain(segment: Segment, points: readonly World[]): number {
  let nearest = Infinity
  for (let i = 0; i < points.length; i++) {
    nearest = Math.min(nearest, betweenSegments(segment, { a: points[i]!, b: points[i + 1] ?? points[i]! }))
  }
  return nearest
}

/** Whether a point is inside a polygon (even-odd). */
export function isWithin(p: World, corners: readonly World[]): boolean {
  let inside = false
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
    const [a, b] = [corners[i]!, corners[j]!]
    if (a.y > p.y !== b.y > p.y && p.x < ((b.x - a.x) * (p.y - a.y)) / (b.y - a.y) + a.x) inside = !inside
  }
  return inside
}

/** The box without a margin, but no less than nothing. */
export function shrunk({ minX, minY, maxX, maxY }: Box, by: number): Box {
  const [x, y] = [Math.min(by, (maxX - minX) / 2), Math.min(by, (maxY - minY) / 2)]
  return { minX: minX + x, minY: minY + y, maxX: maxX - x, maxY: maxY - y }
}
