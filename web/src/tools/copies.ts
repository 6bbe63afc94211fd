import type { Json, Patch, RecordId } from '../board/types'
import { compareOrder } from '../board/order'
import { recordOf, type Shape } from '../shapes'
import type { Board, Edit } from './tool'

/** What copies of shapes are called: made once, so that a gesture shows the same copies all along. */
export interface CopyPlan {
  readonly shapes: readonly Shape[]
  readonly ids: ReadonlyMap<RecordId, RecordId>
  readonly groups: ReadonlyMap<RecordId, RecordId>
  readonly keys: ReadonlyMap<RecordId, string>
}

/** Groups of which all shapes are copied become new groups; the others take the copies in. */
export function planCopies(shapes: readonly Shape[], board: Board): CopyPlan {
  const ids = new Map(shapes.map(({ id }) => [id, board.newId()]))
  const groups = new Map<RecordId, RecordId>()
  for (const [group, members] of groupsAround(shapes, board)) {
    if ([...members].every((id) => ids.has(id))) groups.set(group, board.newId())
  }
  const keys = board.newKeys(shapes.length)
  const order = [...shapes].sort(compareOrder).map(({ id }, i) => [id, keys[i]!] as const)
  return { shapes, ids, groups, keys: new Map(order) }
}

/** The edits that make the copies, with what they would change of the originals. */
export function copiesOf({ shapes, ids, groups, keys }: CopyPlan, edits: readonly Edit[]): Edit[] {
  const changes = new Map(edits)
  return shapes.map((shape): Edit => {
    const props = { ...recordOf(shape.props), ...changes.get(shape.id) }
    return [ids.get(shape.id)!, { ...props, ...references(props, ids, groups), z: keys.get(shape.id)! }]
  })
}

/** What the shape refers to, where that is copied too. What an arrow is bound to, and is not copied, it lets go. */
function references(props: Patch, ids: CopyPlan['ids'], groups: CopyPlan['groups']): Patch {
  const patch: { [prop: string]: Json } = {}
  for (const end of ['startbind', 'endbind']) {
    const bind = props[end] as { readonly to: RecordId } | null | undefined
    if (bind) patch[end] = ids.has(bind.to) ? { ...bind, to: ids.get(bind.to)! } : null
  }
  const { frame } = props
  if (typeof frame === 'string' && ids.has(frame)) patch['frame'] = ids.get(frame)!
  const inside = props['groups']
  if (Array.isArray(inside)) patch['groups'] = (inside as RecordId[]).map((group) => groups.get(group) ?? group)
  return patch
}

function groupsAround(shapes: readonly Shape[], board: Board): Map<RecordId, Set<RecordId>> {
  const groups = new Map<RecordId, Set<RecordId>>()
  const done = new Set<RecordId>()
  for (const { id } of shapes) {
    if (done.has(id)) continue
    for (const member of board.unit(id)) {
      done.add(member)
      const inside = board.get(member)?.props['groups']
      for (const group of Array.isArray(inside) ? (inside as RecordId[]) : []) {
        groups.set(group, (groups.get(group) ?? new Set()).add(member))
      }
    }
  }
  return groups
}
