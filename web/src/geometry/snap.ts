import type { Box } from './box'
import type { Segment } from './distance'
import { world, type World } from './point'

/** What boxes snap to. Made once for a gesture; sorted, so that a look-up is fast however much is on the screen. */
export interface SnapTable {
  readonly x: Axis
  readonly y: Axis
}

interface Axis {
  /** The edges and middles of all spans, ascending. */
  readonly lines: readonly Line[]
  readonly spans: readonly Span[]
}

/** Where things can stand along an axis, and how far they reach across it. */
interface Line {
  readonly at: number
  readonly lo: number
  readonly hi: number
}

/** A box seen along an axis. */
interface Span {
  readonly min: number
  readonly max: number
  readonly lo: number
  readonly hi: number
}

export interface SnapOptions {
  /** Absent: no snapping to other things. */
  readonly table?: SnapTable | undefined
  /** The grid's step; absent: no grid. */
  readonly grid?: number | undefined
  /** How near counts, in world units. */
  readonly reach: number
}

/** How far to go to be in line, and the lines to show. */
export interface Snapped {
  readonly by: World
  readonly guides: readonly Segment[]
}

/** Which of a box's edges are to snap, per axis: its first, middle and last. */
export interface Edges {
  readonly x: readonly Edge[]
  readonly y: readonly Edge[]
}

export type Edge = 'min' | 'mid' | 'max'

const ALL: Edges = { x: ['min', 'mid', 'max'], y: ['min', 'mid', 'max'] }
/** Things this near to each other are in line, in world units. */
const SAME = 0.01
/** More guides than this only confuse. */
const MOST_GUIDES = 6

export function snapTable(boxes: readonly Box[]): SnapTable {
  return { x: axisOf(boxes.map(alongX)), y: axisOf(boxes.map(alongY)) }
}

/** How a box that is moved, or of which some edges are, comes to stand in line with others or on the grid. */
export function snap(box: Box, o: SnapOptions, edges: Edges = ALL): Snapped {
  const x = shiftAlong(alongX(box), o.table?.x, o, edges.x)
  const y = shiftAlong(alongY(box), o.table?.y, o, edges.y)
  const at = { minX: box.minX + x, maxX: box.maxX + x, minY: box.minY + y, maxY: box.maxY + y }
  return { by: world(x, y), guides: o.table ? guidesOf(at, o.table, edges) : [] }
}

function guidesOf(box: Box, table: SnapTable, edges: Edges): Segment[] {
  const [x, y] = [alongX(box), alongY(box)]
  return [
    ...linesAlong(x, table.x, edges.x).map(({ at, lo, hi }) => ({ a: world(at, lo), b: world(at, hi) })),
    ...linesAlong(y, table.y, edges.y).map(({ at, lo, hi }) => ({ a: world(lo, at), b: world(hi, at) })),
    ...gapsAlong(x, table.x, edges.x).map(({ from, to, across }) => ({ a: world(from, across), b: world(to, across) })),
    ...gapsAlong(y, table.y, edges.y).map(({ from, to, across }) => ({ a: world(across, from), b: world(across, to) })),
  ].slice(0, MOST_GUIDES)
}

function shiftAlong(span: Span, axis: Axis | undefined, { grid, reach }: SnapOptions, edges: readonly Edge[]): number {
  if (edges.length === 0) return 0
  let best: number | undefined
  for (const by of axis ? [...toLines(span, axis, edges), ...toGaps(span, axis, edges)] : []) {
    if (Math.abs(by) <= reach && (best === undefined || Math.abs(by) < Math.abs(best) - SAME)) best = by
  }
  if (best !== undefined) return best
  return grid === undefined ? 0 : toGrid(placeOf(span, edges[0]!), grid)
}

function toGrid(value: number, step: number): number {
  return Math.round(value / step) * step - value
}

function* toLines(span: Span, { lines }: Axis, edges: readonly Edge[]): Iterable<number> {
  for (const edge of edges) {
    const at = placeOf(span, edge)
    const after = firstFrom(lines, at)
    if (lines[after]) yield lines[after].at - at
    if (lines[after - 1]) yield lines[after - 1]!.at - at
  }
}

/** Where a moved box has equal room on both sides, or the room its neighbours have. */
function* toGaps(span: Span, { spans }: Axis, edges: readonly Edge[]): Iterable<number> {
  if (edges.length < ALL.x.length) return
  for (const [, by] of gapsOf(span, spans)) yield by
}

