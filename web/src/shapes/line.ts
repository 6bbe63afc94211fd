import type { Patch } from '../board/types'
import { boxOf, grow, overlaps, union, type Box } from '../geometry/box'
import { boxAround } from '../geometry/oriented'
import { world, type World } from '../geometry/point'
import { cornersOfBox } from './boxed'
import { fillItems, groundOf } from './fill'
import { flatten } from './flatten'
import { headItem, headReach, isHead } from './heads'
import { isWithin, toChain } from './outlined'
import { Path, type PathItem } from './picture'
import { pathPoints, routePath } from './route'
import { fillOf, textOf, widthOf, type Kind } from './shape'
import { solidStrokeOf, strokeOf } from './style'
import { PATH } from './tables'
import { MIDDLE, textBox, textItems, textStyleOf } from './text/label'

/** Room between a label and the line that it interrupts. */
const LABEL_GAP = 4
/** A label's lines are no longer than this share of the line, or so many ems if that is more. */
const LABEL_SHARE = 0.6
const LABEL_EMS = 8

/** A line or arrow: straight, curved or with right angles, with heads, perhaps closed and filled. */
export const line: Kind = {
  form: 'path',
  table: PATH,
  shown: ['color', 'width', 'dash', 'opacity', 'route', 'starthead', 'endhead'],
  next: { kind: 'arrow', endhead: 'arrow' },

  frame(shape) {
    return boxAround(pathPoints(shape))
  },

  bounds(shape) {
    const reach = hasHeads(shape) ? headReach(widthOf(shape)) : widthOf(shape) / 2
    return union(grow(boxAround(chainOf(shape))!, reach), labelBox(shape))!
  },

  touches(shape, segment, radius) {
    const chain = chainOf(shape)
    if (toChain(segment, chain) <= radius + widthOf(shape) / 2) return true
    const label = labelBox(shape)
    if (label && isWithin(segment.a, cornersOfBox(label))) return true
    return isFilled(shape) && isWithin(segment.a, chain)
  },

  picture(shape, detail) {
    const path = routePath(shape)
    const chain = chainOf(shape)
    const fills = isFilled(shape) ? fillItems(shape, path, () => chain, detail) : []
    const label = labelBox(shape)
    const stroked = label && !isFilled(shape) ? interrupted(chain, grow(label, LABEL_GAP)) : path
    const body: PathItem = { do: 'path', path: stroked, stroke: strokeOf(shape) }
    return [...fills, body, ...headItems(shape, chain), ...labelItems(shape)]
  },

  /** An arrow bound to a line ends on it. */
  outline: () => [],
}

export const arrow: Kind = { ...line, next: { kind: 'line', starthead: 'none', endhead: 'none' } }

/** The line as short straight pieces. */
function chainOf(shape: Patch): World[] {
  if (shape['route'] === 'curved' || shape['route'] === 'elbow') return flatten(routePath(shape))[0] ?? []
  const points = pathPoints(shape)
  return shape['closed'] === true && points[0] ? [...points, points[0]] : points
}

function hasHeads({ starthead, endhead, closed }: Patch): boolean {
  return closed !== true && (isHead(starthead) || isHead(endhead))
}

function headItems(shape: Patch, chain: readonly World[]): PathItem[] {
  if (!hasHeads(shape)) return []
  const { starthead, endhead } = shape
  const length = lengthOf(chain)
  const stroke = solidStrokeOf(shape)
  const items: PathItem[] = []
  if (isHead(starthead)) items.push(headItem(starthead, before(chain, headReach(stroke.width) / 2), chain[0]!, length, stroke))
  if (isHead(endhead)) items.push(headItem(endhead, before([...chain].reverse(), headReach(stroke.width) / 2), chain.at(-1)!, length, stroke))
  return items
}

/** The first point of a chain that is so far from its start, or the last: a head points along a curve as a whole. */
function before(chain: readonly World[], far: number): World {
  const tip = chain[0]!
  return chain.find(({ x, y }) => Math.hypot(x - tip.x, y - tip.y) >= far) ?? chain.at(-1)!
}

function labelArea(shape: Patch): { area: Box; breakAt: number } | undefined {
  if (textOf(shape) === '') return undefined
  const chain = chainOf(shape)
  const { x, y } = isFilled(shape) ? middleOf(boxAround(chain)!) : halfway(chain)
  const breakAt = Math.max(LABEL_SHARE * lengthOf(chain), LABEL_EMS * textStyleOf(shape).size)
  return { area: { minX: x, minY: y, maxX: x, maxY: y }, breakAt }
}

function labelItems(shape: Patch) {
  const place = labelArea(shape)
  return place ? textItems(shape, place.area, MIDDLE, { breakAt: place.breakAt, ground: isFilled(shape) ? groundOf(shape) : undefined }) : []
}

function labelBox(shape: Patch): Box | undefined {
  const place = labelArea(shape)
  return place && textBox(shape, place.area, MIDDLE, place.breakAt)
}

function middleOf({ minX, minY, maxX, maxY }: Box): World {
  return world((minX + maxX) / 2, (minY + maxY) / 2)
}

/** The point in the middle of a chain by its length. */
function halfway(chain: readonly World[]): World {
  let rest = lengthOf(chain) / 2
  for (let i = 1; i < chain.length; i++) {
    const [a, b] = [chain[i - 1]!, chain[i]!]
    const length = Math.hypot(b.x - a.x, b.y - a.y)
    if (rest <= length && length > 0) return world(a.x + ((b.x - a.x) * rest) / length, a.y + ((b.y - a.y) * rest) / length)
    rest -= length
  }
  return chain.at(-1)!
}

function lengthOf(chain: readonly World[]): number {
  let length = 0
  for (let i = 1; i < chain.length; i++) length += Math.hypot(chain[i]!.x - chain[i - 1]!.x, chain[i]!.y - chain[i - 1]!.y)
  return length
}

/** The chain without what is inside a box. */
function interrupted(chain: readonly World[], gap: Box): Path {
  const path = new Path()
  let open: World | undefined
  for (let i = 1; i < chain.length; i++) {
    for (const [a, b] of outside(chain[i - 1]!, chain[i]!, gap)) {
      if (open !== a) path.move(a.x, a.y)
      path.line(b.x, b.y)
      open = b
    }
  }
  return path
}

/** The pieces of a segment outside a box. */
function outside(a: World, b: World, box: Box): [World, World][] {
  if (!overlaps(boxOf(a, b), box)) return [[a, b]]
  const [enter, leave] = within(a, b, box)
  if (enter >= leave) return [[a, b]]
  const at = (t: number) => world(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t)
  const pieces: [World, World][] = []
  if (enter > 0) pieces.push([a, at(enter)])
  if (leave < 1) pieces.push([at(leave), b])
  return pieces
}

/** From where to where, as shares, a segment is in a box; nowhere if the first is not less (Liang-Barsky). */
function within(a: World, b: World, { minX, minY, maxX, maxY }: Box): [number, number] {
  let [enter, leave] = [0, 1]
  for (const [from, by, low, high] of [[a.x, b.x - a.x, minX, maxX], [a.y, b.y - a.y, minY, maxY]] as const) {
    if (by === 0) {
      if (from <= low || from >= high) return [1, 0]
      continue
    }
    const [s, t] = [(low - from) / by, (high - from) / by]
    enter = Math.max(enter, Math.min(s, t))
    leave = Math.min(leave, Math.max(s, t))
  }
  return [enter, leave]
}

function isFilled(shape: Patch): boolean {
  return shape['closed'] === true && fillOf(shape) !== undefined
}
