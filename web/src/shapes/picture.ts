import type { RecordId } from '../board/types'
import type { Box } from '../geometry/box'
import type { World } from '../geometry/point'

/**
 * What a shape looks like, as data: the one description that the canvas, SVG, PDF and the server's
 * pictures are made from. In world units, before the shape's rotation about the middle of its frame.
 * Every item is painted with the shape's opacity, one above the other.
 */
export type Picture = readonly Item[]

export type Item = PathItem | TextItem | ImageItem

/** A path that is filled, stroked, or both; the fill is painted first. */
export interface PathItem {
  readonly do: 'path'
  readonly path: Path
  /** Palette name or #rrggbb, perhaps as paper: `yellow paper`. */
  readonly fill?: string
  readonly stroke?: Stroke
  /** Times the shape's opacity; absent = 1. */
  readonly alpha?: number
}

export interface Stroke {
  /** Palette name or #rrggbb. */
  readonly color: string
  readonly width: number
  /** Lengths of dashes and gaps, in world units; absent = solid. */
  readonly dash?: readonly number[]
  readonly cap: 'round' | 'butt'
  readonly join: 'round' | 'miter'
}

/** One line of text, laid out already. */
export interface TextItem {
  readonly do: 'text'
  readonly text: string
  /** The start of the baseline; of a right-to-left line its left end all the same. */
  readonly x: number
  readonly y: number
  readonly font: FontName
  readonly size: number
  /** Palette name or #rrggbb, and what is beneath if it is filled: `black on yellow`. */
  readonly color: string
  /** The width it is laid out with. */
  readonly width: number
}

export type FontName = 'hand' | 'sans' | 'serif' | 'mono'

export interface ImageItem {
  readonly do: 'image'
  readonly asset: string
  readonly box: Box
  /** The visible part as shares of the picture; absent = all. */
  readonly crop?: readonly [x: number, y: number, w: number, h: number]
  readonly flip: readonly [x: number, y: number]
}

/** Path commands: how many coordinates each takes. */
export const ARGUMENTS = { M: 2, L: 2, Q: 4, C: 6, Z: 0 } as const

/** How far the handles of a quarter of a circle reach, as a share of the radius. */
const ROUND = 0.5523

/** A path of lines and curves: commands M L Q C Z and their coordinates in one flat list. */
export class Path {
  readonly commands: (keyof typeof ARGUMENTS)[] = []
  readonly coordinates: number[] = []

  get isEmpty(): boolean {
    return this.commands.length === 0
  }

  move(x: number, y: number): this {
    return this.add('M', x, y)
  }

  line(x: number, y: number): this {
    return this.add('L', x, y)
  }

  quadratic(cx: number, cy: number, x: number, y: number): this {
    return this.add('Q', cx, cy, x, y)
  }

  cubic(ax: number, ay: number, bx: number, by: number, x: number, y: number): this {
    return this.add('C', ax, ay, bx, by, x, y)
  }

  close(): this {
    return this.add('Z')
  }

  /** Straight lines through the points. */
  polyline(points: readonly World[], closed = false): this {
    points.forEach(({ x, y }, i) => (i === 0 ? this.move(x, y) : this.line(x, y)))
    return closed ? this.close() : this
  }

  /** A closed ellipse inscribed in a box. */
  ellipse({ minX, minY, maxX, maxY }: Box): this {
    const [cx, cy] = [(minX + maxX) / 2, (minY + maxY) / 2]
    const [kx, ky] = [((maxX - minX) / 2) * ROUND, ((maxY - minY) / 2) * ROUND]
    return this.move(maxX, cy)
      .cubic(maxX, cy + ky, cx + kx, maxY, cx, maxY)
      .cubic(cx - kx, maxY, minX, cy + ky, minX, cy)
      .cubic(minX, cy - ky, cx - kx, minY, cx, minY)
      .cubic(cx + kx, minY, maxX, cy - ky, maxX, cy)
      .close()
  }

  /** A closed rectangle with corners of a radius. */
  rect({ minX, minY, maxX, maxY }: Box, radius = 0): this {
    if (radius <= 0) return this.move(minX, minY).line(maxX, minY).line(maxX, maxY).line(minX, maxY).close()
    const k = radius * (1 - ROUND)
    return this.move(minX + radius, minY)
      .line(maxX - radius, minY)
      .cubic(maxX - k, minY, maxX, minY + k, maxX, minY + radius)
      .line(maxX, maxY - radius)
      .cubic(maxX, maxY - k, maxX - k, maxY, maxX - radius, maxY)
      .line(minX + radius, maxY)
      .cubic(minX + k, maxY, minX, maxY - k, minX, maxY - radius)
      .line(minX, minY + radius)
      .cubic(minX, minY + k, minX + k, minY, minX + radius, minY)
      .close()
  }

  private add(command: keyof typeof ARGUMENTS, ...coordinates: number[]): this {
    this.commands.push(command)
    for (const coordinate of coordinates) this.coordinates.push(coordinate)
    return this
  }
}

/** Gives the properties of a record as they are stored; undefined when it is not there. */
export type Lookup = (id: RecordId) => Readonly<Record<string, unknown>> | undefined
