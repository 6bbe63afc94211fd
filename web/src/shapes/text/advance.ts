import { BASE62 } from '../../board/ids'
import type { Unsubscribe } from '../../board/types'
import type { FontName } from '../picture'

/** Advances of characters that no font has, in thousandths of an em: ideographs and emoji, and all others. */
const WIDE = 1000
const OTHER = 600
const NO_GLYPH = 61 * 62 + 61
/** Where code points of the tables end. */
const END = 0x2800

const tables = new Map<FontName, Int16Array>()
let widths: typeof import('./widths') | undefined
const waiting = new Set<() => void>()

/** Whether lines are laid out as they will be: the widths of characters have been fetched. */
export function hasWidths(): boolean {
  return widths !== undefined
}

/** Fetches the widths; until they are there, every character that is not wide counts as 0.6 em. */
export async function loadWidths(): Promise<void> {
  if (widths) return
  const fetched = await import('./widths')
  if (widths) return
  widths = fetched
  for (const fn of [...waiting]) fn()
  waiting.clear()
}

/** Calls `fn` when the widths have come, once; never if they are there already. */
export function onWidths(fn: () => void): Unsubscribe {
  if (!widths) waiting.add(fn)
  return () => waiting.delete(fn)
}

/** How far a character moves the pen, in thousandths of an em. */
export function advanceOf(font: FontName, codePoint: number): number {
  const known = widths && codePoint < END ? tableOf(font, widths)[codePoint]! : -1
  if (known >= 0) return known
  if (isInvisible(codePoint)) return 0
  return isWide(codePoint) ? WIDE : OTHER
}

/** Whether a character is as wide as high, so that lines may break on either side of it. */
export function isWide(c: number): boolean {
  if (c < 0x1100) return false
  return (
    c <= 0x115f ||
    (c >= 0x2e80 && c <= 0xa4cf && c !== 0x303f) ||
    (c >= 0xac00 && c <= 0xd7a3) ||
    (c >= 0xf900 && c <= 0xfaff) ||
    (c >= 0xfe30 && c <= 0xfe6f) ||
    (c >= 0xff00 && c <= 0xff60) ||
    (c >= 0xffe0 && c <= 0xffe6) ||
    (c >= 0x1f000 && c <= 0x1faff) ||
    (c >= 0x20000 && c <= 0x3fffd)
  )
}

/** Joiners, marks of direction, variation selectors, skin tones, combining marks. */
function isInvisible(c: number): boolean {
  return (
    (c >= 0x300 && c <= 0x36f) ||
    (c >= 0x200b && c <= 0x200f) ||
    (c >= 0x202a && c <= 0x202e) ||
    (c >= 0x2060 && c <= 0x206f) ||
    (c >= 0xfe00 && c <= 0xfe0f) ||
    (c >= 0x1f3fb && c <= 0x1f3ff) ||
    c === 0xfeff ||
    c < 0x20
  )
}

function tableOf(font: FontName, { RANGES, WIDTHS }: typeof import('./widths')): Int16Array {
  const known = tables.get(font)
  if (known) return known
  const table = new Int16Array(END).fill(-1)
  const digits = WIDTHS[font]
  const accented: number[] = []
  let at = 0
  for (const [first, last] of RANGES) {
    for (let c = first; c <= last; c++, at += 2) {
      const width = BASE62.indexOf(digits[at]!) * 62 + BASE62.indexOf(digits[at + 1]!)
      if (digits[at] === '-') accented.push(c)
      else if (width !== NO_GLYPH) table[c] = width
    }
  }
  for (const c of accented) table[c] = table[String.fromCharCode(c).normalize('NFD').charCodeAt(0)]!
  tables.set(font, table)
  return table
}
