// Made by scripts/fonts.py; not to be edited.

import type { FontName } from '../picture'

/** The baseline of each font below the top of the line, in thousandths of an em. */
export const ASCENTS: { readonly [font in FontName]: number } = {hand: 1007, sans: 989, serif: 960, mono: 990}
