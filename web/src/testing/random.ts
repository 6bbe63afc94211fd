/** A seeded random source: numbers from 0 up to 1, the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Choices made with a random source. */
export class Dice {
  constructor(readonly random: () => number) {}

  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.random() * (most - least + 1))
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.random() < probability
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)]!
  }
}

/** The seeds to run: one from the environment variable SEED, or `count` fresh ones. */
export function seeds(count: number): number[] {
  const given = process.env['SEED']
  if (given) return [Number(given)]
  return Array.from({ length: count }, () => Math.floor(Math.random() * 2 ** 32))
}
