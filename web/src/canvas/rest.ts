import { distance, type Screen } from '../geometry/point'
import { HOLD } from '../tools/tool'

/** A finger that has rested from the beginning for this long, in ms, asks for a menu. */
export const LONG_PRESS = 500
/** Within this many pixels a pointer rests. */
const STILL = 4
const STILL_FINGER = 8

export interface RestSink {
  /** The pointer has rested for HOLD ms. */
  hold(): void
  /** A finger that has not moved since it came asks for a menu. */
  longPress(on: Screen): void
}

/** Notices when a pointer that is down rests. */
export class Rest {
  private anchor: Screen | undefined
  private still = STILL
  private holding: ReturnType<typeof setTimeout> | undefined
  private pressing: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly sink: RestSink) {}

  down(on: Screen, isFinger: boolean): void {
    this.stop()
    this.still = isFinger ? STILL_FINGER : STILL
    this.rest(on)
    if (isFinger) this.pressing = setTimeout(() => this.sink.longPress(on), LONG_PRESS)
  }

  move(on: Screen): void {
    if (!this.anchor || distance(this.anchor, on) <= this.still) return
    clearTimeout(this.pressing)
    this.rest(on)
  }

  stop(): void {
    clearTimeout(this.holding)
    clearTimeout(this.pressing)
    this.anchor = undefined
  }

  private rest(on: Screen): void {
    clearTimeout(this.holding)
    this.anchor = on
    this.holding = setTimeout(() => this.sink.hold(), HOLD)
  }
}
