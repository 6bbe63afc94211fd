import { height, width, type Box } from '../../geometry/box'
import { centreOf, placeIn, turn, type OrientedBox } from '../../geometry/oriented'
import { world, type World } from '../../geometry/point'
import type { Shape } from '../../shapes'
import { fitted, type Place } from '../../shapes/fit'
import { isPath, scaledText, stretched, stretchedWithin, stretchOf, type Stretch } from '../../shapes/transform'
import { wayOf, type Hand, type Outcome } from '../drag'
import { PLACES, SIDES, type Side } from '../handles'
import { snapEdges, type Snapping } from '../snapping'
import type { Edit } from '../tool'

/** A selection that is stretched by one of its handles. */
export interface Resizing {
  readonly at: 'resizing'
  readonly shapes: readonly Shape[]
  readonly box: OrientedBox
  readonly side: Side
  readonly snapping: Snapping
}

/** A box is dragged no smaller than this, in world units. */
const LEAST = 1

export function resizedBy(resizing: Resizing, hand: Hand): Outcome {
  const { shapes, box } = resizing
  const { shift, alt } = hand.mods
  const keep = keepsProportions(resizing) !== shift
  const local = turn(wayOf(hand), world(0, 0), -box.rotation)
  const free = spanOf(resizing, local, alt)
  const snapped = keep || box.rotation !== 0 ? undefined : snapEdges(resizing.snapping, boxOf(free), draggedSide(resizing.side, free), hand.mods.mod)
  const span = snapped ? spanOf(resizing, world(local.x + snapped.by.x, local.y + snapped.by.y), alt) : free
  const to = keep ? proportional(resizing, span, alt) : span
  if (isSame(to, box.box)) return { edits: [] }
  const edits = shapes.map((shape): Edit => [shape.id, stretchedShape(resizing, shape, to, alt)])
  return { edits, ...(snapped && snapped.guides.length > 0 && { hint: { guides: snapped.guides } }) }
}

/** Where the box's edges have been dragged to; `b` may lie before `a`: then it is turned over. */
interface Span {
  readonly a: World
  readonly b: World
}

function spanOf({ box: { box }, side }: Resizing, way: World, alt: boolean): Span {
  const [u, v] = PLACES[side]
  const [x, y] = [stretchAxis(box.minX, box.maxX, u, way.x, alt), stretchAxis(box.minY, box.maxY, v, way.y, alt)]
  return { a: world(x[0], y[0]), b: world(x[1], y[1]) }
}

/** The edge at `place` (0 or 1; ½ = neither) goes along, with Alt the other one against it. */
function stretchAxis(min: number, max: number, place: number, by: number, alt: boolean): [number, number] {
  if (place === 0.5 || max === min) return [min, max]
  const other = alt ? by : 0
  const [a, b] = place === 0 ? [min + by, max - other] : [min - other, max + by]
  return Math.abs(b - a) >= LEAST ? [a, b] : place === 0 ? [b - LEAST, b] : [a, a + LEAST]
}

/** Pictures, and text by its corners, keep their proportions, unless Shift says otherwise. */
function keepsProportions({ shapes, side }: Resizing): boolean {
  if (side.length < 2) return false
  return shapes.some(({ props }) => props['kind'] === 'text') || shapes.every(({ props }) => props['kind'] === 'image')
}

/** The span with the proportions of the box. Along a side the other axis grows about its middle. */
function proportional({ box: { box }, side }: Resizing, { a, b }: Span, alt: boolean): Span {
  const [wide, high] = [width(box), height(box)]
  const [fx, fy] = [wide > 0 ? (b.x - a.x) / wide : 0, high > 0 ? (b.y - a.y) / high : 0]
  const [u, v] = PLACES[side]
  const factor = u === 0.5 ? fy : v === 0.5 ? fx : Math.abs(fx) > Math.abs(fy) ? fx : fy
  const size = Math.abs(factor)
  const [sx, sy] = [u === 0.5 ? size : size * sign(fx), v === 0.5 ? size : size * sign(fy)]
  const fixed = (place: number) => (alt || place === 0.5 ? 0.5 : 1 - place)
  const x = scaledAxis(box.minX, box.maxX, fixed(u), sx)
  const y = scaledAxis(box.minY, box.maxY, fixed(v), sy)
  return { a: world(x[0], y[0]), b: world(x[1], y[1]) }
}

