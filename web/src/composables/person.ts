import { shallowRef } from 'vue'
import { load, save } from './storage'

/** Colours of people; white text on each is legible (contrast at least 4.5). */
const COLORS = [
  ...['#c2304a', '#1f6fbf', '#4f7a12', '#8f3fc4', '#b5471b', '#0d7b83'],
  ...['#b0328f', '#3f57d6', '#8f6400', '#1b7f4b', '#6a48d7', '#7a5548'],
]

/** A person's colour when nobody else is there. */
export function personColor(user: string): string {
  return COLORS[slotOf(user)]!
}

/** Colours of people who are together: the same for everyone, and different as long as there are enough. */
export function personColors(users: readonly string[]): ReadonlyMap<string, string> {
  const colors = new Map<string, string>()
  const taken = new Set<number>()
  for (const user of [...users].sort()) {
    let slot = slotOf(user)
    while (taken.size < COLORS.length && taken.has(slot)) slot = (slot + 1) % COLORS.length
    taken.add(slot)
    colors.set(user, COLORS[slot]!)
  }
  return colors
}

/** FNV-1a. */
function slotOf(user: string): number {
  let hash = 0x811c9dc5
  for (const char of user) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193)
  return (hash >>> 0) % COLORS.length
}

/** One or two letters for a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return letters.map((word) => [...(word ?? '')][0] ?? '').join('').toUpperCase() || '?'
}

const stored = load('name')
const name = shallowRef(typeof stored === 'string' ? stored : '')

/** The name by which this browser's user goes; empty until they say. */
export function useMyName() {
  const set = (next: string) => {
    name.value = next.trim().slice(0, 64)
    save('name', name.value)
  }
  return { name, set }
}
