import type { Unsubscribe } from '../board/types'
import type { FontName } from './picture'

/** CSS families of the board's fonts; what follows the first stands in until it is there, and for scripts that it lacks. */
export const FAMILIES: { readonly [font in FontName]: string } = {
  hand: "'Easel Hand', 'Segoe Print', 'Comic Sans MS', sans-serif",
  sans: "'Easel Sans', system-ui, sans-serif",
  serif: "'Easel Serif', Georgia, serif",
  mono: "'Easel Mono', ui-monospace, monospace",
}

const asked = new Set<FontName>()
const listeners = new Set<() => void>()

/** Loads a font if that has not begun yet; what is painted before it has come is painted with another. */
export function wantFont(font: FontName): void {
  if (asked.has(font) || typeof FontFace === 'undefined') return
  asked.add(font)
  const family = /'([^']+)'/.exec(FAMILIES[font])![1]!
  const face = new FontFace(family, `url(/assets/fonts/${font}.woff2)`)
  document.fonts.add(face)
  face.load().then(
    () => listeners.forEach((fn) => fn()),
    // It is asked for again when it is next wanted.
    () => asked.delete(font),
  )
}

/** Calls `fn` whenever a font has come: text looks different now. */
export function onFont(fn: () => void): Unsubscribe {
  listeners.add(fn)
  return () => listeners.delete(fn)
}
