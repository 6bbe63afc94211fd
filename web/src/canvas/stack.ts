/** What a stack orders: by order, then by id. */
export interface Ordered {
  readonly id: string
  readonly order: string
  /** Kept by the stack that it is in: rises with the place. */
  rank: number
}

/** Things in their order, bottom first. A handful of them is sorted by rank, without comparing keys. */
export class Stack<T extends Ordered> {
  private items: T[] = []

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
    this.items = this.items.concat(items).sort(compareOrder)
    this.renumber()
  }

  add(item: T): void {
    const at = this.place(item)
    const below = this.items[at - 1]?.rank ?? 0
    const above = this.items[at]?.rank ?? below + 2
    item.rank = (below + above) / 2
    this.items.splice(at, 0, item)
    if (item.rank <= below || item.rank >= above) this.renumber()
  }

  remove(item: T): void {
    const at = this.place(item)
    if (this.items[at] === item) this.items.splice(at, 1)
  }

  clear(): void {
    this.items = []
  }

  /** Sorts some of the stack's things in place, bottom first. */
  sort(items: T[]): T[] {
    return items.sort((a, b) => a.rank - b.rank)
  }

  /** The index of the first thing that is not below the item. */
  private place(item: T): number {
    let low = 0
    let high = this.items.length
    const top = this.items.at(-1)
    if (top && compareOrder(top, item) < 0) return high
    while (low < high) {
      const half = (low + high) >> 1
      if (compareOrder(this.items[half]!, item) < 0) low = half + 1
      else high = half
    }
    return low
  }

  private renumber(): void {
    this.items.forEach((item, i) => (item.rank = i + 1))
  }
}

/** By order, then by id. */
export function compareOrder(a: Omit<Ordered, 'rank'>, b: Omit<Ordered, 'rank'>): number {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}
