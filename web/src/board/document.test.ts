import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Document, MAX_OP_SIZE } from './document'
import { keyBetween, keysBetween, MAX_KEY } from './order'
import { seededRandom } from '../testing/random'
import type { Change, Op, Origin, Patch, WireRecord } from './types'

const RECT: Patch = { kind: 'rect', at: [0, 0], size: [4, 4], z: 'a0', color: 'red', width: 2 }

function document(actor = 'actor000'): Document {
  let now = 1000
  return new Document({ actor, now: () => now++ })
}

function listen(doc: Document): { changes: Change[]; origins: Origin[] } {
  const heard = { changes: [] as Change[], origins: [] as Origin[] }
  doc.subscribe((changes, origin) => {
    heard.changes.push(...changes)
    heard.origins.push(origin)
  })
  return heard
}

describe('edit', () => {
  test('applies, tells what changed, and gives the ops to send', () => {
    const doc = document()
    const heard = listen(doc)
    const sent: Op[] = []
    doc.onOps((ops) => sent.push(...ops))
    const made = doc.edit([['r', RECT], ['r', { color: 'teal' }]])
    expect(sent).toEqual(made)
    expect(heard).toEqual({ changes: [{ id: 'r', before: undefined, after: { ...RECT, color: 'teal' } }], origins: ['user'] })
    expect(doc.size).toBe(1)
    expect([...doc.records()]).toEqual([['r', { ...RECT, color: 'teal' }]])
  })

  test('a large patch becomes ops of bounded size', () => {
    const chunks = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`p${i}`, 'A'.repeat(2000)]))
    const ops = document().edit([['s', { ...RECT, kind: 'draw', ...chunks }]])
    expect(ops.length).toBeGreaterThan(3)
    for (const op of ops) expect(JSON.stringify(op.patch).length).toBeLessThanOrEqual(MAX_OP_SIZE)
    const stamps = ops.map(({ stamp }) => stamp)
    expect([...stamps].sort()).toEqual(stamps)
    expect(new Set(stamps).size).toBe(ops.length)
  })

  test('unsubscribed listeners hear nothing', () => {
    const doc = document()
    const heard = listen(doc)
    const off = doc.subscribe(() => heard.origins.push('load'))
    off()
    off()
    doc.edit([['r', RECT]])
    expect(heard.origins).toEqual(['user'])
  })
})

describe('remote ops', () => {
  test('a stamp of the future keeps later edits on top', () => {
    const doc = document()
    doc.applyRemote([{ stamp: '000000zzz000other000', id: 'r', patch: RECT }])
    doc.edit([['r', { color: 'teal' }]])
    expect(doc.get('r')!['color']).toBe('teal')
  })

  test('say who has written last', () => {
    const doc = document()
    expect(doc.writerOf('r')).toBeUndefined()
    doc.edit([['r', RECT]])
    doc.applyRemote([{ stamp: '000000zzz000other000', id: 'r', patch: { color: 'teal' } }])
    expect(doc.writerOf('r')).toBe('other000')
    doc.edit([['r', { width: 9 }]])
    expect(doc.writerOf('r')).toBe(doc.actor)
  })

  test('an echo changes nothing and is not reported', () => {
    const doc = document()
    const ops = doc.edit([['r', RECT]])
    const heard = listen(doc)
    doc.applyRemote(ops)
    expect(heard.changes).toEqual([])
  })

  test('patches that were handed out stay as they are', () => {
    const doc = document()
    doc.edit([['r', RECT]])
    const before = doc.get('r')
    doc.applyRemote([{ stamp: '000000zzz000other000', id: 'r', patch: { color: 'teal' } }])
    expect(before).toEqual(RECT)
    expect(doc.get('r')).not.toBe(before)
  })
})

