import { describe, expect, test } from 'vitest'
import { vectors } from '../testing/vectors'
import { Clock, newStamp, stampActor, stampCounter, stampMs } from './clock'
import { digestText, hashRecord } from './digest'
import { Document } from './document'
import { merge, type Registers } from './merge'
import type { Op, Patch, WireRecord } from './types'
import { isStamp } from './validate'

interface Stamps {
  stamps: { ms: number; counter: number; actor: string; stamp: string }[]
  invalid: (string | { name: string; text: string })[]
  clocks: { name: string; actor: string; steps: { now?: number; next?: string; observe?: string }[] }[]
}
interface MergeCase {
  name: string
  ops: [stamp: string, id: string, patch: Patch][]
  records: WireRecord[]
  digest: string
}

describe('stamps', () => {
  const { stamps, invalid, clocks } = vectors<Stamps>('stamps.json')
  test.each(stamps)('$stamp', ({ ms, counter, actor, stamp }) => {
    expect(newStamp(ms, counter, actor)).toBe(stamp)
    expect([stampMs(stamp), stampCounter(stamp), stampActor(stamp)]).toEqual([ms, counter, actor])
    expect(isStamp(stamp)).toBe(true)
  })
  test.each(invalid.map((entry) => (typeof entry === 'string' ? entry : entry.text)))('%j is refused', (text) => {
    expect(isStamp(text)).toBe(false)
  })
  test.each(clocks)('clock $name', ({ actor, steps }) => {
    let now = 0
    const clock = new Clock(actor, () => now)
    for (const step of steps) {
      now = step.now ?? now
      if (step.observe !== undefined) clock.observe(step.observe)
      if (step.next !== undefined) expect(clock.next()).toBe(step.next)
    }
  })
})

describe('merge', () => {
  const cases = vectors<MergeCase[]>('merge.json')
  test.each(cases)('$name', ({ ops, records, digest }) => {
    const merged = new Map<string, Registers>()
    for (const [stamp, id, patch] of ops) {
      const record = merge(merged.get(id), { stamp, id, patch })
      if (record) merged.set(id, record)
    }
    const wire = [...merged].map(([id, { v, pv, p }]) => ({ id, v, ...(pv && { pv }), p }))
    expect(wire.sort(byId)).toEqual([...records].sort(byId))
    expect(document(ops).digest()).toBe(digest)
  })
  test.each(cases)('$name, in any order, twice', ({ ops, digest }) => {
    expect(document([...ops].reverse()).digest()).toBe(digest)
    expect(document([...ops, ...ops]).digest()).toBe(digest)
  })
})

describe('digest', () => {
  const cases = vectors<{ name: string; records: WireRecord[]; digest: string }[]>('digest.json')
  test.each(cases)('$name', ({ records, digest }) => {
    const hashes = records.map(({ id, v, pv, p }) => hashRecord(id, { v, pv, p }))
    const all = hashes.reduce((x, y) => ({ a: x.a ^ y.a, b: x.b ^ y.b }), { a: 0, b: 0 })
    expect(digestText(all)).toBe(digest)
    const loaded = document([])
    loaded.load({ seq: 1, records }, [])
    expect(loaded.digest()).toBe(digest)
  })
})

function document(ops: MergeCase['ops']): Document {
  const doc = new Document({ actor: 'reader000', now: () => 0 })
  doc.applyRemote(ops.map(([stamp, id, patch]): Op => ({ stamp, id, patch })))
  return doc
}

function byId(a: WireRecord, b: WireRecord): number {
  return a.id < b.id ? -1 : 1
}
