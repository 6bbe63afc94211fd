import { isLink, MAX_TEXT } from '../board/validate'
import { textOf } from './excalidraw/fields'
import type { Fragment, Props } from './fragment'

/** Lines longer than this, in world units, are broken; that is also how wide the box then is. */
export const WRAP_AT = 600
const FONT_SIZE = 20

/** A text as a shape. An address leads where it says. `measure` gives the size of a text shape's lines. */
export function textFragment(text: string, measure: (shape: Props) => { width: number; height: number }, style: Props = {}): Fragment {
  const words = textOf(text.replace(/\r\n?/g, '\n').replace(/\t/g, '  ').replace(/\s+$/, '').replace(/^\n+/, ''), MAX_TEXT)
  if (words.trim() === '') return { shapes: [], files: [], warnings: [] }
  const link = words.trim()
  const shape: Props = { kind: 'text', at: [0, 0], size: [0, 0], font: 'hand', fontsize: FONT_SIZE, ...style, text: words }
  if (isLink(link) && !/\s/.test(link)) Object.assign(shape, { link, text: link })
  const { width, height } = measure(shape)
  const long = width > WRAP_AT
  const whole: Props = { ...shape, size: [long ? WRAP_AT : width, height], ...(long && { wrap: true }) }
  const cut = [...text.trim()].length > MAX_TEXT
  return { shapes: [['pasted', whole]], files: [], warnings: cut ? [{ code: 'shortened', n: 1 }] : [] }
}
