import { grow, type Box } from '../geometry/box'
import { world, type World } from '../geometry/point'

/** How far a route leads straight away from a shape before it may turn. */
const STUB = 20
/** A turn costs as much as such a way. */
const TURN = 50
/** A route turns halfway rather than elsewhere, if that costs no more. */
const OFF_MIDDLE = 1

/** An end of an elbow route. */
export interface ElbowEnd {
  readonly at: World
  /** The direction away from the shape that it is bound to. */
  readonly side?: World
  /** Around that shape: the route does not lead through it. */
  readonly box?: Box
}

/**
 * The points of a route of right angles between two ends, ends included: the way of least length and fewest
 * turns on a grid of the lines that matter, around the shapes at its ends where that is possible.
 */
export function elbowRoute(start: ElbowEnd, end: ElbowEnd, gap: number): World[] {
  const headings: [World, World] = [headingOf(start, end.at), headingOf(end, start.at)]
  const a = stub(start, headings[0], end.at)
  const b = stub(end, headings[1], start.at)
  const boxes = [start.box, end.box].filter((box) => box !== undefined)
  const walls = boxes.map((box) => grow(box, Math.min(gap, STUB) * 0.9))
  const way = search(a, b, headings, boxes, walls) ?? search(a, b, headings, boxes, []) ?? [a, b]
  return simplified([start.at, ...way, end.at])
}

/**
 * The points with a corner between each two that are not on one upright or level line. A corner goes on in the direction of
 * what is before it, at the start in that of what comes after it: so ends may move, and the pieces between them stay.
 */
export function rightAngled(points: readonly World[]): World[] {
  const all: World[] = []
  points.forEach((p, i) => {
    const last = all.at(-1)
    if (last && !isSame(last.x, p.x) && !isSame(last.y, p.y)) {
      all.push(isUpright(all.at(-2), last, p, points[i + 1]) ? world(last.x, p.y) : world(p.x, last.y))
    }
    all.push(p)
  })
  return simplified(all)
}

/** Whether the way from one point to the next begins upright. */
function isUpright(before: World | undefined, from: World, to: World, after: World | undefined): boolean {
  if (!before) return after !== undefined && isSame(to.y, after.y)
  const upright = isSame(before.x, from.x)
  const [was, is] = upright ? [from.y - before.y, to.y - from.y] : [from.x - before.x, to.x - from.x]
  // Only an end pulls the corner before it back.
  return after && was * is < 0 ? !upright : upright
}

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= 0.01
}

function headingOf({ at, side }: ElbowEnd, other: World): World {
  if (side) return side
  const [dx, dy] = [other.x - at.x, other.y - at.y]
  return Math.abs(dx) >= Math.abs(dy) ? world(dx < 0 ? -1 : 1, 0) : world(0, dy < 0 ? -1 : 1)
}

function stub({ at, side }: ElbowEnd, { x, y }: World, other: World): World {
  const free = Math.min(STUB, (Math.abs(other.x - at.x) * Math.abs(x) + Math.abs(other.y - at.y) * Math.abs(y)) / 2)
  const by = side ? STUB : free
  return world(at.x + x * by, at.y + y * by)
}

const DIRECTIONS = [world(1, 0), world(0, 1), world(-1, 0), world(0, -1)]

interface Visit {
  readonly x: number
  readonly y: number
  /** The direction in which it was come by. */
  readonly heading: number
  readonly cost: number
  readonly before: Visit | undefined
}

