import type { RecordId } from '../board/types'

/** Which records look at which others: an arrow at the shapes it is bound to, a shape at its frame. */
export class Uses {
  private readonly uses = new Map<RecordId, readonly RecordId[]>()
  private readonly users = new Map<RecordId, Set<RecordId>>()

  /** Notes all that a record looks at now. */
  set(id: RecordId, used: readonly RecordId[]): void {
    if (used.length === 0 && this.uses.size === 0) return
    const before = this.uses.get(id)
    if (!before && used.length === 0) return
    for (const old of before ?? []) this.forget(old, id)
    if (used.length === 0) this.uses.delete(id)
    else this.uses.set(id, used)
    for (const one of used) {
      const users = this.users.get(one)
      if (users) users.add(id)
      else this.users.set(one, new Set([id]))
    }
  }

  clear(): void {
    this.uses.clear()
    this.users.clear()
  }

  /** Whatever looks at one of these, or at something that does; without these themselves. */
  of(ids: Iterable<RecordId>): Set<RecordId> {
    const found = new Set<RecordId>()
    if (this.users.size === 0) return found
    const own = new Set(ids)
    const queue = [...own]
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      for (const user of this.users.get(id) ?? []) {
        if (own.has(user) || found.has(user)) continue
        found.add(user)
        queue.push(user)
      }
    }
    return found
  }

  private forget(used: RecordId, user: RecordId): void {
    const users = this.users.get(used)
    users?.delete(user)
    if (users?.size === 0) this.users.delete(used)
  }
}
