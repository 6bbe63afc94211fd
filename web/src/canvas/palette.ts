/** How a theme shows the colours of the board. Records name palette slots, so that both themes are legible. */

export type Theme = 'light' | 'dark'

/** Palette slots by name: their colour on a light and on a dark page. */
export const COLORS: { readonly [name: string]: readonly [light: string, dark: string] } = {
  black: ['#1e1f24', '#ececf1'],
  grey: ['#868996', '#8d909c'],
  white: ['#ffffff', '#2b2c31'],
  brown: ['#8a5a3c', '#b98a68'],
  darkred: ['#a61e2d', '#e0606c'],
  red: ['#e5383b', '#ff6b6b'],
  orange: ['#f08a24', '#ff9f45'],
  yellow: ['#f2c200', '#ffd84d'],
  green: ['#2b9a4a', '#5ccf7f'],
  teal: ['#12908e', '#3fc4c0'],
  deepskyblue: ['#1aa7ec', '#4fc1ff'],
  navy: ['#1d3c8f', '#7b9cff'],
  indigo: ['#4b3fd1', '#9189ff'],
  purple: ['#9333c9', '#c77dff'],
  pink: ['#e64c94', '#ff7ab8'],
}

/** Luminance below which a free colour can't be seen on the dark page. */
const TOO_DARK = 0.18

/** The CSS colour of a palette name or #rrggbb. */
export function cssColor(color: string, theme: Theme): string {
  const slot = COLORS[color]
  if (slot) return slot[theme === 'dark' ? 1 : 0]
  if (!/^#[0-9a-f]{6}$/i.test(color)) return cssColor('black', theme)
  return theme === 'dark' && luminance(color) < TOO_DARK ? lighten(color) : color
}

function channels(hex: string): [number, number, number] {
  const value = parseInt(hex.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

function luminance(hex: string): number {
  const [r, g, b] = channels(hex)
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255
}

/** The same hue, on the other side of grey. */
function lighten(hex: string): string {
  const [r, g, b] = channels(hex)
  const lift = 255 - Math.max(r, g, b) - Math.min(r, g, b)
  return `rgb(${r + lift} ${g + lift} ${b + lift})`
}
