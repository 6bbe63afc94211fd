import type { Box } from '../geometry/box'
import type { Picture } from '../shapes/picture'

/** A shape as a file draws it: its picture before its rotation, and how that is placed. */
export interface Drawn {
  readonly picture: Picture
  readonly opacity: number
  /** Radians, clockwise about the centre. */
  readonly rotation: number
  readonly centre: Point
  /** The corners of what it is shown within, on the plane. */
  readonly clip?: readonly Point[] | undefined
  readonly link?: string | undefined
  /** Where it is on the plane. */
  readonly box: Box
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** The picture beneath all shapes. */
export interface Beneath {
  readonly asset: string
  readonly box: Box
}

/** A number as text formats take it: not finer than a thousandth. */
export function num(value: number): string {
  const rounded = Math.round(value * 1000) / 1000
  return Object.is(rounded, -0) ? '0' : String(rounded)
}
