import { stampOf, type Registers } from './merge'
import type { RecordId } from './types'

/** Two 32-bit hashes; digests of records combine by XOR. */
export interface Hash {
  readonly a: number
  readonly b: number
}

/** FNV-1a, twice, of the record's text: its id, then its properties grouped by stamp. */
export function hashRecord(id: RecordId, record: Registers): Hash {
  const text = recordText(id, record)
  let a = 0x811c9dc5
  let b = 0x050c5d1f
  for (let i = 0; i < text.length; i++) {
    const byte = text.charCodeAt(i) // ids, names and stamps are ASCII
    a = Math.imul(a ^ byte, 16777619)
    b = Math.imul(b ^ byte, 16777619)
  }
  return { a, b }
}

/** 16 hex digits. */
export function digestText(hash: Hash): string {
  return hex(hash.a) + hex(hash.b)
}

function recordText(id: RecordId, record: Registers): string {
  const names = Object.keys(record.p).sort()
  if (!record.pv) return names.length > 0 ? `${id}\n${record.v}:${names.join(',')}` : id
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const stamp = stampOf(record, name)
    const group = groups.get(stamp)
    if (group) group.push(name)
    else groups.set(stamp, [name])
  }
  const lines = [...groups.keys()].sort().map((stamp) => `\n${stamp}:${groups.get(stamp)!.join(',')}`)
  return id + lines.join('')
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0')
}
