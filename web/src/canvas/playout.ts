/** Batches of a live stroke are shown over as long as they took to come, but no longer than this, in ms. */
const LONGEST = 120
const FIRST_GUESS = 33

/**
 * Releases what comes in batches at an even pace, one batch behind, so that motion looks continuous.
 * It lags by one interval and never falls further behind.
 */
export class Playout {
  private released = 0
  private total = 0
  private interval = FIRST_GUESS
  private arrived: number | undefined
  private rate = 0

  /** How many there are now. */
  arrive(total: number, now: number): void {
    if (total <= this.total) return
    if (this.arrived !== undefined) this.interval = (this.interval + Math.min(now - this.arrived, LONGEST)) / 2
    this.arrived = now
    this.total = total
    this.rate = (total - this.released) / Math.max(this.interval, 1)
  }

  /** How many may be shown `elapsed` ms after the last call. */
  release(elapsed: number): number {
    this.released = Math.min(this.total, this.released + this.rate * elapsed)
    return Math.floor(this.released + 1e-6)
  }

  get isBehind(): boolean {
    return this.released < this.total
  }

  /** Shows all at once. */
  skip(): void {
    this.released = this.total
  }
}
