/**
 * Remembers what was made of recent keys: at least the last `capacity` of them, at most twice as many.
 * Keys are held weakly.
 */
export class RecentCache<K extends object, V> {
  private young = new WeakMap<K, V>()
  private old = new WeakMap<K, V>()
  private count = 0

  constructor(private readonly capacity: number) {}

  get(key: K, make: (key: K) => V): V {
    return this.find(key) ?? this.set(key, make(key))
  }

  find(key: K): V | undefined {
    const known = this.young.get(key)
    if (known !== undefined) return known
    const old = this.old.get(key)
    return old === undefined ? undefined : this.set(key, old)
  }

  set(key: K, value: V): V {
    if (++this.count > this.capacity) {
      this.old = this.young
      this.young = new WeakMap()
      this.count = 1
    }
    this.young.set(key, value)
    return value
  }
}
