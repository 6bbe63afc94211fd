import { boxAround, centreOf, cornersIn, turn, type OrientedBox } from './oriented'
import { toSegment } from './distance'
import { distance, world, type World } from './point'

/** What a stroke was meant to be. */
export type Recognised =
  | { readonly kind: 'line' | 'arrow'; readonly a: World; readonly b: World }
  | { readonly kind: 'triangle'; readonly corners: readonly [World, World, World] }
  | { readonly kind: 'rect' | 'ellipse'; readonly box: OrientedBox }

/** Strokes are compared by this many points, evenly spaced: neither size nor speed of the hand matters. */
const SAMPLES = 96
/** All that follows is in shares of the stroke's size: the diagonal of its box. */
const STRAIGHT = 0.045
/** How far apart the ends of a closed stroke are, at most. */
const CLOSED = 0.22
/** Mean and greatest distance between a stroke and the shape it is taken for. */
const MEAN_MISS = 0.024
const WORST_MISS = 0.09
/** Narrower than this share of its length, a closed stroke is no shape. */
const NARROW = 0.1
/** Within 8° a rectangle or ellipse is upright. */
const UPRIGHT = (8 * Math.PI) / 180
/** Sides that differ by less than this share make a circle. */
const ROUND = 0.16

/** The line, arrow, triangle, rectangle or ellipse that a stroke looks like, if it looks like one. */
export function recognise(stroke: readonly World[]): Recognised | undefined {
  const points = resampled(stroke, SAMPLES)
  const size = sizeOf(points)
  if (points.length < SAMPLES || size === 0) return undefined
  return lineOf(points, size) ?? arrowOf(points, size) ?? closedOf(points)
}

function lineOf(points: readonly World[], size: number): Recognised | undefined {
  const [a, b] = [points[0]!, points.at(-1)!]
  if (distance(a, b) < 0.9 * size || lengthOf(points) > 1.12 * distance(a, b)) return undefined
  return points.every((p) => toSegment(p, { a, b }) <= STRAIGHT * size) ? { kind: 'line', a, b } : undefined
}

/** How long the barbs of an arrow are, as shares of its shaft, and how far they open. */
const BARB = { least: 0.06, most: 0.6, narrow: (12 * Math.PI) / 180, wide: (75 * Math.PI) / 180 } as const

/** A straight shaft, then a head in the same stroke: back along one barb and over to the other. */
function arrowOf(points: readonly World[], size: number): Recognised | undefined {
  const corners = simplified(points, 0.035 * size)
  const [a, tip, first, ...rest] = corners
  if (!a || !tip || !first || rest.length < 1 || rest.length > 2) return undefined
  const last = rest.at(-1)!
  if (rest.length === 2 && distance(rest[0]!, tip) > 0.2 * distance(a, tip)) return undefined
  const [one, other] = [barb(a, tip, first), barb(a, tip, last)]
  return one !== 0 && other !== 0 && one !== other ? { kind: 'arrow', a, b: tip } : undefined
}

/** On which side of the shaft a barb is; 0 = it is none. */
function barb(a: World, tip: World, end: World): number {
  const share = distance(tip, end) / distance(a, tip)
  if (share < BARB.least || share > BARB.most) return 0
  const angle = difference(Math.atan2(end.y - tip.y, end.x - tip.x), Math.atan2(a.y - tip.y, a.x - tip.x))
  return Math.abs(angle) >= BARB.narrow && Math.abs(angle) <= BARB.wide ? Math.sign(angle) : 0
}

/** The best of the closed shapes, if it is good enough. */
function closedOf(points: readonly World[]): Recognised | undefined {
  const loop = loopOf(points)
  if (!loop) return undefined
  const size = sizeOf(loop)
  const fits = [rectOf(loop), ellipseOf(loop), triangleOf(loop)]
  let best: Fit | undefined
  for (const fit of fits) if (fit && (!best || fit.mean < best.mean)) best = fit
  return best && best.mean <= MEAN_MISS * size && best.worst <= WORST_MISS * size ? best.shape : undefined
}

interface Fit {
  readonly shape: Recognised
  /** Distances between stroke and shape. */
  readonly mean: number
  readonly worst: number
}

/** The stroke from where it meets itself to where it does again, evenly spaced; what sticks out is cut off. */
function loopOf(points: readonly World[]): World[] | undefined {
  const size = sizeOf(points)
  const slack = Math.floor(points.length / 6)
  let best: readonly [number, number, number] | undefined
  for (let i = 0; i < slack; i++) {
    for (let j = points.length - slack; j < points.length; j++) {
      // What is cut off counts a little, so that a gap is not bought with a side.
      const cost = distance(points[i]!, points[j]!) + (0.15 * size * (i + points.length - 1 - j)) / slack
      if (!best || cost < best[2]) best = [i, j, cost]
    }
  }
  if (!best) return undefined
  const loop = points.slice(best[0], best[1] + 1)
  if (distance(loop[0]!, loop.at(-1)!) > CLOSED * size) return undefined
  return resampled([...loop, loop[0]!], SAMPLES)
}

