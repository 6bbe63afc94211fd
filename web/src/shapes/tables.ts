import type { Json } from '../board/types'
import { isBoolean, isColor, isLink, isList, isNumber, isObject, isPosition, isRecordId, isTuple, number, oneOf, orNull, string } from '../board/validate'
import { MAX_BENDS, MAX_COORDINATE, MAX_GROUPS, MAX_META, MAX_TEXT, type Checks } from '../board/validate'

/**
 * Which values the properties of shapes may have, `kind` aside: the tables of docs/board-protocol.md that kinds of
 * shapes share, in Go whiteboard/validate.go. The chunks of a stroke, p0, p1, …, come beside.
 */

/** What all shapes have. */
export const SHAPE = {
  at: isPosition,
  z: (value) => typeof value === 'string' && /^[0-9A-Za-z]{1,64}$/.test(value),
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

/** Shapes in a box that may have words: one may become another. */
export const BOX = {
  ...SHAPE,
  ...TEXT,
  size: isExtent,
  corners: oneOf('sharp', 'round'),
  sides: (value) => isNumber(value, 3, 12) && Number.isInteger(value),
  wrap: isBoolean,
  flip: isFlip,
} satisfies Checks

const head = oneOf('none', 'arrow', 'triangle', 'bar', 'dot', 'diamond', 'crowfoot')

/** Lines and arrows: one may become the other. */
export const PATH = {
  ...SHAPE,
  ...TEXT,
  size: isPosition,
  bends: (value) => isList(value, MAX_BENDS, isPosition),
  route: oneOf('straight', 'curved', 'elbow'),
  closed: isBoolean,
  starthead: head,
  endhead: head,
  startbind: orNull(isBinding),
  endbind: orNull(isBinding),
} satisfies Checks

/** Whether the value is a width and a height. */
export function isExtent(value: Json): boolean {
  return isTuple(value, 2, (n) => n >= 0 && n <= MAX_COORDINATE)
}

/** Whether the value says of each axis whether it is mirrored. */
export function isFlip(value: Json): boolean {
  return isTuple(value, 2, (n) => Math.abs(n) === 1)
}

/** {to, at: [u, v], inside}: the place as shares of the box of the shape bound to. */
function isBinding(value: Json): boolean {
  if (!isObject(value) || Object.keys(value).length !== 3) return false
  const { to, at, inside } = value
  return isRecordId(to) && isTuple(at as Json, 2, (n) => Math.abs(n) <= 10) && typeof inside === 'boolean'
}
