import { distance, type Screen } from '../geometry/point'

/** Fingers that come and go within this time, in ms, and move no further than this, in pixels, have tapped. */
const WITHIN = 350
const STILL = 14

interface Finger {
  readonly start: Screen
  moved: number
}

/** Notices taps of several fingers at once. */
export class Taps {
  private readonly fingers = new Map<number, Finger>()
  private since = 0
  private most = 0
  private spoiled = false

  down(id: number, on: Screen, time: number): void {
    if (this.fingers.size === 0) {
      this.since = time
      this.most = 0
      this.spoiled = false
    }
    this.fingers.set(id, { start: on, moved: 0 })
    this.most = Math.max(this.most, this.fingers.size)
  }

  move(id: number, on: Screen): void {
    const finger = this.fingers.get(id)
    if (finger && distance(finger.start, on) > STILL) this.spoiled = true
  }

  /** How many fingers have tapped, once the last of them is up; 0 if it was no tap. */
  up(id: number, time: number): number {
    if (!this.fingers.delete(id) || this.fingers.size > 0) return 0
    return !this.spoiled && time - this.since <= WITHIN ? this.most : 0
  }

  cancel(id: number): void {
    this.fingers.delete(id)
    this.spoiled = true
  }
}
