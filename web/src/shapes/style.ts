import type { Patch } from '../board/types'
import type { Stroke } from './picture'
import { colorOf, widthOf } from './shape'

/** The properties that make up how a shape looks, which a person chooses for the next shape and copies from one to another. */
export const STYLE_PROPS = [
  ...['color', 'width', 'fill', 'fillstyle', 'dash', 'opacity', 'corners'],
  ...['font', 'fontsize', 'align', 'valign', 'textcolor'],
  ...['route', 'starthead', 'endhead', 'sides', 'smoothing', 'thinning'],
] as const

export type StyleProp = (typeof STYLE_PROPS)[number]

/** The style of a closed line that may be filled, and of words. */
export const OUTLINE: readonly StyleProp[] = ['color', 'fill', 'fillstyle', 'width', 'dash', 'opacity']
export const WORDS: readonly StyleProp[] = ['font', 'fontsize', 'align']

/** The line a shape is drawn with. */
export function strokeOf(shape: Patch, color = colorOf(shape)): Stroke {
  const width = widthOf(shape)
  const dash = dashOf(shape, width)
  return { color, width, ...(dash && { dash }), cap: 'round', join: 'round' }
}

/** The same line without dashes. */
export function solidStrokeOf(shape: Patch): Stroke {
  return { color: colorOf(shape), width: widthOf(shape), cap: 'round', join: 'round' }
}

/** Round ends add the width to a dash and take it from a gap. */
function dashOf({ dash }: Patch, width: number): readonly number[] | undefined {
  if (dash === 'dashed') return [2 * width + 4, 2 * width + 4]
  if (dash === 'dotted') return [0, 2 * width + 1]
  return undefined
}
