import type { Snapshot, WireRecord } from '../board/types'
import { ApiError, backoff, type BoardApi, type Scheduler } from './ports'
import type { Sequencer } from './sequencer'

/** How many entries one request fetches. */
const PAGE = 1000
const RETRY_FIRST = 500
const RETRY_MOST = 8000

export interface RepairOptions {
  readonly api: BoardApi
  readonly sequencer: Sequencer
  readonly scheduler: Scheduler
  /** Replaces the document's content. */
  readonly load: (snapshot: Snapshot) => void
  /** Records of a snapshot that has not come in full. */
  readonly arrived: (records: readonly WireRecord[]) => void
  /** Tells whether the web app could be reached, after every try. */
  readonly reached: (ok: boolean) => void
  /** The board can't be opened any more; nothing is tried again. */
  readonly refused: (error: ApiError) => void
}

/**
 * Fetches what is missing: entries by seq, or the whole board. One fetch at a time; it is tried again
 * until it succeeds. Overlap with the group's messages does no harm.
 */
export class Repair {
  private wanted = 0
  private done = 0
  private snapshotWanted = false
  private running = false
  private stopped = false
  private attempts = 0
  private cancelRetry: (() => void) | undefined
  private waiters: { goal: number; resolve: () => void }[] = []

  constructor(private readonly o: RepairOptions) {}

  /** Fetches the entries after the last; resolves when that is done. Never resolves after stop(). */
  entries(): Promise<void> {
    return this.request()
  }

  /** Fetches the board anew; resolves when that is done. */
  snapshot(): Promise<void> {
    this.snapshotWanted = true
    return this.request()
  }

  /** Tries again at once if a try has failed. */
  hurry(): void {
    if (!this.cancelRetry) return
    this.cancelRetry()
    this.cancelRetry = undefined
    this.attempts = 0
    void this.run()
  }

  stop(): void {
    this.stopped = true
    this.cancelRetry?.()
    this.waiters = []
  }

  private request(): Promise<void> {
    const goal = ++this.wanted
    const result = new Promise<void>((resolve) => this.waiters.push({ goal, resolve }))
    if (!this.running && !this.cancelRetry) void this.run()
    return result
  }

  private async run(): Promise<void> {
    this.running = true
    try {
      while (this.done < this.wanted && !this.stopped) {
        const goal = this.wanted
        await this.fetch()
        if (this.stopped) return
        this.attempts = 0
        this.o.reached(true)
        this.finish(goal)
      }
    } catch (err) {
      this.failed(err)
    } finally {
      this.running = false
    }
  }

  private finish(goal: number): void {
    this.done = goal
    const ready = this.waiters.filter((waiter) => waiter.goal <= goal)
    this.waiters = this.waiters.filter((waiter) => waiter.goal > goal)
    for (const { resolve } of ready) resolve()
  }

  private failed(err: unknown): void {
    if (this.stopped) return
    if (err instanceof ApiError && err.isFinal) {
      this.o.refused(err)
      return
    }
    const delay = backoff(this.attempts++, RETRY_FIRST, RETRY_MOST, this.o.scheduler.random)
    this.cancelRetry = this.o.scheduler.after(delay, () => {
      this.cancelRetry = undefined
      void this.run()
    })
    this.o.reached(false)
  }

  private async fetch(): Promise<void> {
    if (this.snapshotWanted || this.o.sequencer.have < 0) await this.fetchSnapshot()
    while (!this.stopped && !(await this.fetchPage()));
  }

  private async fetchSnapshot(): Promise<void> {
    this.snapshotWanted = false
    try {
      const snapshot = await this.o.api.snapshot((records) => {
        if (!this.stopped) this.o.arrived(records)
      })
      if (this.stopped) return
      this.o.load(snapshot)
      this.o.sequencer.restart(snapshot.seq)
    } catch (err) {
      this.snapshotWanted = true
      throw err
    }
  }

  /** Fetches one page of entries; returns whether that was the last. */
  private async fetchPage(): Promise<boolean> {
    const { sequencer } = this.o
    const after = sequencer.have
    try {
      const { seq, entries } = await this.o.api.entries(after, PAGE)
      if (this.stopped) return true
      sequencer.offer(entries)
      sequencer.atMost(Math.max(seq, sequencer.have))
      if (seq < after) await this.fetchSnapshot() // the server has lost entries
      return entries.length === 0 || sequencer.have >= seq
    } catch (err) {
      if (!(err instanceof ApiError && err.status === 410)) throw err
      await this.fetchSnapshot()
      return false
    }
  }
}
