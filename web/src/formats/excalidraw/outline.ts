import type { Patch } from '../../board/types'
import { height, width } from '../../geometry/box'
import { boxAround } from '../../geometry/oriented'
import type { World } from '../../geometry/point'
import { simplified } from '../../geometry/recognise'
import { cornersOfBox } from '../../shapes/boxed'
import { kindOf } from '../../shapes/kinds'
import { sizedBox } from '../../shapes/shape'
import type { Props } from '../fragment'
import * as f from './fields'
import type { Element } from './fields'

/** Kinds of shapes in a box that Excalidraw does not have are closed lines there. */

/** The square in which an outline is simplified, and how far a point may be off it. */
const SPAN = 1000
const SLACK = 2

/** The outline of a shape as a closed line. Its points are as few whatever its size. */
export function closedLineOf(p: Patch): Element {
  const [x, y] = p['at'] as [number, number]
  const [w, h] = p['size'] as [number, number]
  const points = sketchOf(p).map((q): [number, number] => [(q.x * w) / SPAN, (q.y * h) / SPAN])
  const [x0, y0] = points[0]!
  const box = boxAround(points.map(([px, py]) => ({ x: px, y: py }) as World))!
  return {
    ...{ type: 'line', x: x + x0, y: y + y0, width: width(box), height: height(box) },
    ...{ points: points.map(([px, py]) => [px - x0, py - y0]), polygon: true, lastCommittedPoint: null },
    ...{ startArrowhead: null, endArrowhead: null, startBinding: null, endBinding: null },
  }
}

/** The place and size of a shape that was written as a closed line, which may have been moved or resized since; `p` says what its outline is. */
export function boxOfLine(e: Element, p: Patch): Props {
  const box = boxAround(f.pointsOf(e['points']).map(([x, y]) => ({ x, y }) as World))
  const sketch = boxAround(sketchOf(p))
  if (!box || !sketch) return {}
  const [w, h] = [(SPAN * width(box)) / (width(sketch) || SPAN), (SPAN * height(box)) / (height(sketch) || SPAN)]
  const place = (at: unknown, from: number, least: number, size: number) => fine(f.coordinateOf(f.coordinateOf(at) + from - (least * size) / SPAN))
  return { at: [place(e['x'], box.minX, sketch.minX, w), place(e['y'], box.minY, sketch.minY, h)], size: [fine(w), fine(h)] }
}

/** Without what arithmetic adds to a number. */
const fine = (value: number): number => Math.round(value * 1e6) / 1e6

function sketchOf(p: Patch): World[] {
  const square: Patch = { ...p, at: [0, 0], size: [SPAN, SPAN], corners: 'sharp' }
  const outline = kindOf(p)?.outline?.(square) ?? cornersOfBox(sizedBox(square)!)
  return simplified(outline, SLACK)
}
