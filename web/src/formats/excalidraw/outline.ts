import type { Patch } from '../../board/types'
import { height, width, type Box } from '../../geometry/box'
import { boxAround, centreOf, turn } from '../../geometry/oriented'
import { world, type World } from '../../geometry/point'
import { simplified } from '../../geometry/recognise'
import { cornersOfBox } from '../../shapes/boxed'
import { flatten } from '../../shapes/flatten'
import { kindOf } from '../../shapes/kinds'
import { flipOf, rotationOf, sizedBox } from '../../shapes/shape'
import type { Props } from '../fragment'
import * as f from './fields'
import type { Element } from './fields'

/** Kinds of shapes in a box that Excalidraw does not have are closed lines there, and the lines within them open ones. */

/** The square in which an outline is simplified, and how far a point may be off it. */
const SPAN = 1000
const SLACK = 2
/** How far a point may be from where it was written, as a share of the outline's size, until it is another outline. */
const MOVED = 0.01

/** The outline of a shape as a closed line. Its points are as few whatever its size. */
export function closedLineOf(p: Patch): Element {
  return { ...lineThrough(outlineOf(p), p), polygon: true }
}

/** The lines within the outline. */
export function innerLinesOf(p: Patch): Element[] {
  return innerOf(p).map((points) => ({ ...lineThrough(points, p), polygon: false }))
}

/** A line through points of the square, which is turned about its own middle there, not about the shape's. */
function lineThrough(sketch: readonly World[], p: Patch): Element {
  const [x, y] = p['at'] as [number, number]
  const [w, h] = p['size'] as [number, number]
  const points = sketch.map((q) => world((q.x * w) / SPAN, (q.y * h) / SPAN))
  const [first] = points as [World]
  const box = boxAround(points)!
  const middle = centreOf(box)
  const turned = turn(middle, world(w / 2, h / 2), rotationOf(p))
  return {
    ...{ type: 'line', x: x + first.x + turned.x - middle.x, y: y + first.y + turned.y - middle.y, width: width(box), height: height(box) },
    ...{ points: points.map((q) => [q.x - first.x, q.y - first.y]), lastCommittedPoint: null },
    ...{ startArrowhead: null, endArrowhead: null, startBinding: null, endBinding: null },
  }
}

/**
 * The place, size and mirroring of a shape that was written as a closed line, which may have been moved, turned, resized
 * or flipped since; `p` says what its outline was. Undefined if it is another outline now.
 */
export function shapeOfLine(e: Element, p: Patch): Props | undefined {
  const points = f.pointsOf(e['points']).map(([x, y]) => world(x, y))
  const box = boxAround(points)
  if (!box) return undefined
  const [fx, fy] = flipOf(p)
  for (const flip of [[fx, fy], [-fx, fy], [fx, -fy], [-fx, -fy]] as const) {
    const sketch = outlineOf({ ...p, flip: [...flip] })
    if (isLike(points, box, sketch)) return { ...placeOf(e, box, boxAround(sketch)!), flip: [...flip] }
  }
  return undefined
}

function placeOf(e: Element, box: Box, sketch: Box): Props {
  const [w, h] = [(SPAN * width(box)) / (width(sketch) || SPAN), (SPAN * height(box)) / (height(sketch) || SPAN)]
  const middle = centreOf(box)
  const { x, y } = centreOf(sketch)
  // From the shape's middle to that of its outline.
  const off = turn(world((x / SPAN - 0.5) * w, (y / SPAN - 0.5) * h), world(0, 0), f.numberOf(e['angle'], 0))
  const place = (at: unknown, from: number, off: number, size: number) => fine(f.coordinateOf(f.coordinateOf(at) + from - off - size / 2))
  return { at: [place(e['x'], middle.x, off.x, w), place(e['y'], middle.y, off.y, h)], size: [fine(w), fine(h)] }
}

/** Whether points are those of a sketch, each stretched to its box. */
function isLike(points: readonly World[], box: Box, sketch: readonly World[]): boolean {
  if (points.length !== sketch.length) return false
  const around = boxAround(sketch)!
  return points.every((p, i) => {
    const [a, b] = [shareOf(p, box), shareOf(sketch[i]!, around)]
    return (width(box) === 0 || Math.abs(a.x - b.x) <= MOVED) && (height(box) === 0 || Math.abs(a.y - b.y) <= MOVED)
  })
}

const shareOf = ({ x, y }: World, box: Box): World => world((x - box.minX) / (width(box) || 1), (y - box.minY) / (height(box) || 1))

/** Without what arithmetic adds to a number. */
const fine = (value: number): number => Math.round(value * 1e6) / 1e6

/** The same points in the same order however the shape is mirrored. */
const outlineOf = (p: Patch): World[] => mirrored(sketchOf(p).outline, p)
const innerOf = (p: Patch): World[][] => sketchOf(p).inner.map((points) => mirrored(points, p))

/** The lines of a kind of shape in the square, not mirrored. */
interface Sketch {
  readonly outline: readonly World[]
  readonly inner: readonly (readonly World[])[]
}

/** Sketches by what they depend on; so many are kept. */
const sketches = new Map<string, Sketch>()
const MOST_KEPT = 200

function sketchOf(p: Patch): Sketch {
  const key = JSON.stringify([p['kind'], p['sides']])
  const known = sketches.get(key)
  if (known) return known
  if (sketches.size >= MOST_KEPT) sketches.clear()
  const square: Patch = { kind: p['kind']!, ...(p['sides'] !== undefined && { sides: p['sides'] }), at: [0, 0], size: [SPAN, SPAN] }
  const kind = kindOf(square)
  const [, ...inner] = kind?.picture(square, 'full') ?? []
  const sketch: Sketch = {
    outline: simplified(kind?.outline?.(square) ?? cornersOfBox(sizedBox(square)!), SLACK),
    inner: inner.flatMap((item) => (item.do === 'path' ? flatten(item.path) : [])).map((chain) => simplified(chain, SLACK)),
  }
  sketches.set(key, sketch)
  return sketch
}

function mirrored(points: readonly World[], p: Patch): World[] {
  const [fx, fy] = flipOf(p)
  return points.map(({ x, y }) => world(fx < 0 ? SPAN - x : x, fy < 0 ? SPAN - y : y))
}
