import type { Patch } from '../board/types'
import { fitted } from '../shapes/fit'
import { kindOf } from '../shapes/kinds'
import { isReshapable } from './applied'
import { each, working, type Action } from './desk'

/** Makes the selected shapes ones of the next kind: all boxes what the first becomes, lines arrows, arrows lines. */
export const convert: Action = (desk) => {
  const { free, locked } = working(desk)
  const box = free.map(({ record }) => nextOf(record, 'box')).find((next) => next !== undefined)
  const edits = each(free, ({ record }) => {
    const next = nextOf(record, 'box') ? box : nextOf(record, 'path')
    return next && fitted(record, next)
  })
  return { edits, locked }
}

/** Makes the selected shapes ones of another kind, those that are outlines in boxes. Places, looks and words stay. */
export function reshape(kind: string): Action {
  return (desk) => {
    const { free, locked } = working(desk)
    return { edits: each(free, ({ record }) => (isReshapable(record) && record['kind'] !== kind ? fitted(record, { kind }) : undefined)), locked }
  }
}

function nextOf(record: Patch, form: 'box' | 'path'): Patch | undefined {
  const kind = kindOf(record)
  return kind?.form === form ? kind.next : undefined
}
