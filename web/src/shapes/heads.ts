import { world, type World } from '../geometry/point'
import { Path, type PathItem, type Stroke } from './picture'

/** Heads are so long: this much and so many widths of the line, but no more than this share of it. */
const LENGTH = 8
const WIDTHS = 3
const SHARE = 0.6
/** Half the breadth of a head, as a share of its length. */
const SLENDER = 0.5

export type Head = 'arrow' | 'triangle' | 'bar' | 'dot' | 'diamond' | 'crowfoot'

export function isHead(value: unknown): value is Head {
  return typeof value === 'string' && value in HEADS
}

/** How far a head reaches from the tip at most, its line's width included. */
export function headReach(width: number): number {
  return (LENGTH + WIDTHS * width) * Math.hypot(1, SLENDER) + width / 2
}

/** The head at the end of a line of a length that comes from a point to the tip. */
export function headItem(head: Head, from: World, tip: World, length: number, stroke: Stroke): PathItem {
  const size = Math.min(LENGTH + WIDTHS * stroke.width, SHARE * length)
  const { path, filled } = HEADS[head](new Ends(from, tip, size))
  return { do: 'path', path, ...(filled && { fill: stroke.color }), stroke }
}

/** Places about the tip: so far back along the line, so far aside. */
class Ends {
  private readonly dx: number
  private readonly dy: number

  constructor(
    from: World,
    private readonly tip: World,
    readonly size: number,
  ) {
    const length = Math.hypot(tip.x - from.x, tip.y - from.y)
    this.dx = length > 0 ? (tip.x - from.x) / length : 1
    this.dy = length > 0 ? (tip.y - from.y) / length : 0
  }

  /** In sizes of the head. */
  at(back: number, aside: number): World {
    const [b, a] = [back * this.size, aside * this.size]
    return world(this.tip.x - b * this.dx - a * this.dy, this.tip.y - b * this.dy + a * this.dx)
  }
}

const HEADS: { readonly [head in Head]: (ends: Ends) => { path: Path; filled: boolean } } = {
  arrow: (e) => ({ path: new Path().polyline([e.at(1, SLENDER), e.at(0, 0), e.at(1, -SLENDER)]), filled: false }),
  triangle: (e) => ({ path: new Path().polyline([e.at(1, SLENDER), e.at(0, 0), e.at(1, -SLENDER)], true), filled: true }),
  bar: (e) => ({ path: new Path().polyline([e.at(0, SLENDER), e.at(0, -SLENDER)]), filled: false }),
  dot: (e) => {
    const { x, y } = e.at(0, 0)
    const r = e.size / 3
    return { path: new Path().ellipse({ minX: x - r, minY: y - r, maxX: x + r, maxY: y + r }), filled: true }
  },
  diamond: (e) => ({
    path: new Path().polyline([e.at(0, 0), e.at(0.6, SLENDER * 0.7), e.at(1.2, 0), e.at(0.6, -SLENDER * 0.7)], true),
    filled: true,
  }),
  crowfoot: (e) => ({ path: new Path().polyline([e.at(0, SLENDER), e.at(1, 0), e.at(0, -SLENDER)]), filled: false }),
}
