import type { panels } from '../../i18n/en/panels'

type Word = keyof typeof panels.style

/** The properties that have a few named values, each with what it is called. */
export const CHOICES = {
  fillstyle: words('solid', 'hachure', 'crosshatch', 'zigzag'),
  dash: words('solid', 'dashed', 'dotted'),
  corners: words('sharp', 'round'),
  route: words('straight', 'curved', 'elbow'),
  starthead: words('none', 'arrow', 'triangle', 'bar', 'dot', 'diamond', 'crowfoot'),
  endhead: words('none', 'arrow', 'triangle', 'bar', 'dot', 'diamond', 'crowfoot'),
  font: words('hand', 'sans', 'serif', 'mono'),
  align: words('left', 'center', 'right'),
  valign: words('top', 'middle', 'bottom'),
}

export type ChoiceProp = keyof typeof CHOICES

export const WIDTHS = [1, 2, 4, 8]

export const FONT_SIZES = [
  { value: 16, short: 'S', label: 'small' },
  { value: 20, short: 'M', label: 'medium' },
  { value: 28, short: 'L', label: 'large' },
  { value: 36, short: 'XL', label: 'huge' },
] as const

function words<const W extends Word>(...values: W[]) {
  return values.map((value) => ({ value, label: value }))
}
