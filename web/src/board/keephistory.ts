import { BOARD_RECORD } from './ids'
import type { Entry, Item, Stacks, Write } from './history'
import type { Json, RecordId, Stamp } from './types'
import { isObject, isRecordId, isStamp } from './validate'

/** No more than this is kept, in characters; the newest of it. */
const MOST = 1 << 20

/** An item: `previous` and `wrote` by their place among the writes, and the value before, if there was one. */
type PackedItem = readonly [id: RecordId, prop: string, previous: number, wrote: number, ...before: [] | [Json]]
type PackedEntry = readonly [created: readonly RecordId[], items: readonly PackedItem[]]

/** What a person can undo and redo, as text. Entries that speak of the same write do so again when they are unpacked. */
export function packHistory({ undos, redos }: Stacks): string {
  const writes: Stamp[] = []
  const known = new Map<Write, number>()
  let size = 0

  function indexOf(write: Write): number {
    const index = known.get(write) ?? writes.push(write.stamp) - 1
    known.set(write, index)
    return index
  }

  function packed({ created, items }: Entry): PackedEntry {
    const all = [...items.values()].map(({ id, prop, before, previous, wrote }): PackedItem => {
      const value: [] | [Json] = before === undefined ? [] : [before]
      return [id, prop, indexOf(previous), indexOf(wrote), ...value]
    })
    return [[...created], all]
  }

  function newest(entries: readonly Entry[]): PackedEntry[] {
    const kept: PackedEntry[] = []
    for (const entry of [...entries].reverse()) {
      const one = packed(entry)
      size += JSON.stringify(one).length
      if (size > MOST) break
      kept.unshift(one)
    }
    return kept
  }

  return JSON.stringify({ undos: newest(undos), redos: newest(redos), writes })
}

/** What packHistory has packed; undefined if it is anything else. */
export function unpackHistory(text: string): Stacks | undefined {
  const data = parsed(text)
  if (!isObject(data)) return undefined
  const { undos, redos, writes } = data
  if (!Array.isArray(undos) || !Array.isArray(redos) || !Array.isArray(writes) || !writes.every(isWritten)) return undefined
  const all = writes.map((stamp): Write => ({ stamp }))
  const [older, newer] = [undos, redos].map((entries) => entries.map((entry) => unpacked(entry, all)))
  const areWhole = (entries: readonly (Entry | undefined)[]): entries is readonly Entry[] => !entries.includes(undefined)
  return areWhole(older!) && areWhole(newer!) ? { undos: older, redos: newer } : undefined
}

function unpacked(entry: unknown, writes: readonly Write[]): Entry | undefined {
  if (!Array.isArray(entry) || entry.length !== 2) return undefined
  const [created, packed] = entry as [unknown, unknown]
  if (!Array.isArray(created) || !created.every(isRecordId) || !Array.isArray(packed)) return undefined
  const items = new Map<string, Item>()
  for (const one of packed) {
    if (!Array.isArray(one)) return undefined
    const [id, prop, previous, wrote, before] = one as [unknown, unknown, unknown, unknown, Json | undefined]
    const [from, to] = [writes[previous as number], writes[wrote as number]]
    if (!(isRecordId(id) || id === BOARD_RECORD) || !isProperty(prop) || !from || !to) return undefined
    items.set(`${id} ${prop}`, { id, prop, before, previous: from, wrote: to })
  }
  return { merge: undefined, items, created: new Set(created) }
}

function isWritten(stamp: unknown): stamp is Stamp {
  return typeof stamp === 'string' && (stamp === '' || isStamp(stamp))
}

function isProperty(prop: unknown): prop is string {
  return typeof prop === 'string' && /^[0-9a-z]{1,32}$/.test(prop)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
