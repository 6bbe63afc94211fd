import { newRecordId } from '../board/ids'
import type { RecordId } from '../board/types'
import { MAX_GROUPS } from '../board/validate'
import { each, groupsOf, isShape, NOTHING, working, type Action, type Desk, type Piece } from './desk'

/** Puts the selection into a new group: around the groups it holds, within those it is only a part of. */
export const group: Action = (desk) => {
  const { free, locked } = working(desk)
  const outer = enclosing(desk, free)
  if (free.length < 2 || isOneGroup(free, outer)) return { ...NOTHING, locked }
  const fresh = newRecordId(desk.random)
  const edits = each(free, ({ record }) => {
    const groups = groupsOf(record)
    const at = groups.length - outer.length
    return { groups: [...groups.slice(0, at), fresh, ...groups.slice(at)] }
  })
  return free.some(({ record }) => groupsOf(record).length >= MAX_GROUPS) ? NOTHING : { edits, locked }
}

/** Dissolves the outermost groups that are selected whole. */
export const ungroup: Action = (desk) => {
  const { free, locked } = working(desk)
  const outer = new Set(enclosing(desk, free))
  const edits = each(free, ({ record }) => {
    const groups = groupsOf(record)
    const last = groups.findLast((id) => !outer.has(id))
    return last === undefined ? undefined : { groups: groups.filter((id) => id !== last) }
  })
  return { edits, locked }
}

/** What is moved and aligned as one: the members of an outermost group, or a shape by itself. */
export function unitsOf(desk: Desk, pieces: readonly Piece[]): Piece[][] {
  const outer = new Set(enclosing(desk, pieces))
  const units = new Map<RecordId, Piece[]>()
  for (const piece of pieces) {
    const key = groupsOf(piece.record).findLast((id) => !outer.has(id)) ?? `shape ${piece.id}`
    units.set(key, [...(units.get(key) ?? []), piece])
  }
  return [...units.values()]
}

/** The groups that all of these are in and that hold others as well, innermost first: one works within them. */
export function enclosing(desk: Desk, pieces: readonly Piece[]): readonly RecordId[] {
  const first = pieces[0]
  if (!first) return []
  const shared = commonEnd(pieces.map(({ record }) => groupsOf(record)))
  const open = shared.findIndex((id) => hasOthers(desk, id))
  return open < 0 ? [] : shared.slice(open)
}

/** Whether a group has members that are not selected; hidden ones can't be. */
function hasOthers({ document, selection }: Desk, group: RecordId): boolean {
  for (const [id, record] of document.records()) {
    if (!selection.has(id) && isShape(record) && record['hidden'] !== true && groupsOf(record).includes(group)) return true
  }
  return false
}

function commonEnd(lists: readonly (readonly RecordId[])[]): readonly RecordId[] {
  const [first, ...rest] = lists as [readonly RecordId[], ...(readonly RecordId[])[]]
  let n = 0
  while (n < first.length && rest.every((list) => list.at(-1 - n) === first.at(-1 - n))) n++
  return n === 0 ? [] : first.slice(-n)
}

/** Whether the pieces are one group already, within those that enclose them. */
function isOneGroup(pieces: readonly Piece[], outer: readonly RecordId[]): boolean {
  const inner = pieces.map(({ record }) => groupsOf(record).at(-1 - outer.length))
  return inner[0] !== undefined && inner.every((id) => id === inner[0])
}