interface Gap {
  readonly from: number
  readonly to: number
  readonly across: number
}

/** Pairs of equal gaps near a span, and how far it must move to make them. */
function gapsOf(span: Span, spans: readonly Span[]): [readonly Gap[], number][] {
  const size = span.max - span.min
  const middle = (span.min + span.max) / 2
  const beside = spans.filter(({ lo, hi }) => lo < span.hi && hi > span.lo)
  const before = nearestBefore(beside, middle)
  const after = nearestAfter(beside, middle)
  const found: [Gap[], number][] = []
  const add = (min: number, gaps: Gap[]) => found.push([gaps, min - span.min])
  if (before && after && after.min - before.max > size) {
    const room = (after.min - before.max - size) / 2
    add(before.max + room, [gap(before.max, before.max + room, span), gap(after.min - room, after.min, span)])
  }
  const further = before && nearestBefore(beside, (before.min + before.max) / 2, before)
  if (before && further && before.min > further.max) {
    const room = before.min - further.max
    add(before.max + room, [gap(further.max, before.min, span), gap(before.max, before.max + room, span)])
  }
  const beyond = after && nearestAfter(beside, (after.min + after.max) / 2, after)
  if (after && beyond && beyond.min > after.max) {
    const room = beyond.min - after.max
    add(after.min - room - size, [gap(after.min - room, after.min, span), gap(after.max, beyond.min, span)])
  }
  return found
}

function gap(from: number, to: number, { lo, hi }: Span): Gap {
  return { from, to, across: (lo + hi) / 2 }
}

function nearestBefore(spans: readonly Span[], at: number, except?: Span): Span | undefined {
  let best: Span | undefined
  for (const span of spans) {
    if (span !== except && (span.min + span.max) / 2 < at && span.max > (best?.max ?? -Infinity)) best = span
  }
  return best
}

function nearestAfter(spans: readonly Span[], at: number, except?: Span): Span | undefined {
  let best: Span | undefined
  for (const span of spans) {
    if (span !== except && (span.min + span.max) / 2 > at && span.min < (best?.min ?? Infinity)) best = span
  }
  return best
}

/** The lines along which a span stands with others, from the first to the last of them. */
function linesAlong(span: Span, { lines }: Axis, edges: readonly Edge[]): Line[] {
  const found: Line[] = []
  for (const edge of edges) {
    const at = placeOf(span, edge)
    let [lo, hi] = [Infinity, -Infinity]
    for (let i = firstFrom(lines, at - SAME); lines[i] && lines[i]!.at <= at + SAME; i++) {
      lo = Math.min(lo, lines[i]!.lo)
      hi = Math.max(hi, lines[i]!.hi)
    }
    if (lo <= hi && found.every((line) => Math.abs(line.at - at) > SAME)) {
      found.push({ at, lo: Math.min(lo, span.lo), hi: Math.max(hi, span.hi) })
    }
  }
  return found
}

/** The equal gaps that a span makes where it is. */
function gapsAlong(span: Span, { spans }: Axis, edges: readonly Edge[]): readonly Gap[] {
  if (edges.length < ALL.x.length) return []
  return gapsOf(span, spans).find(([, by]) => Math.abs(by) <= SAME)?.[0] ?? []
}

function axisOf(spans: readonly Span[]): Axis {
  const lines = spans.flatMap(({ min, max, lo, hi }): Line[] => [
    { at: min, lo, hi },
    { at: (min + max) / 2, lo, hi },
    { at: max, lo, hi },
  ])
  return { lines: lines.sort((a, b) => a.at - b.at), spans }
}

/** The index of the first line at or after a place. */
function firstFrom(lines: readonly Line[], at: number): number {
  let [low, high] = [0, lines.length]
  while (low < high) {
    const half = (low + high) >> 1
    if (lines[half]!.at < at) low = half + 1
    else high = half
  }
  return low
}

function placeOf({ min, max }: Span, edge: Edge): number {
  return edge === 'min' ? min : edge === 'max' ? max : (min + max) / 2
}

function alongX({ minX, minY, maxX, maxY }: Box): Span {
  return { min: minX, max: maxX, lo: minY, hi: maxY }
}

function alongY({ minX, minY, maxX, maxY }: Box): Span {
  return { min: minY, max: maxY, lo: minX, hi: maxX }
}
