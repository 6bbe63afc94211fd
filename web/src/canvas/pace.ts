/** How much of the time work may take in the long run, and how many ms at once after a rest. */
const SHARE = 0.05
const BURST = 40
/** Less than this, in ms, is not worth beginning. */
const LEAST = 4

/** Keeps what others cause from taking the time of whoever works here: what is done at once is done seldom. */
export class Pace {
  private credit = BURST
  private at = -Infinity

  /** Ms from now until something may be done. */
  wait(now: number): number {
    this.earn(now)
    return this.credit > 0 ? 0 : (LEAST - this.credit) / SHARE
  }

  /** Something has taken so many ms. */
  spend(ms: number, now: number): void {
    this.earn(now)
    this.credit -= ms
  }

  private earn(now: number): void {
    this.credit = Math.min(BURST, this.credit + Math.max(now - this.at, 0) * SHARE)
    this.at = now
  }
}
