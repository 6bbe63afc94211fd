import type { Json, Patch, RecordId } from '../board/types'
import { isObject } from '../board/validate'
import type { Desk, Edit } from './desk'

/** The ends of an arrow or a line that can be bound to shapes. */
export const ENDS = ['startbind', 'endbind'] as const

/** What an end follows; undefined if it is free. */
export function boundTo(record: Patch, end: (typeof ENDS)[number]): RecordId | undefined {
  const bind: unknown = record[end]
  return isObject(bind) && typeof bind['to'] === 'string' ? bind['to'] : undefined
}

/** The properties as they look: with bound ends where the shapes are. */
export function resolved({ shapes, document }: Desk, id: RecordId): Patch {
  return shapes.get(id)?.props ?? document.get(id) ?? {}
}

/** Writes down where ends are that are bound to shapes that go: without the shape they stay there. */
export function lastEnds(desk: Desk, going: ReadonlySet<RecordId>): Edit[] {
  const edits: Edit[] = []
  for (const { id, props } of desk.shapes.all()) {
    if (going.has(id) || !ENDS.some((end) => going.has(boundTo(props, end) ?? ''))) continue
    const { at, size, bends } = props
    edits.push([id, { ...(at && { at }), ...(size && { size }), ...(bends && { bends }) }])
  }
  return edits
}

/** Bindings as a copy has them: to the copies of what is copied; others are let go. */
export function rebound(record: Patch, copies: ReadonlyMap<RecordId, RecordId>): Patch {
  const patch: { [prop: string]: Json } = {}
  for (const end of ENDS) {
    const to = boundTo(record, end)
    if (to === undefined) continue
    const copy = copies.get(to)
    patch[end] = copy === undefined ? null : { ...(record[end] as Patch), to: copy }
  }
  return patch
}

/** Bindings of a shape that is moved: an end lets go of what stays behind, unless the other end is taken along. */
export function bindingsLeft(record: Patch, moving: ReadonlySet<RecordId>): Patch {
  const bound = ENDS.filter((end) => boundTo(record, end) !== undefined)
  if (bound.some((end) => moving.has(boundTo(record, end)!))) return {}
  return Object.fromEntries(bound.map((end) => [end, null]))
}
