/** What a stack orders: by order, then by id. */
export interface Ordered {
  readonly id: string
  readonly order: string
}

/**
 * Things in their order, bottom first, each with a rank: a number that rises with the place, so that
 * a handful of them can be sorted without comparing keys.
 */
export class Stack<T extends Ordered> {
  private items: T[] = []
  private ranks = new Map<T, number>()

  get top(): T | undefined {
    return this.items.at(-1)
  }

  get size(): number {
    return this.items.length
  }

  /** All of them, bottom first. Not to be changed. */
  get all(): readonly T[] {
    return this.items
  }

  /** Adds many at once, which is faster. */
  addAll(items: readonly T[]): void {
    this.items = [...this.items, ...items].sort(compare)
    this.renumber()
  }

  add(item: T): void {
    const at = this.place(item)
    const below = at > 0 ? this.ranks.get(this.items[at - 1]!)! : 0
    const above = at < this.items.length ? this.ranks.get(this.items[at]!)! : below + 2
    const rank = (below + above) / 2
    this.items.splice(at, 0, item)
    this.ranks.set(item, rank)
    if (rank <= below || rank >= above) this.renumber()
  }

  remove(item: T): void {
    if (!this.ranks.delete(item)) return
    this.items.splice(this.place(item), 1)
  }

  clear(): void {
    this.items = []
    this.ranks.clear()
  }

  /** Sorts some of the stack's things in place, bottom first. */
  sort(items: T[]): T[] {
    return items.sort((a, b) => this.ranks.get(a)! - this.ranks.get(b)!)
  }

  /** The index of the first thing that is not below the item. */
  private place(item: T): number {
    let low = 0
    let high = this.items.length
    const top = this.items.at(-1)
    if (top && compare(top, item) < 0) return high
    while (low < high) {
      const half = (low + high) >> 1
      if (compare(this.items[half]!, item) < 0) low = half + 1
      else high = half
    }
    return low
  }

  private renumber(): void {
    this.ranks = new Map(this.items.map((item, i) => [item, i + 1]))
  }
}

function compare(a: Ordered, b: Ordered): number {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}
