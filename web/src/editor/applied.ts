import { ABSENT } from '../board/history'
import type { Json, Patch } from '../board/types'
import { TABLES } from '../shapes/kinds'
import type { StyleProp } from './style'

/** The value of a property that some shapes have; mixed when they differ. */
export interface Shared {
  readonly value: Json
  readonly isMixed: boolean
}

/** What some shapes look like: the properties that show on any of them. */
export type Applied = ReadonlyMap<StyleProp, Shared>

const OUTLINE: readonly StyleProp[] = ['color', 'fill', 'fillstyle', 'width', 'dash', 'opacity']
const WORDS: readonly StyleProp[] = ['font', 'fontsize', 'align']
const PATH: readonly StyleProp[] = ['color', 'width', 'dash', 'opacity', 'route', 'starthead', 'endhead']

/** What shows on every shape of a kind. */
const SHOWN: { readonly [kind: string]: readonly StyleProp[] } = {
  draw: ['color', 'width', 'opacity', 'smoothing', 'thinning'],
  line: PATH,
  arrow: PATH,
  rect: [...OUTLINE, 'corners'],
  diamond: [...OUTLINE, 'corners'],
  ellipse: OUTLINE,
  polygon: [...OUTLINE, 'corners', 'sides'],
  text: ['color', 'opacity', ...WORDS],
  note: ['fill', 'color', 'opacity', ...WORDS, 'valign'],
  image: ['opacity'],
  frame: [],
}

const LABELLED = ['line', 'arrow', 'rect', 'diamond', 'ellipse', 'polygon']
const OF_KIND: { readonly [kind: string]: Patch } = { text: { align: 'left', valign: 'top' } }
const OF_ALL: Patch = { color: 'black', width: 2 }

/** The style properties by which the look of this shape can be changed. */
export function propsShown(shape: Patch): readonly StyleProp[] {
  const kind = String(shape['kind'])
  const shown = [...(SHOWN[kind] ?? [])]
  if (shape['closed'] === true) shown.push('fill', 'fillstyle')
  if (LABELLED.includes(kind) && typeof shape['text'] === 'string' && shape['text'] !== '') {
    shown.push(...WORDS, 'textcolor')
    if (kind !== 'line' && kind !== 'arrow') shown.push('valign')
  }
  return shown.filter((prop) => shows(prop, shape))
}

/** A hachure needs a fill; a highlighter knows no pressure. */
function shows(prop: StyleProp, shape: Patch): boolean {
  if (prop === 'fillstyle') return typeof shape['fill'] === 'string'
  return !(prop === 'thinning' && shape['brush'] === 'highlighter')
}

/** The value that a shape has, absent or not. */
export function valueOf(shape: Patch, prop: StyleProp): Json {
  return shape[prop] ?? OF_KIND[String(shape['kind'])]?.[prop] ?? OF_ALL[prop] ?? ABSENT[prop] ?? null
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

/** The part of a change that a shape can show; undefined if there is none. */
export function changeFor(shape: Patch, change: Patch): Patch | undefined {
  const table = TABLES[String(shape['kind'])]
  const shown: readonly string[] = propsShown({ ...shape, ...change })
  const part = Object.entries(change).filter(([prop]) => table && prop in table && shown.includes(prop))
  return part.length > 0 ? Object.fromEntries(part) : undefined
}

/** Whether the record is a shape that is there. */
export function isShapeRecord(record: Patch | undefined): record is Patch {
  return record !== undefined && record['deleted'] !== true && String(record['kind']) in SHOWN
}