function rectOf(loop: readonly World[]): Fit | undefined {
  const box = leastBox(loop)
  if (isNarrow(box)) return undefined
  const upright = uprightened(box, loop)
  return fitOf({ kind: 'rect', box: upright }, loop, cornersIn(upright))
}

function ellipseOf(loop: readonly World[]): Fit | undefined {
  const box = momentBox(loop)
  if (isNarrow(box)) return undefined
  const upright = uprightened(box)
  return fitOf({ kind: 'ellipse', box: upright }, loop, ellipsePoints(upright))
}

function triangleOf(loop: readonly World[]): Fit | undefined {
  const corners = widestTriangle(hullOf(loop))
  if (!corners) return undefined
  const [a, b, c] = corners
  const longest = Math.max(distance(a, b), distance(b, c), distance(c, a))
  if (areaOf(corners) < 0.5 * NARROW * 2 * longest * longest) return undefined
  return fitOf({ kind: 'triangle', corners }, loop, corners)
}

function fitOf(shape: Recognised, loop: readonly World[], outline: readonly World[]): Fit {
  const misses = loop.map((p) => toPolygon(p, outline))
  const back = resampled([...outline, outline[0]!], SAMPLES / 2).map((p) => toPolygon(p, loop))
  const all = [...misses, ...back]
  return { shape, mean: all.reduce((sum, miss) => sum + miss, 0) / all.length, worst: Math.max(...all) }
}

function toPolygon(p: World, outline: readonly World[]): number {
  let least = Infinity
  for (let i = 0; i < outline.length; i++) {
    least = Math.min(least, toSegment(p, { a: outline[i]!, b: outline[(i + 1) % outline.length]! }))
  }
  return least
}

function isNarrow({ box }: OrientedBox): boolean {
  const [w, h] = [box.maxX - box.minX, box.maxY - box.minY]
  return Math.min(w, h) < NARROW * Math.max(w, h)
}

/** A box that is nearly upright, or nearly on its side, made so; a nearly equal-sided one of an ellipse becomes a circle's. */
function uprightened(oriented: OrientedBox, loop?: readonly World[]): OrientedBox {
  const { box } = oriented
  const [w, h] = [box.maxX - box.minX, box.maxY - box.minY]
  const quarter = Math.round(oriented.rotation / (Math.PI / 2))
  const isRound = !loop && Math.abs(w - h) < ROUND * Math.max(w, h)
  const centre = centreOf(box)
  if (isRound) return { box: boxAt(centre, (w + h) / 2, (w + h) / 2), rotation: 0 }
  if (Math.abs(oriented.rotation - (quarter * Math.PI) / 2) > UPRIGHT) return oriented
  if (loop) return { box: trimmedBox(loop), rotation: 0 }
  return { box: quarter % 2 === 0 ? boxAt(centre, w, h) : boxAt(centre, h, w), rotation: 0 }
}

function boxAt({ x, y }: World, w: number, h: number): OrientedBox['box'] {
  return { minX: x - w / 2, minY: y - h / 2, maxX: x + w / 2, maxY: y + h / 2 }
}

/** The upright box that as many points are outside of as are inside of on each side. */
function trimmedBox(loop: readonly World[]): OrientedBox['box'] {
  const { minX, minY, maxX, maxY } = boxAround(loop)!
  const [w, h] = [maxX - minX, maxY - minY]
  const side = (values: readonly number[], fallback: number) => (values.length > 0 ? mean(values) : fallback)
  const near = 0.12
  return {
    minX: side(loop.filter(({ x }) => x - minX < near * w).map(({ x }) => x), minX),
    maxX: side(loop.filter(({ x }) => maxX - x < near * w).map(({ x }) => x), maxX),
    minY: side(loop.filter(({ y }) => y - minY < near * h).map(({ y }) => y), minY),
    maxY: side(loop.filter(({ y }) => maxY - y < near * h).map(({ y }) => y), maxY),
  }
}

/** The box of the least area around points, in steps of a side of their hull. */
function leastBox(points: readonly World[]): OrientedBox {
  const hull = hullOf(points)
  let best: OrientedBox | undefined
  let least = Infinity
  hull.forEach((a, i) => {
    const b = hull[(i + 1) % hull.length]!
    const angle = Math.atan2(b.y - a.y, b.x - a.x)
    const box = boxAround(hull.map((p) => turn(p, world(0, 0), -angle)))!
    const area = (box.maxX - box.minX) * (box.maxY - box.minY)
    if (area >= least) return
    least = area
    best = turnedBox(box, angle)
  })
  return best ?? { box: boxAround(points)!, rotation: 0 }
}

/** A box in a plane turned about the origin, as a box turned about its own middle. */
function turnedBox(box: OrientedBox['box'], angle: number): OrientedBox {
  const centre = turn(centreOf(box), world(0, 0), angle)
  return { box: boxAt(centre, box.maxX - box.minX, box.maxY - box.minY), rotation: halved(angle) }
}

