import { each, isShape, NOTHING, working, type Action, type Desk, type Piece } from './desk'

/** Locks the selection; if all of it is locked, frees it. */
export const toggleLock: Action = (desk) => {
  const records = [...desk.selection].map((id) => [id, desk.document.get(id)] as const).filter(([, record]) => isShape(record))
  const locked = !records.every(([, record]) => record!['locked'] === true)
  return { edits: records.map(([id]) => [id, { locked }]), ...(locked && { select: [] }) }
}

/** Frees every shape that is locked, and selects them. */
export const unlockAll: Action = (desk) => {
  const locked = shapesWith(desk, 'locked')
  return { edits: locked.map((id) => [id, { locked: false }]), select: locked }
}

/** Hides the selection. */
export const hide: Action = (desk) => {
  const { free, locked } = working(desk)
  return free.length === 0 ? { ...NOTHING, locked } : { edits: each(free, { hidden: true }), select: [], locked }
}

/** Shows every hidden shape, and selects them. */
export const showAll: Action = (desk) => {
  const hidden = shapesWith(desk, 'hidden')
  return { edits: hidden.map((id) => [id, { hidden: false }]), select: hidden }
}

function shapesWith({ document }: Desk, prop: 'hidden' | 'locked'): Piece['id'][] {
  return [...document.records()].filter(([, record]) => isShape(record) && record[prop] === true).map(([id]) => id)
}
