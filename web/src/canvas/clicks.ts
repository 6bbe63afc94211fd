import { distance, type Screen } from '../geometry/point'

/** Two clicks within this time, in ms, and this far apart, in pixels, are a double click. */
const WITHIN = 400
const NEAR = 8
const NEAR_FINGER = 24

/** Counts clicks that follow each other at one place. */
export class Clicks {
  private last: { readonly on: Screen; readonly time: number; readonly count: number } | undefined

  /** The number of this press: 2 = the second of a double click. */
  press(on: Screen, time: number, isFinger: boolean): number {
    const { last } = this
    const near = isFinger ? NEAR_FINGER : NEAR
    const follows = last !== undefined && time - last.time <= WITHIN && distance(last.on, on) <= near
    this.last = { on, time, count: follows ? last.count + 1 : 1 }
    return this.last.count
  }

  /** What was pressed became something else: the next press is a first one. */
  reset(): void {
    this.last = undefined
  }
}