/** Dijkstra on the grid; undefined if the walls leave no way. */
function search(a: World, b: World, [leave, arrive]: readonly [World, World], boxes: readonly Box[], walls: readonly Box[]): World[] | undefined {
  const middle = world((a.x + b.x) / 2, (a.y + b.y) / 2)
  const xs = lines([a.x, b.x, middle.x, ...boxes.flatMap(({ minX, maxX }) => [minX - STUB, maxX + STUB])])
  const ys = lines([a.y, b.y, middle.y, ...boxes.flatMap(({ minY, maxY }) => [minY - STUB, maxY + STUB])])
  const place = ({ x, y }: { x: number; y: number }) => world(xs[x]!, ys[y]!)
  const goal = { x: indexOf(xs, b.x), y: indexOf(ys, b.y), heading: headingIndex(world(-arrive.x, -arrive.y)) }
  const open: Visit[] = [{ x: indexOf(xs, a.x), y: indexOf(ys, a.y), heading: headingIndex(leave), cost: 0, before: undefined }]
  const done = new Set<number>()
  const key = ({ x, y, heading }: { x: number; y: number; heading: number }) => (x * ys.length + y) * 4 + heading
  for (;;) {
    const visit = takeCheapest(open)
    if (!visit) return undefined
    if (key(visit) === key(goal)) return wayTo(visit).map(place)
    if (done.has(key(visit))) continue
    done.add(key(visit))
    for (const next of stepsFrom(visit)) {
      if (next.x < 0 || next.y < 0 || next.x >= xs.length || next.y >= ys.length || done.has(key(next))) continue
      const [from, to] = [place(visit), place(next)]
      if (walls.some((wall) => isBlocked(from, to, wall))) continue
      open.push({ ...next, cost: visit.cost + costOf(from, to, middle) + (next.heading === visit.heading ? 0 : TURN), before: visit })
    }
  }
}

/** One place on in each direction but back; and, so that a route may end in any direction, a turn on the spot. */
function stepsFrom({ x, y, heading }: Visit): { x: number; y: number; heading: number }[] {
  const ahead = DIRECTIONS.map((d, i) => ({ x: x + d.x, y: y + d.y, heading: i })).filter((step) => step.heading !== (heading + 2) % 4)
  return [...ahead, { x, y, heading: (heading + 1) % 4 }, { x, y, heading: (heading + 3) % 4 }]
}

function costOf(from: World, to: World, middle: World): number {
  const [dx, dy] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)]
  if (dx + dy === 0) return 0
  const isMiddle = dx === 0 ? Math.abs(from.x - middle.x) < 0.01 : Math.abs(from.y - middle.y) < 0.01
  return dx + dy + (isMiddle ? 0 : OFF_MIDDLE)
}

function takeCheapest(open: Visit[]): Visit | undefined {
  let best = 0
  for (let i = 1; i < open.length; i++) if (open[i]!.cost < open[best]!.cost - 1e-6) best = i
  return open.splice(best, 1)[0]
}

function wayTo(visit: Visit): Visit[] {
  const way: Visit[] = []
  for (let at: Visit | undefined = visit; at; at = at.before) way.unshift(at)
  return way
}

/** Whether a level or upright way leads through the inside of a box. */
function isBlocked(a: World, b: World, { minX, minY, maxX, maxY }: Box): boolean {
  return Math.max(a.x, b.x) > minX && Math.min(a.x, b.x) < maxX && Math.max(a.y, b.y) > minY && Math.min(a.y, b.y) < maxY
}

/** The values in order, those that are the same once. */
function lines(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted.filter((value, i) => i === 0 || value - sorted[i - 1]! > 0.01)
}

function indexOf(values: readonly number[], value: number): number {
  let best = 0
  values.forEach((each, i) => {
    if (Math.abs(each - value) < Math.abs(values[best]! - value)) best = i
  })
  return best
}

function headingIndex({ x, y }: World): number {
  return x > 0 ? 0 : y > 0 ? 1 : x < 0 ? 2 : 3
}

/** Without points on the line between their neighbours. */
function simplified(points: readonly World[]): World[] {
  const kept: World[] = []
  for (const p of points) {
    const last = kept.at(-1)
    if (last && Math.abs(last.x - p.x) < 0.01 && Math.abs(last.y - p.y) < 0.01) continue
    const before = kept.at(-2)
    if (last && before && isBetween(before, last, p)) kept.pop()
    kept.push(p)
  }
  return kept.length > 1 ? kept : [...points.slice(0, 1), ...points.slice(-1)]
}

function isBetween(a: World, b: World, c: World): boolean {
  const level = Math.abs(a.y - b.y) < 0.01 && Math.abs(b.y - c.y) < 0.01
  const upright = Math.abs(a.x - b.x) < 0.01 && Math.abs(b.x - c.x) < 0.01
  return level || upright
}
