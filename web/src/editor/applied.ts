import { ABSENT } from '../board/history'
import type { Json, Patch } from '../board/types'
import { fitted } from '../shapes/fit'
import { isKind, kindOf } from '../shapes/kinds'
import { textOf } from '../shapes/shape'
import { WORDS, type StyleProp } from '../shapes/style'

/** The value of a property that some shapes have; mixed when they differ. */
export interface Shared {
  readonly value: Json
  readonly isMixed: boolean
}

/** What some shapes look like: the properties that show on any of them. */
export type Applied = ReadonlyMap<StyleProp, Shared>

const OF_ALL: Patch = { color: 'black', width: 2 }

/** The style properties by which the look of this shape can be changed. */
export function propsShown(shape: Patch): readonly StyleProp[] {
  const kind = kindOf(shape)
  if (!kind) return []
  const shown = [...kind.shown]
  if (shape['closed'] === true) shown.push('fill', 'fillstyle')
  if (hasWords(shape) && !shown.includes('font')) shown.push(...WORDS, 'textcolor', ...(kind.form === 'box' ? (['valign'] as const) : []))
  return shown.filter((prop) => shows(prop, shape))
}

/** Whether the shape is made of words, or has a label. */
export function hasWords(shape: Patch): boolean {
  const kind = kindOf(shape)
  return kind !== undefined && (kind.shown.includes('font') || ('text' in kind.table && textOf(shape) !== ''))
}

/** A hachure needs a fill; a highlighter knows no pressure. */
function shows(prop: StyleProp, shape: Patch): boolean {
  if (prop === 'fillstyle') return typeof shape['fill'] === 'string'
  return !(prop === 'thinning' && shape['brush'] === 'highlighter')
}

/** The value that a shape has, absent or not. */
export function valueOf(shape: Patch, prop: StyleProp): Json {
  return shape[prop] ?? kindOf(shape)?.defaults?.[prop] ?? OF_ALL[prop] ?? ABSENT[prop] ?? null
}

/** What the shapes look like together. */
export function appliedOf(shapes: Iterable<Patch>): Applied {
  const applied = new Map<StyleProp, Shared>()
  for (const shape of shapes) {
    for (const prop of propsShown(shape)) {
      const value = valueOf(shape, prop)
      const known = applied.get(prop)
      if (!known) applied.set(prop, { value, isMixed: false })
      else if (!known.isMixed && known.value !== value) applied.set(prop, { ...known, isMixed: true })
    }
  }
  return applied
}

/** The part of a change that a shape can show, and what it grows by so that its words fit in; undefined if there is none. */
export function changeFor(shape: Patch, change: Patch): Patch | undefined {
  const shown: readonly string[] = propsShown({ ...shape, ...change })
  const part = Object.entries(change).filter(([prop]) => shown.includes(prop))
  return part.length > 0 ? fitted(shape, Object.fromEntries(part)) : undefined
}

/** Whether the record is a shape that is there. */
export function isShapeRecord(record: Patch | undefined): record is Patch {
  return record !== undefined && record['deleted'] !== true && isKind(record['kind'])
}

/** Whether the shape is an outline in a box, which may become any other. */
export function isReshapable(shape: Patch): boolean {
  const kind = kindOf(shape)
  return kind?.form === 'box' && kind.next !== undefined
}
