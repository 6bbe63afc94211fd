import type { Json, Patch } from '../board/types'
import { fitted } from '../shapes/fit'
import { kindOf, TABLES } from '../shapes/kinds'
import { fontSizeOf, orientedOf, scaledText } from '../shapes/transform'
import { world } from '../geometry/point'
import { hasWords, valueOf } from './applied'
import { resolved } from './bindings'
import { each, isShape, working, type Action, type Desk } from './desk'
import { STYLE_PROPS } from './style'

/** The steps of bigger and smaller text, in world units. */
const SIZES = [4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 36, 48, 64, 80, 96, 128, 160, 200, 256, 320, 400]

const OF_WORDS: readonly string[] = ['font', 'fontsize', 'align', 'valign', 'textcolor']

/** What the topmost selected shape looks like: every style property it has, absent ones by what they mean. */
export function styleOf(desk: Desk): Patch | undefined {
  const last = [...desk.selection].map((id) => desk.document.get(id)).findLast(isShape)
  if (!last) return undefined
  const props = STYLE_PROPS.filter((prop) => prop in TABLES[String(last['kind'])]! && (hasWords(last) || !OF_WORDS.includes(prop)))
  return Object.fromEntries(props.map((prop) => [prop, valueOf(last, prop)]))
}

/** Makes the selection look like a style, as far as each shape has its properties. */
export function pasteStyle(style: Patch): Action {
  return (desk) => {
    const { free, locked } = working(desk)
    const edits = each(free, ({ record }) => {
      const table = TABLES[String(record['kind'])]!
      const fit = Object.entries(style).filter(([prop, value]) => table[prop]?.(value) && (STYLE_PROPS as readonly string[]).includes(prop))
      return fitted(record, Object.fromEntries(fit))
    })
    return { edits, locked }
  }
}

/** Fills what can be filled of the selection. */
export function fillWith(fill: Json): Action {
  return (desk) => {
    const { free, locked } = working(desk)
    return { edits: each(free, ({ record }) => (isFillable(record) ? { fill } : undefined)), locked }
  }
}

/** Whether a fill shows on a shape. */
export function isFillable(record: Patch): boolean {
  return kindOf(record)?.shown.includes('fill') === true || record['closed'] === true
}

/** Makes the text of the selection one step larger. */
export const biggerText = resize((size) => SIZES.find((one) => one > size) ?? size)

/** Makes the text of the selection one step smaller. */
export const smallerText = resize((size) => SIZES.findLast((one) => one < size) ?? size)

function resize(next: (size: number) => number): Action {
  return (desk) => {
    const { free, locked } = working(desk)
    const edits = each(free, ({ id, record }) => {
      if (!hasWords(record)) return undefined
      const fontsize = next(fontSizeOf(record))
      return record['kind'] === 'text' ? textOfSize(resolved(desk, id), fontsize) : fitted(record, { fontsize })
    })
    return { edits, locked }
  }
}

/** Text grows from its first corner, its box with it. */
function textOfSize(props: Patch, fontsize: number): Patch {
  const box = orientedOf(props)?.box
  return box ? scaledText(props, fontsize / fontSizeOf(props), world(box.minX, box.minY)) : { fontsize }
}
