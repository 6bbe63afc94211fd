import { BASE62, BOARD_RECORD } from './ids'
import type { Json, Patch } from './types'

/** Bounds the absolute value of a coordinate, in world units. */
export const MAX_COORDINATE = 1e7
/** Longest chat line, title and display name, in characters. */
export const MAX_CHAT_TEXT = 2000
export const MAX_TITLE = 200
export const MAX_NAME = 64

export const PALETTE = [
  ...['black', 'grey', 'darkred', 'red', 'orange', 'yellow', 'green', 'deepskyblue', 'indigo', 'purple'],
  ...['white', 'brown', 'pink', 'teal', 'navy'],
] as const

type Check = (value: Json) => boolean
type Checks = { readonly [prop: string]: Check }

/** How many points a line has between its ends, how deep groups are nested, and how long a text is, at most. */
export const MAX_BENDS = 1000
export const MAX_GROUPS = 16
export const MAX_TEXT = 10_000
/** The largest `meta`, in characters of JSON. */
export const MAX_META = 8 << 10

/** The kinds of shapes. Layers and chat lines are records too, but no shapes. */
export const KINDS = [
  ...['draw', 'line', 'arrow', 'rect', 'ellipse', 'diamond', 'polygon'],
  ...['text', 'note', 'image', 'frame'],
] as const

const SHAPE = {
  kind: oneOf(...KINDS),
  at: isPosition,
  z: (value) => typeof value === 'string' && isBase62(value, 1, 64),
  rotation: number(-10, 10),
  color: isColor,
  width: number(0.5, 64),
  fill: orNull(isColor),
  fillstyle: oneOf('solid', 'hachure', 'crosshatch', 'zigzag'),
  dash: oneOf('solid', 'dashed', 'dotted'),
  opacity: number(0.05, 1),
  locked: isBoolean,
  hidden: isBoolean,
  deleted: isBoolean,
  groups: (value) => isList(value, MAX_GROUPS, isRecordId) && new Set(value as string[]).size === (value as string[]).length,
  frame: orNull(isRecordId),
  layer: orNull(isRecordId),
  link: orNull(isLink),
  meta: (value) => isObject(value) && JSON.stringify(value).length <= MAX_META,
} satisfies Checks

const TEXT = {
  text: string(MAX_TEXT),
  font: oneOf('hand', 'sans', 'serif', 'mono'),
  fontsize: number(4, 400),
  align: oneOf('left', 'center', 'right'),
  valign: oneOf('top', 'middle', 'bottom'),
  textcolor: orNull(isColor),
} satisfies Checks

/** Shapes in a box: one may become another. */
const BOX = {
  ...SHAPE,
  ...TEXT,
  size: isExtent,
  corners: oneOf('sharp', 'round'),
  sides: (value) => isNumber(value, 3, 12) && Number.isInteger(value),
  wrap: isBoolean,
  flip: isFlip,
} satisfies Checks

/** Lines and arrows: one may become the other. */
const PATH = {
  ...SHAPE,
  ...TEXT,
  size: isPosition,
  bends: (value) => isList(value, MAX_BENDS, isPosition),
  route: oneOf('straight', 'curved', 'elbow'),
  closed: isBoolean,
  starthead: oneOf('none', 'arrow', 'triangle', 'bar', 'dot', 'diamond', 'crowfoot'),
  endhead: oneOf('none', 'arrow', 'triangle', 'bar', 'dot', 'diamond', 'crowfoot'),
  startbind: orNull(isBinding),
  endbind: orNull(isBinding),
} satisfies Checks

/**
 * Which values the properties of each kind of shape may have: the tables of docs/board-protocol.md, in
 * Go whiteboard/validate.go. The chunks of a stroke, p0, p1, …, come beside.
 */
export const TABLES: { readonly [kind: string]: Checks } = {
  draw: {
    ...SHAPE,
    scale: (value) => isTuple(value, 2, (n) => n !== 0 && Math.abs(n) <= 1000),
    brush: oneOf('pen', 'highlighter'),
    smoothing: number(0, 1),
    thinning: number(0, 1),
    closed: isBoolean,
  },
  line: PATH,
  arrow: PATH,
  rect: BOX,
  ellipse: BOX,
  diamond: BOX,
  polygon: BOX,
  text: BOX,
  note: BOX,
  image: {
    ...SHAPE,
    size: isExtent,
    asset: orNull(isAsset),
    flip: isFlip,
    crop: orNull((value) => isTuple(value, 4, (n) => n >= 0 && n <= 1)),
    alt: string(1000),
  },
  frame: { ...SHAPE, size: isExtent, name: string(200) },
}

