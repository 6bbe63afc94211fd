import type { Json, Patch } from '../board/types'
import { TABLES } from '../shapes/kinds'

/** The properties that make up how a shape looks, which a person chooses for the next shape and copies from one to another. */
export const STYLE_PROPS = [
  ...['color', 'width', 'fill', 'fillstyle', 'dash', 'opacity', 'corners'],
  ...['font', 'fontsize', 'align', 'valign', 'textcolor'],
  ...['route', 'starthead', 'endhead', 'sides', 'smoothing', 'thinning'],
] as const

export type StyleProp = (typeof STYLE_PROPS)[number]

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
