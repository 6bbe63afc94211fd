import type { Patch } from '../board/types'
import { isBoolean, isTuple, number, oneOf } from '../board/validate'
import { grow, type Box } from '../geometry/box'
import { inkReach, NIB, outline, Pressure, runs, type InkPoint, type Nib } from '../geometry/ink'
import { world, type World } from '../geometry/point'
import { Points, POINTS_PER_UNIT, strokePoints } from '../geometry/points'
import { RecentCache } from './cache'
import { fillItems } from './fill'
import { isWithin, toChain } from './outlined'
import { Path, type Item } from './picture'
import { colorOf, fillOf, pointOf, widthOf, type Detail, type Kind } from './shape'
import { strokeOf } from './style'
import { SHAPE } from './tables'

/** How much a highlighter covers of what is beneath it. */
export const HIGHLIGHT_ALPHA = 0.4
/** A highlighter's point without a stroke is still a mark. */
const DOT = 0.5
/** How far ink of a single point is off it. */
const SLACK = 0.25
/** How many strokes' points are kept for the eraser. */
const KEPT_LINES = 2000

/** A freehand stroke: the points of its chunks, times `scale`, relative to `at`. */
export const draw: Kind = {
  form: 'ink',
  table: {
    ...SHAPE,
    scale: (value) => isTuple(value, 2, (n) => n !== 0 && Math.abs(n) <= 1000),
    brush: oneOf('pen', 'highlighter'),
    smoothing: number(0, 1),
    thinning: number(0, 1),
    closed: isBoolean,
  },
  shown: ['color', 'width', 'opacity', 'smoothing', 'thinning'],

  frame(shape) {
    // Whoever asks for the frame asks for the bounds next.
    if (last?.shape !== shape) last = { shape, frame: frameOf(shape) }
    return last.frame
  },

  bounds(shape) {
    return grow(draw.frame(shape)!, widthOf(shape) * (isHighlighter(shape) ? 2 * DOT : inkReach(nibOf(shape))) + SLACK)
  },

  touches(shape, segment, radius) {
    const points = lines.get(shape, centreLine)
    if (toChain(segment, points) <= radius + widthOf(shape) / 2) return true
    return isFilled(shape) && isWithin(segment.a, points)
  },

  picture(shape, detail) {
    const points = centreLine(shape)
    const line = new Path().polyline(points, isClosed(shape))
    const fills = isFilled(shape) ? fillItems(shape, line, () => points, detail) : []
    return [...fills, isHighlighter(shape) ? highlight(shape, points) : ink(shape, line, detail)]
  },
}

/** How a stroke's pen writes. */
export function nibOf({ thinning, smoothing }: Patch): Nib {
  return {
    thinning: typeof thinning === 'number' ? thinning : NIB.thinning,
    smoothing: typeof smoothing === 'number' ? smoothing : NIB.smoothing,
  }
}

export function isHighlighter({ brush }: Patch): boolean {
  return brush === 'highlighter'
}

/** Adds the outline of a run of ink to a path. */
export function traceRun(path: Path, run: readonly InkPoint[], width: number, nib: Nib): void {
  const polygon = outline(run, width, nib)
  const last = polygon.at(-1)
  if (!last) return
  path.move(...between(last, polygon[0]!))
  polygon.forEach((corner, i) => {
    const next = polygon[(i + 1) % polygon.length]!
    path.quadratic(...corner, ...between(corner, next))
  })
  path.close()
}

/** The line of a highlighter through points: smooth, with flat ends. */
export function traceHighlight(path: Path, points: readonly (readonly [number, number])[], width: number): void {
  const [first, ...rest] = points
  if (!first) return
  const last = rest.pop()
  if (!last) {
    path.move(first[0] - width * DOT, first[1]).line(first[0] + width * DOT, first[1])
    return
  }
  path.move(...first)
  rest.forEach((point, i) => path.quadratic(...point, ...between(point, rest[i + 1] ?? last)))
  path.line(...last)
}

function ink(shape: Patch, line: Path, detail: Detail): Item {
  const stroke = strokeOf(shape)
  if (detail === 'coarse' || stroke.dash) return { do: 'path', path: line, stroke }
  const path = new Path()
  const width = widthOf(shape)
  for (const run of runs(inkPoints(shape, width))) traceRun(path, run, width, nibOf(shape))
  return { do: 'path', path, fill: colorOf(shape) }
}

function highlight(shape: Patch, points: readonly World[]): Item {
  const path = new Path()
  const width = widthOf(shape)
  traceHighlight(path, points.map(({ x, y }) => [x, y] as const), width)
  return { do: 'path', path, stroke: { color: colorOf(shape), width, cap: 'butt', join: 'round' }, alpha: HIGHLIGHT_ALPHA }
}

function inkPoints(shape: Patch, width: number): InkPoint[] {
  const at = pointOf(shape['at'])
  const by = scaleOf(shape)
  const points = strokePoints(shape)
  const pressure = new Pressure(width)
  const ink: InkPoint[] = []
  for (let i = 0; at && i < points.length; i++) {
    const { x, y, pressure: own } = points.at(i)
    ink.push(pressure.next({ x: at.x + x * by.x, y: at.y + y * by.y, ...(points.hasPressure && { pressure: own }) }))
  }
  return isClosed(shape) && ink[0] ? [...ink, ink[0]] : ink
}

function centreLine(shape: Patch): World[] {
  const at = pointOf(shape['at'])
  const by = scaleOf(shape)
  const points = strokePoints(shape)
  const line: World[] = []
  for (let i = 0; at && i < points.length; i++) {
    const { x, y } = points.at(i)
    line.push(world(at.x + x * by.x, at.y + y * by.y))
  }
  return isClosed(shape) && line[0] ? [...line, line[0]] : line
}

let last: { readonly shape: Patch; readonly frame: Box | undefined } | undefined
/** A record that changes is another key. */
const lines = new RecentCache<Patch, World[]>(KEPT_LINES)
const scratch = new Points()

/** Read in place: boards have a hundred thousand of them. */
function frameOf(shape: Patch): Box | undefined {
  const at = pointOf(shape['at'])
  const { length, xs, ys } = strokePoints(shape, scratch)
  if (!at || length === 0) return undefined
  let minX = xs[0]!
  let minY = ys[0]!
  let maxX = minX
  let maxY = minY
  for (let i = 1; i < length; i++) {
    const x = xs[i]!
    const y = ys[i]!
    if (x < minX) minX = x
    else if (x > maxX) maxX = x
    if (y < minY) minY = y
    else if (y > maxY) maxY = y
  }
  const by = scaleOf(shape)
  const x = by.x / POINTS_PER_UNIT
  const y = by.y / POINTS_PER_UNIT
  return {
    minX: at.x + (x > 0 ? minX : maxX) * x,
    minY: at.y + (y > 0 ? minY : maxY) * y,
    maxX: at.x + (x > 0 ? maxX : minX) * x,
    maxY: at.y + (y > 0 ? maxY : minY) * y,
  }
}

function scaleOf({ scale }: Patch): World {
  return pointOf(scale) ?? world(1, 1)
}

function isClosed({ closed }: Patch): boolean {
  return closed === true
}

function isFilled(shape: Patch): boolean {
  return isClosed(shape) && fillOf(shape) !== undefined
}

function between(a: readonly [number, number], b: readonly [number, number]): [number, number] {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
}