/**
 * Whether the properties, which came from another client over the live lane, may be drawn: known
 * names, allowed values, kind and position present. What comes over the commit lane the web app has checked.
 */
export function isDrawable(props: unknown): props is Patch {
  if (!isObject(props) || props['kind'] === undefined || props['at'] === undefined) return false
  const table = tableOf(props['kind'])
  return table !== undefined && Object.entries(props).every(([prop, value]) => isAllowed(table, prop, value))
}

/** Whether the properties may be drawn in the place of those that a record of this kind has; the kind may not change. */
export function isDrawableChange(kind: Json, props: unknown): props is Patch {
  const table = tableOf(kind)
  return isObject(props) && table !== undefined && Object.entries(props).every(([prop, value]) => isAllowed(table, prop, value as Json))
}

/** Whether the value is a plain object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether the text has the form of a record's id. */
export function isRecordId(id: unknown): id is string {
  return typeof id === 'string' && id !== BOARD_RECORD && /^[0-9A-Za-z_-]{1,32}$/.test(id)
}

/** Whether the text has the form of an actor's id. */
export function isActorId(actor: unknown): actor is string {
  return typeof actor === 'string' && isBase62(actor, 8, 20)
}

/** Whether the text has the form of a stamp. */
export function isStamp(text: string): boolean {
  return /^[0-9a-z]{12}/.test(text) && isActorId(text.slice(12))
}

/** Whether the value is a coordinate in world units. */
export function isCoordinate(value: unknown): value is number {
  return isNumber(value, -MAX_COORDINATE, MAX_COORDINATE)
}

function tableOf(kind: unknown): Checks | undefined {
  return typeof kind === 'string' && Object.hasOwn(TABLES, kind) ? TABLES[kind] : undefined
}

function isAllowed(table: Checks, prop: string, value: unknown): boolean {
  return Object.hasOwn(table, prop) && table[prop]!(value as Json)
}

function isPosition(value: Json): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(isCoordinate)
}

function isColor(value: Json): boolean {
  if (typeof value !== 'string') return false
  return /^#[0-9a-fA-F]{6}$/.test(value) || (PALETTE as readonly string[]).includes(value)
}

function isExtent(value: Json): boolean {
  return isTuple(value, 2, (n) => n >= 0 && n <= MAX_COORDINATE)
}

function isFlip(value: Json): boolean {
  return isTuple(value, 2, (n) => Math.abs(n) === 1)
}

function isAsset(value: Json): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

function isBoolean(value: Json): boolean {
  return typeof value === 'boolean'
}

/** {to, at: [u, v], inside}: the place as shares of the box of the shape bound to. */
function isBinding(value: Json): boolean {
  if (!isObject(value) || Object.keys(value).length !== 3) return false
  const { to, at, inside } = value
  return isRecordId(to) && isTuple(at as Json, 2, (n) => Math.abs(n) <= 10) && typeof inside === 'boolean'
}

/** Whether the text is a URL that a shape may lead to. */
export function isLink(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 2000 || !URL.canParse(value)) return false
  return ['http:', 'https:', 'mailto:'].includes(new URL(value).protocol)
}

function isTuple(value: Json, length: number, suits: (n: number) => boolean): boolean {
  return isList(value, length, (n) => typeof n === 'number' && suits(n)) && (value as Json[]).length === length
}

function isList(value: Json, most: number, suits: (value: Json) => boolean): boolean {
  return Array.isArray(value) && value.length <= most && value.every(suits)
}

function oneOf(...words: string[]): Check {
  return (value) => typeof value === 'string' && words.includes(value)
}

function number(least: number, most: number): Check {
  return (value) => isNumber(value, least, most)
}

function string(most: number): Check {
  return (value) => typeof value === 'string' && [...value].length <= most
}

function orNull(check: Check): Check {
  return (value) => value === null || check(value)
}

function isNumber(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most
}

function isBase62(text: string, least: number, most: number): boolean {
  return text.length >= least && text.length <= most && [...text].every((char) => BASE62.includes(char))
}
