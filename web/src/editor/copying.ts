import { newRecordId } from '../board/ids'
import { keysBetween } from '../board/order'
import type { Patch, RecordId } from '../board/types'
import { recordOf } from '../shapes'
import { moved } from '../shapes/transform'
import { rebound, resolved } from './bindings'
import { groupsOf, isShape, working, type Action, type Desk, type Edit, type Piece } from './desk'
import { withContents } from './frames'

/** How far a copy lies from its original, in world units. */
const OFFSET = 10

/** Copies the selection a little beside it, and selects the copies. */
export const duplicate: Action = (desk) => {
  const { free, locked } = working(desk)
  const pieces = withContents(desk, free)
  const ids = new Map(pieces.map(({ id }) => [id, newRecordId(desk.random)]))
  const edits = copies(desk, pieces, ids)
  return { edits, ...(edits.length > 0 && { select: free.map(({ id }) => ids.get(id)!) }), locked }
}

function copies(desk: Desk, pieces: readonly Piece[], ids: ReadonlyMap<RecordId, RecordId>): Edit[] {
  const keys = keysBetween(topKey(desk), null, pieces.length, desk.random)
  const groups = freshGroups(desk, new Set(ids.keys()))
  const inOrder = [...pieces].sort((a, b) => (a.z < b.z ? -1 : 1))
  return inOrder.map(({ id, record }, i) => {
    const props = recordOf(resolved(desk, id))
    return [ids.get(id)!, { ...props, ...moved(props, OFFSET, OFFSET), ...rebound(props, ids), ...places(record, ids, groups), z: keys[i]! }]
  })
}

/** The groups and the frame a copy is in. */
function places(record: Patch, ids: ReadonlyMap<RecordId, RecordId>, groups: ReadonlyMap<RecordId, RecordId>): Patch {
  const own = groupsOf(record)
  const frame = typeof record['frame'] === 'string' ? ids.get(record['frame']) : undefined
  return {
    ...(own.length > 0 && { groups: own.map((id) => groups.get(id) ?? id) }),
    ...(frame !== undefined && { frame }),
  }
}

/** New ids for groups that are copied whole; copies of a part stay in the group. */
function freshGroups({ document, random }: Desk, copied: ReadonlySet<RecordId>): Map<RecordId, RecordId> {
  const fresh = new Map<RecordId, RecordId>()
  const partly = new Set<RecordId>()
  for (const [id, record] of document.records()) {
    if (!isShape(record)) continue
    for (const group of groupsOf(record)) {
      if (!copied.has(id)) partly.add(group)
      else if (!fresh.has(group)) fresh.set(group, newRecordId(random))
    }
  }
  for (const group of partly) fresh.delete(group)
  return fresh
}

function topKey({ document }: Desk): string | null {
  let top: string | null = null
  for (const [, record] of document.records()) {
    const { z } = record
    if (isShape(record) && typeof z === 'string' && (top === null || z > top)) top = z
  }
  return top
}