/** The box of the ellipse with the same area, middle and spread as the inside of a loop. */
function momentBox(loop: readonly World[]): OrientedBox {
  const origin = loop[0]!
  let [area, mx, my, mxx, myy, mxy] = [0, 0, 0, 0, 0, 0]
  for (let i = 0; i < loop.length; i++) {
    const [a, b] = [loop[i]!, loop[(i + 1) % loop.length]!]
    const [ax, ay, bx, by] = [a.x - origin.x, a.y - origin.y, b.x - origin.x, b.y - origin.y]
    const cross = ax * by - bx * ay
    area += cross / 2
    mx += ((ax + bx) * cross) / 6
    my += ((ay + by) * cross) / 6
    mxx += ((ax * ax + ax * bx + bx * bx) * cross) / 12
    myy += ((ay * ay + ay * by + by * by) * cross) / 12
    mxy += ((ax * by + 2 * ax * ay + 2 * bx * by + bx * ay) * cross) / 24
  }
  if (Math.abs(area) < 1e-9) return { box: boxAround(loop)!, rotation: 0 }
  const [cx, cy] = [mx / area, my / area]
  const [xx, yy, xy] = [mxx / area - cx * cx, myy / area - cy * cy, mxy / area - cx * cy]
  const spread = Math.hypot((xx - yy) / 2, xy)
  const [more, less] = [(xx + yy) / 2 + spread, Math.max((xx + yy) / 2 - spread, 0)]
  const angle = 0.5 * Math.atan2(2 * xy, xx - yy)
  return { box: boxAt(world(origin.x + cx, origin.y + cy), 4 * Math.sqrt(more), 4 * Math.sqrt(less)), rotation: angle }
}

function ellipsePoints({ box, rotation }: OrientedBox): World[] {
  const centre = centreOf(box)
  const [rx, ry] = [(box.maxX - box.minX) / 2, (box.maxY - box.minY) / 2]
  return Array.from({ length: 48 }, (_, i) => {
    const angle = (2 * Math.PI * i) / 48
    return turn(world(centre.x + rx * Math.cos(angle), centre.y + ry * Math.sin(angle)), centre, rotation)
  })
}

/** The corners of the triangle of the greatest area among points. */
function widestTriangle(hull: readonly World[]): [World, World, World] | undefined {
  let best: [World, World, World] | undefined
  let most = 0
  for (let i = 0; i < hull.length; i++) {
    for (let j = i + 1; j < hull.length; j++) {
      for (let k = j + 1; k < hull.length; k++) {
        const corners: [World, World, World] = [hull[i]!, hull[j]!, hull[k]!]
        const area = areaOf(corners)
        if (area <= most) continue
        most = area
        best = corners
      }
    }
  }
  return best
}

function areaOf([a, b, c]: readonly [World, World, World]): number {
  return Math.abs((b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y)) / 2
}

/** The convex hull, counter-clockwise. */
function hullOf(points: readonly World[]): World[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y)
  const half = (order: readonly World[]) => {
    const chain: World[] = []
    for (const p of order) {
      while (chain.length > 1 && turnsRight(chain.at(-2)!, chain.at(-1)!, p)) chain.pop()
      chain.push(p)
    }
    return chain.slice(0, -1)
  }
  return [...half(sorted), ...half(sorted.reverse())]
}

function turnsRight(a: World, b: World, c: World): boolean {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) <= 0
}

/** The corners of a way, from which no point is further off than `slack`: Douglas and Peucker's. */
export function simplified(points: readonly World[], slack: number): World[] {
  const [a, b] = [points[0]!, points.at(-1)!]
  let [worst, at] = [slack, -1]
  points.forEach((p, i) => {
    const miss = toSegment(p, { a, b })
    if (miss <= worst) return
    worst = miss
    at = i
  })
  if (at < 0) return [a, b]
  return [...simplified(points.slice(0, at + 1), slack).slice(0, -1), ...simplified(points.slice(at), slack)]
}

/** Points evenly spaced along a way; too few when it has no length. */
function resampled(way: readonly World[], count: number): World[] {
  const step = lengthOf(way) / (count - 1)
  if (!(step > 0)) return way.slice(0, 1)
  const points = [way[0]!]
  let left = step
  for (let i = 1; i < way.length; i++) {
    let from = way[i - 1]!
    let rest = distance(from, way[i]!)
    while (rest >= left && points.length < count) {
      const share = left / rest
      from = world(from.x + (way[i]!.x - from.x) * share, from.y + (way[i]!.y - from.y) * share)
      points.push(from)
      rest -= left
      left = step
    }
    left -= rest
  }
  while (points.length < count) points.push(way.at(-1)!)
  return points
}

function lengthOf(way: readonly World[]): number {
  let length = 0
  for (let i = 1; i < way.length; i++) length += distance(way[i - 1]!, way[i]!)
  return length
}

function sizeOf(points: readonly World[]): number {
  const box = boxAround(points)
  return box ? Math.hypot(box.maxX - box.minX, box.maxY - box.minY) : 0
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** From one angle to another, the short way. */
function difference(a: number, b: number): number {
  const angle = b - a
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI))
}

/** An angle within a quarter turn of 0: a box that is turned by half a turn is the same. */
function halved(angle: number): number {
  return angle - Math.PI * Math.round(angle / Math.PI)
}
