import type { Json, Patch } from '../board/types'
import { isObject, type Checks } from '../board/validate'
import { draw } from './draw'
import { ellipse } from './ellipse'
import { frame } from './frame'
import { image } from './image'
import { arrow, line } from './line'
import { note } from './note'
import { outlines } from './outlines'
import { diamond, polygon } from './polygon'
import { rect } from './rect'
import type { Kind } from './shape'
import { text } from './text'

/** Every kind of shape by its name in the record. */
const ALL: ReadonlyMap<unknown, Kind> = new Map(
  Object.entries({ draw, line, arrow, rect, ellipse, diamond, polygon, text, note, image, frame, ...outlines }),
)

/** The names of the kinds of shapes. Layers, comments and chat lines are records too, but no shapes. */
export const KINDS: readonly string[] = [...ALL.keys()] as string[]

/** Which values the properties of each kind of shape may have. */
export const TABLES: { readonly [kind: string]: Checks } = Object.fromEntries(
  [...ALL].map(([name, { table }]) => [name, { kind: isKind, ...table }]),
)

/** Whether the value names a kind of shape. */
export function isKind(value: unknown): value is string {
  return ALL.has(value)
}

/** The kind of a record; undefined if it is no shape. */
export function kindOf({ kind }: Patch): Kind | undefined {
  return ALL.get(kind)
}

/**
 * Whether the properties, which came from another client over the live lane, may be drawn: known
 * names, allowed values, kind and position present. What comes over the commit lane the web app has checked.
 */
export function isDrawable(props: unknown): props is Patch {
  return isObject(props) && props['at'] !== undefined && props['kind'] !== undefined && isDrawableChange(props['kind'], props)
}

/** Whether the properties may be drawn in the place of those that a record of this kind has. */
export function isDrawableChange(kind: unknown, props: unknown): props is Patch {
  const table = isKind(kind) ? TABLES[kind]! : undefined
  return isObject(props) && table !== undefined && Object.entries(props).every(([prop, value]) => isAllowed(table, prop, value as Json))
}

function isAllowed(table: Checks, prop: string, value: Json): boolean {
  return Object.hasOwn(table, prop) && table[prop]!(value)
}
