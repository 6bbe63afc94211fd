import { getStroke } from 'perfect-freehand'
import type { StrokePoint } from './points'

/** A point of ink with the pressure it is drawn with, 0 to 1. */
export type InkPoint = readonly [x: number, y: number, pressure: number]

/** How many points share an outline; a stroke is a chain of such runs that share their end points. */
export const RUN_POINTS = 256

/** How a pen writes; both 0 to 1. */
export interface Nib {
  /** How much pressure changes the width. */
  readonly thinning: number
  /** How much the hand's jitter is smoothed. */
  readonly smoothing: number
}

export const NIB: Nib = { thinning: 0.5, smoothing: 0.5 }

/** How much of the width pressure takes or adds with a nib of full thinning. */
const MAX_THINNING = 0.9
const MAX_STREAMLINE = 0.7

/** How far ink reaches from the centre line at most, as a multiple of the stroke's width. */
export const inkReach = ({ thinning }: Nib): number => 0.5 + (MAX_THINNING * thinning) / 2

/** perfect-freehand leaves out points within 3 units of the end; in this measure that is less than a pixel. */
const FINE = 8
/** Pressure of a mouse at rest, and how fast it follows the speed of the hand. */
const REST_PRESSURE = 0.5
const PRESSURE_RATE = 0.2
/** The speed, in widths per sample, above which simulated pressure falls no more. */
const FAST = 5

/**
 * Gives the points of a stroke the pressure they are drawn with, one after the other: the pen's own,
 * or, for a hand without one, less the faster it moves. The same points always give the same ink.
 */
export class Pressure {
  private last: StrokePoint | undefined
  private value = REST_PRESSURE

  constructor(private readonly width: number) {}

  next(point: StrokePoint): InkPoint {
    const { x, y, pressure } = point
    this.value = pressure ?? this.simulated(point)
    this.last = point
    return [x, y, this.value]
  }

  private simulated({ x, y }: StrokePoint): number {
    if (!this.last) return REST_PRESSURE
    const speed = Math.hypot(x - this.last.x, y - this.last.y) / (Math.max(this.width, 2) * FAST)
    const target = REST_PRESSURE + 0.25 - 0.5 * Math.min(speed, 1)
    return this.value + (target - this.value) * PRESSURE_RATE
  }
}

/** The outline of a run as a closed polygon of [x, y]. A single point gives a dot. */
export function outline(run: readonly InkPoint[], width: number, nib = NIB): [number, number][] {
  const fine = run.map(([x, y, pressure]) => [x * FINE, y * FINE, pressure])
  const polygon = getStroke(fine, {
    size: width * FINE,
    thinning: MAX_THINNING * nib.thinning,
    smoothing: nib.smoothing,
    streamline: MAX_STREAMLINE * nib.smoothing,
    simulatePressure: false,
    easing: (pressure) => pressure,
    last: true,
  })
  return polygon.map(([x, y]) => [x / FINE, y / FINE])
}

/** Cuts a stroke's points into runs that share their end points. */
export function runs<T>(points: readonly T[]): T[][] {
  const cut: T[][] = []
  for (let from = 0; from === 0 || from < points.length - 1; from += RUN_POINTS - 1) {
    cut.push(points.slice(from, from + RUN_POINTS))
  }
  return cut
}
