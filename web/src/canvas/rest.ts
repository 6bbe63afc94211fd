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
  /** When the pointer last moved, in ms. */
  private since = 0
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
    this.holding = undefined
    this.anchor = undefined
  }

  /** A pointer that moves does not set a clock each time: the one that runs looks when it last did. */
  private rest(on: Screen): void {
    this.anchor = on
    this.since = performance.now()
    this.holding ??= setTimeout(() => this.wait(), HOLD)
  }

  private wait(): void {
    const left = this.since + HOLD - performance.now()
    this.holding = left > 1 ? setTimeout(() => this.wait(), left) : undefined
    if (!this.holding) this.sink.hold()
  }
}
