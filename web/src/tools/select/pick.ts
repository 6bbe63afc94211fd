import type { RecordId } from '../../board/types'
import type { Board } from '../tool'

/** What a click on a shape may mean, outermost group first, the shape itself last. */
export function levelsOf(id: RecordId, board: Board): readonly (readonly RecordId[])[] {
  const unit = board.unit(id)
  const groups = groupsOf(id, board)
  const inner = groups.slice(0, -1).reverse()
  const levels = inner.map((group) => unit.filter((member) => groupsOf(member, board).includes(group)))
  return groups.length === 0 ? [[id]] : [unit, ...levels, [id]]
}

/** What a click on a shape selects: its outermost group, or less when the selection is within that group already. */
export function pick(id: RecordId, board: Board): readonly RecordId[] {
  const levels = levelsOf(id, board)
  const entered = levels.findLastIndex((level) => isWithin(board.selection, level))
  return levels[Math.min(entered + 1, levels.length - 1)]!
}

/** What a double click selects: one level deeper than what is selected; undefined at the deepest. */
export function deeper(id: RecordId, board: Board): readonly RecordId[] | undefined {
  const levels = levelsOf(id, board)
  const at = levels.findLastIndex((level) => isSame(board.selection, level))
  return levels[at + 1]
}

export function groupsOf(id: RecordId, board: Board): readonly RecordId[] {
  const groups = board.get(id)?.props['groups']
  return Array.isArray(groups) ? (groups as RecordId[]) : []
}

/** Whether some but not all of a level are selected, and nothing else is. */
function isWithin(selection: ReadonlySet<RecordId>, level: readonly RecordId[]): boolean {
  if (selection.size === 0 || selection.size >= level.length) return false
  const members = new Set(level)
  return [...selection].every((id) => members.has(id))
}

function isSame(selection: ReadonlySet<RecordId>, level: readonly RecordId[]): boolean {
  return selection.size === level.length && level.every((id) => selection.has(id))
}
