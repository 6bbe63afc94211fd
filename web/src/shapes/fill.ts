import type { Patch } from '../board/types'
import type { World } from '../geometry/point'
import { Path, type PathItem } from './picture'
import { fillOf, widthOf, type Detail } from './shape'

/** How far apart the lines of a hatching are, in world units, and how many there are at most. */
const MIN_GAP = 6
const MAX_GAP = 40
const MAX_LINES = 1000
/** The share of a coarse hatching that is covered. */
const COARSE_ALPHA = 0.3

/** The colour that all of a closed outline is filled with; undefined if it is hatched or has none. */
export function groundOf(shape: Patch): string | undefined {
  return hatchingOf(shape) ? undefined : fillOf(shape)
}

type Hatching = 'hachure' | 'crosshatch' | 'zigzag'

function hatchingOf({ fillstyle: style }: Patch): Hatching | undefined {
  return style === 'hachure' || style === 'crosshatch' || style === 'zigzag' ? style : undefined
}

/** What fills a closed outline, given as a path and as its corners; nothing if the shape has no fill. */
export function fillItems(shape: Patch, path: Path, corners: () => readonly World[], detail: Detail): PathItem[] {
  const fill = fillOf(shape)
  if (fill === undefined) return []
  const style = hatchingOf(shape)
  if (!style) return [{ do: 'path', path, fill }]
  if (detail === 'coarse') return [{ do: 'path', path, fill, alpha: COARSE_ALPHA }]
  const hatching = hatch(corners(), widthOf(shape), style)
  const width = Math.min(widthOf(shape), Math.max(widthOf(shape) / 2, 1))
  return [{ do: 'path', path: hatching, stroke: { color: fill, width, cap: 'round', join: 'round' } }]
}

/** The lines of a hatching within a polygon, kept half a line's width from its edge by the outline drawn above. */
function hatch(corners: readonly World[], width: number, style: Hatching): Path {
  const path = new Path()
  addLines(path, corners, width, 1, style === 'zigzag')
  if (style === 'crosshatch') addLines(path, corners, width, -1, false)
  return path
}

/**
 * Lines that rise at 45° (slope −1: that fall), as stripes of constant x·slope + y, anchored to the first corner so that they
 * move with the shape. A zigzag joins the end of each to the start of the next.
 */
function addLines(path: Path, corners: readonly World[], width: number, slope: 1 | -1, joined: boolean): void {
  const first = corners[0]
  if (!first) return
  const heights = corners.map(({ x, y }) => (x - first.x) * slope + (y - first.y))
  const [low, high] = extremes(heights)
  const step = Math.max(Math.min(Math.max(4 * width, MIN_GAP), MAX_GAP) * Math.SQRT2, (high - low) / MAX_LINES)
  let last: number | undefined
  for (let n = Math.ceil(low / step + 0.001); n * step < high; n++) {
    for (const [a, b] of crossings(corners, heights, n * step)) {
      if (joined && last === n - 1) path.line(a.x, a.y)
      else path.move(a.x, a.y)
      path.line(b.x, b.y)
      last = n
    }
  }
}

/** The pieces of a stripe that are inside the polygon, from left to right (even-odd). */
function crossings(corners: readonly World[], heights: readonly number[], at: number): [Point, Point][] {
  const points: Point[] = []
  corners.forEach((b, i) => {
    const j = (i + corners.length - 1) % corners.length
    const a = corners[j]!
    const [from, to] = [heights[j]! - at, heights[i]! - at]
    if (from < 0 === to < 0) return
    const t = from / (from - to)
    points.push({ x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t })
  })
  points.sort((a, b) => a.x - b.x)
  const pairs: [Point, Point][] = []
  for (let i = 0; i + 1 < points.length; i += 2) pairs.push([points[i]!, points[i + 1]!])
  return pairs
}

interface Point {
  readonly x: number
  readonly y: number
}

function extremes(values: readonly number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return [low, high]
}
