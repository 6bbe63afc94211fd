import { PALETTE } from '../../board/validate'
import { HUES } from '../../canvas/hues'
import { COLORS, cssColor, type Theme } from '../../canvas/palette'
import { t, type Key } from '../../i18n'

/** What is quickly at hand: ink, and what shapes and notes are filled with. */
export const STROKES = ['black', 'red', 'orange', 'green', 'deepskyblue', 'purple'] as const
export const FILLS = [null, '#ffc9c9', '#ffec99', '#b2f2bb', '#a5d8ff', '#d0bfff'] as const
export const PAPERS = ['yellow', 'orange', 'pink', 'green', 'deepskyblue', 'purple'] as const

/** What a colour is called. */
export function colorLabel(color: string | null): string {
  if (color === null) return t('panels.style.none')
  if (color in COLORS) return t(`colors.${color}` as Key)
  for (const { name, shades } of HUES) {
    const at = shades.indexOf(color)
    if (at >= 0) return t('panels.style.shade', { hue: t(`panels.hues.${name}`), n: at + 1 })
  }
  return color
}

/** The colour that was typed; undefined if it is none. */
export function parseHex(text: string): string | undefined {
  const digits = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())?.[1]?.toLowerCase()
  if (!digits) return undefined
  return '#' + (digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits)
}

/** The #rrggbb of a colour, on a light page. */
export function hexOf(color: string | null): string {
  return color === null ? '' : cssColor(color, 'light')
}

/** The colour that shows as `pixel` under a theme, if it is one of ours. */
export function colorOfPixel(pixel: string, theme: Theme): string {
  const known = [...PALETTE, ...HUES.flatMap(({ shades }) => shades)]
  return known.find((color) => cssColor(color, theme) === pixel.toLowerCase()) ?? pixel.toLowerCase()
}