describe('load', () => {
  test('replaces everything and reports only what differs', () => {
    const doc = document()
    const [kept] = doc.edit([['kept', RECT]])
    doc.edit([['gone', RECT]])
    const same = doc.get('kept')
    const heard = listen(doc)
    const records = [
      { id: 'kept', v: kept!.stamp, p: structuredClone(RECT) },
      { id: 'new', v: '0000000rs000other000', p: RECT },
    ]
    doc.load({ seq: 3, records }, [])
    expect(doc.get('kept')).toBe(same)
    expect(heard.origins).toEqual(['load'])
    expect(heard.changes).toEqual([
      { id: 'new', before: undefined, after: RECT },
      { id: 'gone', before: RECT, after: undefined },
    ])
  })

  test('keeps what waits to be committed', () => {
    // Defect 4 of the sample: a snapshot fetched while joining overwrote newer changes.
    const doc = document()
    doc.applyRemote([{ stamp: '0000000rs000other000', id: 'r', patch: RECT }])
    const pending = doc.edit([['r', { color: 'teal' }]])
    doc.load({ seq: 1, records: [{ id: 'r', v: '0000000rs000other000', p: RECT }] }, pending)
    expect(doc.get('r')!['color']).toBe('teal')
  })

  test('100 000 records in a second', () => {
    const records = Array.from({ length: 100_000 }, (_, i): WireRecord => {
      return { id: `r${i}`, v: `0000000rs000other${i % 100}xx`.slice(0, 20), p: { ...RECT, at: [i, i] } }
    })
    const text = JSON.stringify({ seq: 9, records })
    const doc = document()
    // Of the processor's time: others may be using it, too.
    const begin = process.cpuUsage()
    doc.load(JSON.parse(text), [])
    const { user, system } = process.cpuUsage(begin)
    expect(doc.size).toBe(100_000)
    expect((user + system) / 1000).toBeLessThan(1000)
  }, 60_000)
})

describe('the digest', () => {
  test('follows every change, back and forth', () => {
    const doc = document()
    const other = document('actor001')
    for (let i = 0; i < 20; i++) {
      other.applyRemote(doc.edit([[`r${i % 3}`, { ...RECT, at: [i, i] }]]))
      expect(doc.digest()).toBe(other.digest())
    }
    const before = doc.digest()
    doc.edit([['r0', { color: 'teal' }]])
    expect(doc.digest()).not.toBe(before)
    const records = [...other.wireRecords()]
    doc.load({ seq: 1, records }, [])
    expect(doc.digest()).toBe(before)
  })

  test('is that of the records alone, whatever happened before', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('edit', 'load', 'restamp', 'digest'), fc.nat(4), fc.nat(4)), { maxLength: 20 }), (steps) => {
        const doc = document()
        for (const [step, i, k] of steps) {
          const ops = step === 'edit' || step === 'restamp' ? doc.edit([[`r${i}`, { ...RECT, at: [k, k] }]]) : []
          if (step === 'restamp') doc.restamp(ops, 'actor002', () => 5000 + k)
          if (step === 'load') doc.load({ seq: 1, records: [...doc.wireRecords()].slice(0, k).map((one) => ({ ...one })) }, [])
          if (step === 'digest') doc.digest()
        }
        const fresh = document()
        fresh.load({ seq: 1, records: [...doc.wireRecords()] }, [])
        expect(doc.digest()).toBe(fresh.digest())
      }),
    )
  })
})

describe('order keys', () => {
  const random = seededRandom(7)

  test('lie between their bounds and stay short when appended', () => {
    let last: string | null = null
    for (let i = 0; i < 5000; i++) {
      const key = keyBetween(last, null, random)
      if (last !== null) expect(key > last).toBe(true)
      last = key
    }
    expect(last!.length).toBeLessThan(10)
  })

  test('lie between narrow bounds', () => {
    const low = keyBetween(null, null, random)
    let high = keyBetween(low, null, random)
    for (let i = 0; i < 100; i++) {
      const key = keyBetween(low, high, random)
      expect(low < key && key < high).toBe(true)
      expect(key).toMatch(/^[0-9A-Za-z]{1,64}$/)
      high = key
    }
  })

  test('two people who insert at the same place get different keys', () => {
    const keys = new Set(Array.from({ length: 50 }, () => keyBetween('a0', 'a1', random)))
    expect(keys.size).toBeGreaterThan(45)
  })

  test('many at once rise', () => {
    const keys = keysBetween('a0', 'a1', 200, random)
    expect(keys).toHaveLength(200)
    expect([...keys].sort()).toEqual(keys)
    expect(new Set(keys).size).toBe(200)
  })

  test.each([['a1', 'a1'], ['b', 'a'], ['0', '1'], ['a0', 'a00'], ['z'.repeat(MAX_KEY), null]])(
    'bounds %j, %j that leave no room give a valid key',
    (below, above) => {
      expect(keyBetween(below, above, random)).toMatch(/^[0-9A-Za-z]{1,64}$/)
    },
  )
})