function scaledAxis(min: number, max: number, fixed: number, factor: number): [number, number] {
  const still = min + fixed * (max - min)
  return [still + (min - still) * factor, still + (max - still) * factor]
}

function stretchedShape({ shapes, box, side }: Resizing, { props }: Shape, span: Span, alt: boolean): Edit[1] {
  const to = boxOf(span)
  const flip = [sign(span.b.x - span.a.x), sign(span.b.y - span.a.y)] as const
  const by = stretchOf(box.box, to, flip)
  if (props['kind'] === 'text' && shapes.length === 1) return stretchedText(props, box, side, by, to)
  if (props['kind'] === 'text' && shapes.length > 1) return textAmong(props, by)
  const patch = shapes.length === 1 && !isPath(props) ? stretchedWithin(props, box.box, to, flip) : stretched(props, by)
  return fitted(props, patch, alt ? [0.5, 0.5] : stillOf(side, flip))
}

/** The point that stays, of a box that may have been turned over. */
function stillOf(side: Side, [fx, fy]: Place): Place {
  const [u, v] = PLACES[side]
  return [fx < 0 ? u : 1 - u, fy < 0 ? v : 1 - v]
}

/** Corners make the letters larger, sides break the lines. */
function stretchedText(props: Shape['props'], { box }: OrientedBox, side: Side, { sx, sy }: Stretch, to: Box): Edit[1] {
  if (side.length < 2) {
    const boxed = { ...props, size: [width(box), height(box)], wrap: true }
    return { ...stretchedWithin(boxed, box, to, [1, 1]), wrap: true }
  }
  const [u, v] = PLACES[side]
  const fixed = world(box.minX + (1 - u) * width(box), box.minY + (1 - v) * height(box))
  const centred = Math.abs(to.minX + to.maxX - box.minX - box.maxX) < 1e-6
  return scaledText(props, Math.max(Math.abs(sx), Math.abs(sy)), centred ? centreOf(box) : fixed)
}

/** Text among other shapes grows with them as far as it keeps its form. */
function textAmong(props: Shape['props'], by: Stretch): Edit[1] {
  const factor = Math.min(Math.abs(by.sx), Math.abs(by.sy))
  const middle = textCentre(props)
  const to = world(middle.x * by.sx + by.dx, middle.y * by.sy + by.dy)
  const grown = scaledText(props, factor, middle)
  const [x, y] = (grown['at'] ?? props['at']) as readonly [number, number]
  return { ...grown, at: [round(x + to.x - middle.x), round(y + to.y - middle.y)] }
}

function textCentre(props: Shape['props']): World {
  const [x, y] = props['at'] as readonly [number, number]
  const [w, h] = props['size'] as readonly [number, number]
  return placeIn({ box: { minX: x, minY: y, maxX: x + w, maxY: y + h }, rotation: 0 }, 0.5, 0.5)
}

function boxOf({ a, b }: Span): Box {
  return { minX: Math.min(a.x, b.x), minY: Math.min(a.y, b.y), maxX: Math.max(a.x, b.x), maxY: Math.max(a.y, b.y) }
}

/** The side that the hand holds, once the box is turned over. */
function draggedSide(side: Side, { a, b }: Span): Side {
  const [u, v] = PLACES[side]
  const [x, y] = [b.x < a.x ? 1 - u : u, b.y < a.y ? 1 - v : v]
  return SIDES.find((one) => PLACES[one][0] === x && PLACES[one][1] === y)!
}

function isSame({ a, b }: Span, { minX, minY, maxX, maxY }: Box): boolean {
  return a.x === minX && a.y === minY && b.x === maxX && b.y === maxY
}

function round(value: number): number {
  return Math.round(value * 100) / 100 + 0
}

function sign(value: number): 1 | -1 {
  return value < 0 ? -1 : 1
}
