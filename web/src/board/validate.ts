import { BASE62, BOARD_RECORD } from './ids'
import type { Json } from './types'

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

/** Whether a property may have a value. */
export type Check = (value: Json) => boolean
/** The properties that a record may have, with the values they may have. */
export type Checks = { readonly [prop: string]: Check }

/** How many points a line has between its ends, how deep groups are nested, and how long a text is, at most. */
export const MAX_BENDS = 1000
export const MAX_GROUPS = 16
export const MAX_TEXT = 10_000
/** The largest `meta`, in characters of JSON. */
export const MAX_META = 8 << 10

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

/** Whether the value is a pair of coordinates. */
export function isPosition(value: Json): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(isCoordinate)
}

/** Whether the value is a palette name or #rrggbb. */
export function isColor(value: Json): boolean {
  if (typeof value !== 'string') return false
  return /^#[0-9a-fA-F]{6}$/.test(value) || (PALETTE as readonly string[]).includes(value)
}

export function isBoolean(value: Json): boolean {
  return typeof value === 'boolean'
}

/** Whether the text is a URL that a shape may lead to. */
export function isLink(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 2000 || !URL.canParse(value)) return false
  return ['http:', 'https:', 'mailto:'].includes(new URL(value).protocol)
}

/** Whether the value is a list of so many numbers that all suit. */
export function isTuple(value: Json, length: number, suits: (n: number) => boolean): boolean {
  return isList(value, length, (n) => typeof n === 'number' && suits(n)) && (value as Json[]).length === length
}

/** Whether the value is a list of at most so many values that all suit. */
export function isList(value: Json, most: number, suits: (value: Json) => boolean): boolean {
  return Array.isArray(value) && value.length <= most && value.every(suits)
}

/** Checks for one of the words. */
export function oneOf(...words: string[]): Check {
  return (value) => typeof value === 'string' && words.includes(value)
}

/** Checks for a number between two others, inclusive. */
export function number(least: number, most: number): Check {
  return (value) => isNumber(value, least, most)
}

/** Checks for a text of at most so many characters. */
export function string(most: number): Check {
  return (value) => typeof value === 'string' && [...value].length <= most
}

/** Checks for null, or as another check does. */
export function orNull(check: Check): Check {
  return (value) => value === null || check(value)
}

/** Whether the value is a number between two others, inclusive. */
export function isNumber(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most
}

function isBase62(text: string, least: number, most: number): boolean {
  return text.length >= least && text.length <= most && [...text].every((char) => BASE62.includes(char))
}
