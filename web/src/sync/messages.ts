import type { Entry, WireOp } from '../board/types'
import { isActorId, isObject, isStamp } from '../board/validate'
import type { Answer } from './commit'
import type { Person } from './ports'

/** What the web app publishes to a board's group. */
export type GroupMessage =
  | { readonly k: 'ops'; readonly b: readonly Entry[] }
  | { readonly k: 'dig'; readonly q: number; readonly n: number; readonly h: string }
  | { readonly k: 'here'; readonly people: readonly Person[] }

/** The message; undefined if it is of an unknown kind or malformed. */
export function readGroupMessage(data: unknown): GroupMessage | undefined {
  if (!isObject(data)) return undefined
  const { k, b, q, n, h } = data
  if (k === 'ops' && Array.isArray(b) && b.every(isEntry)) return { k, b }
  if (k === 'dig' && isCount(q) && isCount(n) && typeof h === 'string') return { k, q, n, h }
  const people = k === 'here' ? readPeople(data['people']) : undefined
  return people && { k: 'here', people }
}

/** The answer to an event; undefined if it is of an unknown kind or malformed. */
export function readAnswer(data: unknown): Answer | undefined {
  if (!isObject(data) || !isCount(data['n'])) return undefined
  const { k, n, q, code, message, have, now } = data
  if (k === 'ack' && isCount(q)) return { k, n, q }
  if (k !== 'rej' || typeof code !== 'string' || !isCount(have)) return undefined
  return { k, n, code, message: typeof message === 'string' ? message : '', have, now: Number(now) }
}

/** The people of `here` and of GET /boards/{id}/people; undefined if malformed. */
export function readPeople(people: unknown): Person[] | undefined {
  if (!Array.isArray(people)) return undefined
  return people.filter(isPerson).map(({ u, name, role, n }) => ({ user: u, name, role, connections: n }))
}

/** Whether the value is an entry as it is on the wire. */
export function isEntry(value: unknown): value is Entry {
  if (!isObject(value)) return false
  const { q, c, n, ops } = value
  return isCount(q) && isActorId(c) && isCount(n) && Array.isArray(ops) && ops.every((op) => isWireOp(op, c))
}

function isWireOp(value: unknown, actor: string): value is WireOp {
  if (!Array.isArray(value) || value.length !== 3) return false
  const [time, id, patch] = value as unknown[]
  return typeof time === 'string' && time.length === 12 && isStamp(time + actor) && typeof id === 'string' && isObject(patch)
}

function isPerson(value: unknown): value is { u: string; name: string; role: Person['role']; n: number } {
  if (!isObject(value)) return false
  const { u, name, role, n } = value
  return typeof u === 'string' && typeof name === 'string' && (role === 'editor' || role === 'viewer') && isCount(n)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
