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

/** What has been worked out, as it is asked for again and again: free colours on the dark page, and mixtures. */
const dark = new Map<string, string>()
const mixtures: { readonly [theme in Theme]: Map<string, string> } = { light: new Map(), dark: new Map() }
const MOST_KEPT = 2000

/**
 * The CSS colour of a palette name or #rrggbb, of such a colour as paper (`yellow paper`), of words in one on another
 * (`black on yellow`), which can be read on the dark page whatever they are written on, or of a `shadow`.
 */
export function cssColor(color: string, theme: Theme): string {
  const slot = COLORS[color]
  if (slot) return slot[theme === 'dark' ? 1 : 0]
  if (/^#[0-9a-f]{6}$/i.test(color)) return theme === 'dark' ? darkVariant(color.toLowerCase()) : color
  const known = mixtures[theme].get(color)
  if (known) return known
  if (mixtures[theme].size >= MOST_KEPT) mixtures[theme].clear()
  const mixture = mixtureOf(color, theme)
  mixtures[theme].set(color, mixture)
  return mixture
}

/** How strong the colour of a paper is upon white. On the dark page, where words are light, bright ones are weaker than deep ones. */
function tintOf(css: string, theme: Theme): number {
  return theme === 'light' ? 0.55 : Math.min(Math.max(1.1 - toLab(css)[0], 0.28), 0.9)
}

function mixtureOf(color: string, theme: Theme): string {
  const [words, ground] = color.split(' on ') as [string, string?]
  if (ground !== undefined) return theme === 'light' ? cssColor(words, theme) : readable(cssColor(words, theme), cssColor(ground, theme))
  if (color === 'shadow') return theme === 'light' ? '#303030' : '#000000'
  if (!color.endsWith(' paper')) return cssColor('black', theme)
  const paper = cssColor(color.slice(0, -' paper'.length), theme)
  return blend(cssColor('white', theme), paper, tintOf(paper, theme))
}

function blend(under: string, over: string, share: number): string {
  const [a, b] = [channels(under), channels(over)]
  return '#' + a.map((c, i) => hexOf(c + (b[i]! - c) * share)).join('')
}

/** Below this contrast, by WCAG 2, words are written in another colour, which has the second if there is one. */
const READABLE = 4.5
const CLEAR = 7

/** The colour, as much lighter or darker as words on the other need to be. */
export function readable(color: string, ground: string): string {
  const under = luminance(ground)
  if (contrast(luminance(color), under) >= READABLE) return color
  const [l, a, b] = toLab(color)
  const towards = contrast(1, under) > contrast(0, under) ? 1 : 0
  let best = color
  for (let step = 1; step <= STEPS && contrast(luminance(best), under) < CLEAR; step++) {
    const far = step / STEPS
    best = toHex(l + (towards - l) * far, a * (1 - far * far), b * (1 - far * far))
  }
  return best
}

const STEPS = 20

/** Contrast of two luminances by WCAG 2. */
function contrast(a: number, b: number): number {
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

function luminance(hex: string): number {
  const [r, g, b] = channels(hex).map((c) => linear(c / 255)) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** The same hue with its lightness turned round: ink stays legible, pale fills become deep ones. */
export function darkVariant(hex: string): string {
  const known = dark.get(hex)
  if (known) return known
  if (dark.size >= MOST_KEPT) dark.clear()
  const [l, a, b] = toLab(hex)
  const turned = Math.max(bend(l), vividFloor(Math.hypot(a, b)))
  // Deep colours are as vivid as they are light; else pale fills would glow.
  const vivid = turned < 0.5 ? 1.1 : 1
  const variant = toHex(turned, a * vivid, b * vivid)
  dark.set(hex, variant)
  return variant
}

/** Lightness on the light page and on the dark one; falls from left to right. */
const BEND: readonly (readonly [light: number, dark: number])[] = [
  ...([[0, 0.95], [0.25, 0.93], [0.45, 0.78], [0.6, 0.7]] as const),
  ...([[0.75, 0.62], [0.88, 0.42], [0.95, 0.35], [1, 0.29]] as const),
]

/** Vivid light colours stay light enough to draw with, and dark enough to write on. */
function vividFloor(chroma: number): number {
  return 0.56 * Math.min(Math.max((chroma - 0.06) / 0.08, 0), 1)
}

function bend(l: number): number {
  const next = Math.max(1, BEND.findIndex(([from]) => from >= l))
  const [[x0, y0], [x1, y1]] = [BEND[next - 1]!, BEND[next]!]
  return y0 + ((y1 - y0) * (l - x0)) / (x1 - x0)
}

/** Oklab, in which equal steps look equal. Source: Björn Ottosson, “A perceptual color space”. */
function toLab(hex: string): [l: number, a: number, b: number] {
  const [r, g, b] = channels(hex).map((c) => linear(c / 255)) as [number, number, number]
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    Math.min(0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1),
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

/** The colour, less vivid where the screen has none such. */
function toHex(l: number, a: number, b: number): string {
  for (let vivid = 1; ; vivid -= 0.05) {
    const rgb = toLinear(l, a * vivid, b * vivid)
    if (vivid <= 0 || rgb.every((c) => c >= -0.001 && c <= 1.001)) {
      return '#' + rgb.map((c) => hexOf(255 * gamma(c))).join('')
    }
  }
}

function channels(hex: string): number[] {
  const value = parseInt(hex.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

function hexOf(channel: number): string {
  return Math.round(channel).toString(16).padStart(2, '0')
}

function toLinear(lightness: number, a: number, b: number): number[] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
}

const linear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)

function gamma(c: number): number {
  const clamped = Math.min(Math.max(c, 0), 1)
  return clamped <= 0.0031308 ? 12.92 * clamped : 1.055 * clamped ** (1 / 2.4) - 0.055
}
