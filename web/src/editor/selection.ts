import type { RecordId, Unsubscribe } from '../board/types'

const NONE: ReadonlySet<RecordId> = new Set()

/** The shapes that one person works with. Knows ids alone; whoever deletes a shape takes it out. */
export class Selection {
  private ids_ = NONE
  private readonly listeners = new Set<() => void>()

  /** A new set after every change. */
  get ids(): ReadonlySet<RecordId> {
    return this.ids_
  }

  get size(): number {
    return this.ids_.size
  }

  has(id: RecordId): boolean {
    return this.ids_.has(id)
  }

  /** Selects these and no others. */
  set(ids: Iterable<RecordId>): void {
    const next = new Set(ids)
    if (next.size === this.ids_.size && [...next].every((id) => this.ids_.has(id))) return
    this.ids_ = next.size === 0 ? NONE : next
    for (const fn of [...this.listeners]) fn()
  }

  clear(): void {
    this.set([])
  }

  /** Takes out what no longer suits. */
  keep(suits: (id: RecordId) => boolean): void {
    this.set([...this.ids_].filter(suits))
  }

  /** Calls `fn` after every change. */
  subscribe(fn: () => void): Unsubscribe {
    this.listeners.add(fn)
    return () => this.listeners.delete(fn)
  }
}
