import type { Entry } from '../board/types'

/** How many entries wait for the ones before them; more are fetched again. */
export const MAX_HELD = 2000

/** Puts entries into the board's order: each is delivered once, after the one before. */
export class Sequencer {
  private have_ = -1
  private known = 0
  private readonly held = new Map<number, Entry>()

  /** `deliver` gets consecutive entries; `stale` those that a snapshot or an earlier copy has brought. */
  constructor(
    private readonly deliver: (entries: readonly Entry[]) => void,
    private readonly stale: (entry: Entry) => void,
  ) {}

  /** The seq of the last entry delivered, or of the snapshot; -1 before there is one. */
  get have(): number {
    return this.have_
  }

  /** Whether there are entries that have not arrived. */
  get isBehind(): boolean {
    return this.known > this.have_
  }

  /** Takes entries from the group or from a repair, in any order; holds those that come too early. */
  offer(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.heard(entry.q)
      if (entry.q <= this.have_) this.stale(entry)
      else if (this.held.size < MAX_HELD) this.held.set(entry.q, entry)
    }
    this.release()
  }

  /** The board is known to have got as far as `seq`. */
  heard(seq: number): void {
    if (seq > this.known) this.known = seq
  }

  /** The board has got no further than `seq`: what was heard is wrong or delivered. */
  atMost(seq: number): void {
    this.known = Math.max(this.have_, Math.min(this.known, seq))
  }

  /** A snapshot of `seq` has been loaded: goes on after it, be that forward or back. */
  restart(seq: number): void {
    this.have_ = seq
    for (const [q, entry] of this.held) {
      if (q > seq) continue
      this.held.delete(q)
      this.stale(entry)
    }
    this.release()
  }

  private release(): void {
    if (this.have_ < 0) return
    const ready: Entry[] = []
    for (let q = this.have_ + 1; this.held.has(q); q++) {
      ready.push(this.held.get(q)!)
      this.held.delete(q)
    }
    if (ready.length === 0) return
    this.have_ = ready.at(-1)!.q
    this.deliver(ready)
  }
}
