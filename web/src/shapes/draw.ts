import type { Patch } from '../board/types'
import { grow, type Box } from '../geometry/box'
import { betweenSegments } from '../geometry/distance'
import { INK_REACH, Pressure, outline, runs, type InkPoint } from '../geometry/ink'
import { world, type World } from '../geometry/point'
import { strokePoints } from '../geometry/points'
import { colorOf, pointOf, widthOf, type Brush, type Kind } from './shape'

/** Ink thinner than this, in device pixels, is drawn as a plain line: nobody sees the difference. */
const HAIRLINE = 1.2
/** How many strokes' paths are kept. */
const MAX_CACHED = 20_000

/** A freehand stroke: the points of its chunks, relative to `at`. */
export const draw: Kind = {
  box(shape) {
    const points = centreLine(shape)
    return points.length === 0 ? undefined : grow(around(points), widthOf(shape) * INK_REACH)
  },

  touches(shape, segment, radius) {
    const reach = radius + widthOf(shape) / 2
    const points = centreLine(shape)
    return points.some((a, i) => betweenSegments({ a, b: points[i + 1] ?? a }, segment) <= reach)
  },

  paint(shape, brush) {
    if (widthOf(shape) * brush.scale < HAIRLINE) paintLine(shape, brush)
    else paintInk(shape, brush)
  },
}

/** Adds the outline of a run of ink to a path. */
export function traceRun(path: Path2D, run: readonly InkPoint[], width: number): void {
  const polygon = outline(run, width)
  const last = polygon.at(-1)
  if (!last) return
  path.moveTo(...between(last, polygon[0]!))
  polygon.forEach((corner, i) => {
    const next = polygon[(i + 1) % polygon.length]!
    path.quadraticCurveTo(...corner, ...between(corner, next))
  })
  path.closePath()
}

function paintInk(shape: Patch, { pen, css }: Brush): void {
  pen.fillStyle = css(colorOf(shape))
  pen.fill(outlines.of(shape))
}

function paintLine(shape: Patch, { pen, css, scale }: Brush): void {
  pen.strokeStyle = css(colorOf(shape))
  pen.lineWidth = Math.max(widthOf(shape), 0.5 / scale)
  pen.lineCap = 'round'
  pen.lineJoin = 'round'
  pen.stroke(lines.of(shape))
}

/** Paths by record; a record that changes is another key. */
class PathCache {
  private paths = new WeakMap<Patch, Path2D>()
  private count = 0

  constructor(private readonly make: (shape: Patch) => Path2D) {}

  of(shape: Patch): Path2D {
    const known = this.paths.get(shape)
    if (known) return known
    if (++this.count > MAX_CACHED) this.clear()
    const path = this.make(shape)
    this.paths.set(shape, path)
    return path
  }

  private clear(): void {
    this.paths = new WeakMap()
    this.count = 1
  }
}

const outlines = new PathCache((shape) => {
  const path = new Path2D()
  const width = widthOf(shape)
  for (const run of runs(inkPoints(shape, width))) traceRun(path, run, width)
  return path
})

const lines = new PathCache((shape) => {
  const path = new Path2D()
  const [first, ...rest] = centreLine(shape)
  if (!first) return path
  path.moveTo(first.x, first.y)
  if (rest.length === 0) path.lineTo(first.x, first.y)
  for (const { x, y } of rest) path.lineTo(x, y)
  return path
})

function inkPoints(shape: Patch, width: number): InkPoint[] {
  const at = pointOf(shape['at'])
  const points = strokePoints(shape)
  const pressure = new Pressure(width)
  const ink: InkPoint[] = []
  for (let i = 0; at && i < points.length; i++) {
    const { x, y, pressure: own } = points.at(i)
    ink.push(pressure.next({ x: at.x + x, y: at.y + y, ...(points.hasPressure && { pressure: own }) }))
  }
  return ink
}

function centreLine(shape: Patch): World[] {
  const at = pointOf(shape['at'])
  const points = strokePoints(shape)
  const line: World[] = []
  for (let i = 0; at && i < points.length; i++) {
    const { x, y } = points.at(i)
    line.push(world(at.x + x, at.y + y))
  }
  return line
}

function around(points: readonly World[]): Box {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { x, y } of points) {
    minX = Math.min(minX, x)
    minY = Math.min(minY, y)
    maxX = Math.max(maxX, x)
    maxY = Math.max(maxY, y)
  }
  return { minX, minY, maxX, maxY }
}

function between(a: readonly [number, number], b: readonly [number, number]): [number, number] {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
}
