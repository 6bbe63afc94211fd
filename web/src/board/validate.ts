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

const KINDS: readonly Json[] = ['draw', 'line', 'rect', 'ellipse']

const CHECKS: { readonly [prop: string]: Check } = {
  kind: (value) => KINDS.includes(value),
  at: isPosition,
  size: isPosition,
  z: (value) => typeof value === 'string' && isBase62(value, 1, 64),
  color: isColor,
  width: (value) => isNumber(value, 0.5, 64),
  fill: (value) => value === null || isColor(value),
  opacity: (value) => isNumber(value, 0.05, 1),
  deleted: (value) => typeof value === 'boolean',
}

/**
 * Whether the properties, which came from another client over the live lane, may be drawn: known
 * names, allowed values, kind and position present. What comes over the commit lane the web app has checked.
 */
export function isDrawable(props: unknown): props is Patch {
  if (!isObject(props) || props['kind'] === undefined || props['at'] === undefined) return false
  return Object.entries(props).every(([prop, value]) => isAllowed(prop, value))
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

function isAllowed(prop: string, value: unknown): boolean {
  return Object.hasOwn(CHECKS, prop) && CHECKS[prop]!(value as Json)
}

function isPosition(value: Json): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(isCoordinate)
}

function isColor(value: Json): boolean {
  if (typeof value !== 'string') return false
  return /^#[0-9a-fA-F]{6}$/.test(value) || (PALETTE as readonly string[]).includes(value)
}

function isNumber(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most
}

function isBase62(text: string, least: number, most: number): boolean {
  return text.length >= least && text.length <= most && [...text].every((char) => BASE62.includes(char))
}
