import type { Json } from '../../board/types'
import { isObject, MAX_COORDINATE } from '../../board/validate'
import type { FontName } from '../../shapes/picture'

/** The words of Excalidraw's files and ours, both ways. */

/** An element, as it stands in a file. */
export type Element = { [field: string]: Json }

export const TYPES = [
  ...['rectangle', 'diamond', 'ellipse', 'line', 'arrow', 'freedraw', 'draw', 'text'],
  ...['image', 'frame', 'magicframe', 'embeddable', 'iframe'],
] as const

/** What a missing colour of a stroke is. */
export const INK = '#1e1e1e'
/** How wide a freehand stroke of strokeWidth 1 is. */
export const FREEHAND = 4.25
/** Ends that are as near as this, in units, close a line that is filled. */
export const LOOP = 8
/** Between a container and its text. */
export const TEXT_PADDING = 5

const FONTS: { readonly [id: number]: FontName } = {
  ...{ 1: 'hand', 2: 'sans', 3: 'mono', 5: 'hand', 6: 'sans', 7: 'sans', 8: 'mono', 9: 'sans', 10: 'sans' },
}
const FONT_IDS = { hand: 5, sans: 6, serif: 2, mono: 8 } as const
const LINE_HEIGHTS: { readonly [id: number]: number } = { 2: 1.15, 3: 1.2, 6: 1.35, 7: 1.15, 9: 1.15 }

export const fontOf = (id: Json | undefined): FontName => FONTS[numberOf(id, 5)] ?? 'hand'
export const fontIdOf = (font: Json | undefined): number => FONT_IDS[font as FontName] ?? FONT_IDS.hand
export const lineHeightOf = (fontId: number): number => LINE_HEIGHTS[fontId] ?? 1.25

const FILL_STYLES = { solid: 'solid', hachure: 'hachure', 'cross-hatch': 'crosshatch', zigzag: 'zigzag' } as const

export const fillStyleOf = (style: Json | undefined): string => FILL_STYLES[style as keyof typeof FILL_STYLES] ?? 'solid'
export const exFillStyle = (style: Json | undefined): string => (style === 'crosshatch' ? 'cross-hatch' : ((style as string) ?? 'solid'))

const HEADS: { readonly [head: string]: string } = {
  ...{ arrow: 'arrow', bar: 'bar', dot: 'dot', circle: 'dot', circle_outline: 'dot' },
  ...{ triangle: 'triangle', triangle_outline: 'triangle', diamond: 'diamond', diamond_outline: 'diamond' },
  ...{ crowfoot_one: 'bar', crowfoot_many: 'crowfoot', crowfoot_one_or_many: 'crowfoot' },
  ...{ cardinality_one: 'bar', cardinality_exactly_one: 'bar', cardinality_many: 'crowfoot' },
  ...{ cardinality_one_or_many: 'crowfoot', cardinality_zero_or_one: 'crowfoot', cardinality_zero_or_many: 'crowfoot' },
}

/** A head that we do not know is an arrow's. */
export const headOf = (head: Json | undefined): string => (typeof head !== 'string' ? 'none' : Object.hasOwn(HEADS, head) ? HEADS[head]! : 'arrow')

export function exHead(head: Json | undefined): string | null {
  if (head === 'dot') return 'circle'
  if (head === 'crowfoot') return 'crowfoot_many'
  return typeof head === 'string' && head !== 'none' ? head : null
}

/** A colour as ours; undefined if it is not to be seen. Of a half-transparent one the hue. */
export function colorOf(value: Json | undefined): string | undefined {
  if (typeof value !== 'string' || value === 'transparent' || value === '') return undefined
  const hex = value.toLowerCase()
  if (/^#[0-9a-f]{3,4}$/.test(hex)) return known(`#${[...hex.slice(1, 4)].map((digit) => digit + digit).join('')}`)
  if (/^#[0-9a-f]{6}([0-9a-f]{2})?$/.test(hex)) return hex.endsWith('00') && hex.length === 9 ? undefined : known(hex.slice(0, 7))
  return NAMED[hex] ?? INK_NAME
}

const INK_NAME = 'black'
const NAMED: { readonly [name: string]: string } = {
  ...{ black: 'black', white: 'white', red: '#ff0000', green: '#008000', blue: '#0000ff', yellow: '#ffff00' },
  ...{ orange: '#ffa500', purple: '#800080', grey: '#808080', gray: '#808080', pink: '#ffc0cb', brown: '#a52a2a' },
}

/** Ink and paper are palette names, which change with the theme. */
const known = (hex: string): string => (hex === INK || hex === '#000000' ? INK_NAME : hex === '#ffffff' ? 'white' : hex)

/** A colour as Excalidraw's; `css` gives palette names their colours on light paper. */
export function exColor(color: Json | undefined, css: (color: string) => string): string {
  if (color === 'black' || typeof color !== 'string') return INK
  return color === 'white' ? '#ffffff' : css(color)
}

export function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}

/** A coordinate that a board takes. */
export function coordinateOf(value: unknown): number {
  return clamp(numberOf(value, 0), -MAX_COORDINATE, MAX_COORDINATE)
}

/** The points of an element; what is none is left out. */
export function pointsOf(value: unknown): [number, number][] {
  if (!Array.isArray(value)) return []
  return value.filter((p) => Array.isArray(p) && p.length >= 2).map((p) => [coordinateOf(p[0]), coordinateOf(p[1])])
}

/** A text without halves of characters, cut after so many characters. */
export function textOf(value: unknown, most: number): string {
  if (typeof value !== 'string') return ''
  const text = /\p{Surrogate}/u.test(value) ? value.replace(/\p{Surrogate}/gu, '\ufffd') : value
  return text.length <= most ? text : [...text].slice(0, most).join('')
}

export function objectOf(value: unknown): Element | undefined {
  return isObject(value) ? (value as Element) : undefined
}

/** A number that a text determines, for seeds and nonces that a file must have. */
export function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 1
}
