import type { Scheduler } from '../sync/ports'

interface Timer {
  at: number
  fn: () => void
}

/** Time that passes only when a test says so. Timers of the same instant run in the order they were set. */
export class Simulation {
  private time = 1_700_000_000_000
  private readonly timers = new Set<Timer>()

  now(): number {
    return this.time
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.time + Math.max(ms, 0), fn }
    this.timers.add(timer)
    return () => this.timers.delete(timer)
  }

  /** A scheduler with its own source of chance, and a clock that is `skew` ms ahead. */
  scheduler(random: () => number, skew = 0): Scheduler {
    return { now: () => this.time + skew, after: (ms, fn) => this.after(ms, fn), random }
  }

  /** Lets `ms` pass, and everything happen that happens meanwhile. */
  async run(ms: number): Promise<void> {
    const end = this.time + ms
    await settle()
    for (let timer = this.next(end); timer; timer = this.next(end)) {
      this.timers.delete(timer)
      this.time = Math.max(this.time, timer.at)
      timer.fn()
      await settle()
    }
    this.time = end
  }

  /** Lets time pass until `condition` holds; throws after `most` ms. */
  async until(condition: () => boolean, most = 120_000): Promise<void> {
    const end = this.time + most
    await settle()
    while (!condition()) {
      if (this.time >= end) throw new Error(`not so after ${most} ms: ${condition}`)
      await this.run(10)
    }
  }

  private next(end: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.timers) if (timer.at <= end && (!first || timer.at < first.at)) first = timer
    return first
  }
}

/** Resolves after all promises that can settle without time passing have settled. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
