import type { Json, Patch } from '../board/types'
import { TABLES } from '../shapes/kinds'
import { STYLE_PROPS } from '../shapes/style'

export { STYLE_PROPS, type StyleProp } from '../shapes/style'

/** What new shapes look like: any style property, for those kinds of shapes that have it. */
export type Style = Patch & { readonly color: string; readonly width: number }

/** What a person who has chosen nothing draws with. */
export const DEFAULT_STYLE: Style = { color: 'black', width: 4 }

/** The part of a style that a kind of shape has. */
export function styleFor(kind: string, style: Style): Patch {
  const table = TABLES[kind] ?? {}
  const patch: { [prop: string]: Json } = {}
  for (const prop of STYLE_PROPS) if (prop in table && prop in style) patch[prop] = style[prop]!
  return patch
}
