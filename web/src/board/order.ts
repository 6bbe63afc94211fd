import { generateKeyBetween } from 'fractional-indexing'
import { BASE62, randomBase62 } from './ids'

/** The longest key a board accepts, in characters. */
export const MAX_KEY = 64

const SUFFIX_LENGTH = 2

/**
 * A key between two others (null: no bound), in base 62. Two random characters keep two people
 * who insert at the same place apart. Equal or crossed bounds, which two people can produce, and
 * bounds with no room between them give a key after `below`, as far as 64 characters allow.
 */
export function keyBetween(below: string | null, above: string | null, random: () => number): string {
  const bound = above !== null && (below === null || below < above) ? above : null
  const key = between(below, bound)
  const suffixed = key + suffix(random)
  if (suffixed.length <= MAX_KEY && (bound === null || suffixed < bound)) return suffixed
  return key.length <= MAX_KEY ? key : (between(below, null) + suffix(random)).slice(0, MAX_KEY)
}

/** N rising keys between two others, for a paste or to spread keys anew. */
export function keysBetween(
  below: string | null,
  above: string | null,
  n: number,
  random: () => number,
): string[] {
  if (n <= 0) return []
  const middle = Math.floor(n / 2)
  const key = keyBetween(below, above, random)
  return [
    ...keysBetween(below, key, middle, random),
    key,
    ...keysBetween(key, above, n - middle - 1, random),
  ]
}

/** Orders shapes in the stack: by key, then by id. */
export function compareOrder(a: { z: string; id: string }, b: { z: string; id: string }): number {
  if (a.z !== b.z) return a.z < b.z ? -1 : 1
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

/** Bounds that were not made by this scheme, as a foreign client may commit, still give a key after `below`. */
function between(below: string | null, above: string | null): string {
  try {
    return generateKeyBetween(below, above)
  } catch {
    return below === null ? generateKeyBetween(null, null) : `${below.slice(0, MAX_KEY - SUFFIX_LENGTH - 1)}z`
  }
}

/** Two characters of which the last is not '0', as keys must not end in it. */
function suffix(random: () => number): string {
  const last = BASE62[1 + Math.floor(random() * (BASE62.length - 1))]!
  return randomBase62(SUFFIX_LENGTH - 1, random) + last
}
