import { sameJson } from '../board/history'
import type { RecordId } from '../board/types'
import { isLocked, type Action, type Desk } from './desk'
import { STYLE_PROPS } from './style'

/** Selects every shape that is neither hidden nor locked. */
export const selectAll: Action = (desk) => ({ edits: [], select: selectable(desk) })

export const selectNone: Action = () => ({ edits: [], select: [] })

/** Selects what is not selected, and nothing else. */
export const invertSelection: Action = (desk) => ({ edits: [], select: selectable(desk).filter((id) => !desk.selection.has(id)) })

/** Selects every shape that is of the kind and looks like one of those selected. */
export const selectSameStyle: Action = (desk) => {
  const models = [...desk.selection].map((id) => desk.document.get(id)!).filter(Boolean)
  const isLike = (id: RecordId) => models.some((model) => looksLike(desk, id, model))
  return { edits: [], select: selectable(desk).filter((id) => desk.selection.has(id) || isLike(id)) }
}

function looksLike({ document }: Desk, id: RecordId, model: ReturnType<Desk['document']['get']>): boolean {
  const record = document.get(id)
  return record?.['kind'] === model?.['kind'] && STYLE_PROPS.every((prop) => sameJson(record?.[prop], model?.[prop]))
}

function selectable(desk: Desk): RecordId[] {
  return desk.shapes
    .all()
    .filter(({ props }) => !isLocked(desk, props))
    .map(({ id }) => id)
}
