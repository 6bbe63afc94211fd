import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, test } from 'vitest'
import { newStamp } from '../board/clock'
import type { Op, Patch } from '../board/types'
import { seededRandom } from '../testing/random'
import { Simulation } from '../testing/simulation'
import { DEAD_AFTER, openOutboxes, type Locks } from './indexeddb'
import { MAX_BATCH_OPS, MAX_BATCH_SIZE, MemoryStorage, Outbox, OutboxLost, type OutboxStorage } from './outbox'

const ANA = 'actorAna1'
const BEN = 'actorBen1'
let count = 0

function op(id: string, patch: Patch, actor = ANA): Op {
  return { stamp: newStamp(++count, 0, actor), id, patch }
}

async function outbox(storage: OutboxStorage, actor = ANA): Promise<Outbox> {
  await storage.claim(actor)
  return new Outbox(storage, { actor, n: 0, sent: undefined, waiting: [] })
}

describe('an outbox', () => {
  test('hands out one batch at a time, the same until it is settled', async () => {
    const box = await outbox(new MemoryStorage())
    expect(await box.take()).toBeUndefined()
    box.add([op('a', { width: 1 })])
    const first = await box.take()
    box.add([op('a', { width: 2 })])
    expect(first).toMatchObject({ c: ANA, n: 1 })
    expect(await box.take()).toEqual(first)
    expect(box.settle(2)).toBe(false)
    expect(box.settle(1)).toBe(true)
    expect(box.settle(1)).toBe(false)
    expect(await box.take()).toMatchObject({ n: 2, ops: [[expect.any(String), 'a', { width: 2 }]] })
  })

  test('an op that overwrites all of the one before on the record takes its place', async () => {
    const box = await outbox(new MemoryStorage())
    box.add([op('a', { kind: 'rect', at: [0, 0] })])
    for (let x = 1; x < 50; x++) box.add([op('a', { at: [x, x] }), op('b', { at: [x, x], width: x })])
    expect(box.ops().map(({ id, patch }) => [id, patch])).toEqual([
      ['a', { kind: 'rect', at: [0, 0] }],
      ['a', { at: [49, 49] }],
      ['b', { at: [49, 49], width: 49 }],
    ])
    box.add([op('a', { width: 1 })])
    expect(box.size).toBe(4)
  })

  test('what is under way is not folded into', async () => {
    const box = await outbox(new MemoryStorage())
    box.add([op('a', { width: 1 })])
    await box.take()
    box.add([op('a', { width: 2 })])
    expect(box.size).toBe(2)
  })

  test('batches keep to the limits', async () => {
    const box = await outbox(new MemoryStorage())
    for (let i = 0; i < MAX_BATCH_OPS + 1; i++) box.add([op(`a${i}`, { width: 1 })])
    for (let i = 0; i < 10; i++) box.add([op(`b${i}`, { text: 'é'.repeat(2000) })])
    const sizes: number[] = []
    for (let batch = await box.take(); batch; batch = await box.take()) {
      expect(new TextEncoder().encode(JSON.stringify(batch)).length).toBeLessThanOrEqual(MAX_BATCH_SIZE)
      sizes.push(batch.ops.length)
      box.settle(batch.n)
    }
    expect(sizes[0]).toBe(MAX_BATCH_OPS)
    expect(sizes.reduce((sum, n) => sum + n)).toBe(MAX_BATCH_OPS + 11)
  })

  test('stamps and number can be renewed', async () => {
    const box = await outbox(new MemoryStorage())
    box.add([op('a', { width: 1 })])
    await box.take()
    box.add([op('b', { width: 2 })])
    box.renew(7, box.ops().map((old, i) => ({ ...old, stamp: newStamp(9000 + i, 0, ANA) })))
    expect(await box.take()).toMatchObject({ n: 8, ops: [[newStamp(9000, 0, ''), 'a', { width: 1 }]] })
    box.settle(8)
    expect(await box.take()).toMatchObject({ n: 9, ops: [[newStamp(9001, 0, ''), 'b', { width: 2 }]] })
  })

  test('goes on in memory when storing fails', async () => {
    const shared = new Map()
    const storage = new MemoryStorage(shared)
    const box = await outbox(storage)
    storage.write = () => Promise.reject(new Error('quota exceeded'))
    box.add([op('a', { width: 1 })])
    expect(await box.take()).toMatchObject({ n: 1 })
    expect(shared.size).toBe(0)
  })

  test('hands out nothing once another tab has it', async () => {
    const shared = new Map()
    const storage = new MemoryStorage(shared)
    await storage.claim(ANA)
    let lost = 0
    const box = new Outbox(storage, { actor: ANA, n: 0, sent: undefined, waiting: [] }, () => lost++)
    box.add([op('a', { width: 1 })])
    await box.take()
    shared.get(ANA).owner = new MemoryStorage(shared)
    box.add([op('b', { width: 1 })])
    expect(await box.take()).toBeUndefined()
    expect(lost).toBe(1)
    await box.close()
    expect(shared.has(ANA)).toBe(true)
  })
})

/** The browser's locks: released when a tab dies. */
class FakeLocks {
  private readonly held = new Map<string, object>()

  tab(): { locks: Locks; die: () => void } {
    const tab = {}
    const request: Locks['request'] = async (name, _, fn) => {
      if (this.held.has(name)) return fn(null)
      this.held.set(name, tab)
      await fn({ name })
      if (this.held.get(name) === tab) this.held.delete(name)
    }
    const die = () => {
      for (const [name, holder] of this.held) if (holder === tab) this.held.delete(name)
    }
    return { locks: { request }, die }
  }
}

interface Browser {
  /** Opens a tab; `die` ends it without a word. */
  tab(): Promise<{ storage: OutboxStorage; die: () => Promise<void> }>
}

const browsers: { name: string; browser: () => Browser }[] = [
  { name: 'in memory', browser: memoryBrowser },
  { name: 'in IndexedDB with locks', browser: () => indexedDbBrowser(true) },
  { name: 'in IndexedDB with heartbeats', browser: () => indexedDbBrowser(false) },
]

describe.each(browsers)('outboxes $name', ({ browser: open }) => {
  let browser: Browser
  beforeEach(() => {
    browser = open()
  })

  test('a closed tab leaves what it has not sent to the next', async () => {
    const first = await browser.tab()
    const box = await outbox(first.storage)
    box.add([op('a', { width: 1 })])
    const batch = await box.take()
    box.add([op('b', { width: 2 }), op('b', { width: 3 })])
    await box.close()
    await first.storage.close()

    const { storage } = await browser.tab()
    const [stored, ...more] = await storage.adopt()
    expect(more).toEqual([])
    const adopted = new Outbox(storage, stored!)
    expect(await adopted.take()).toEqual(batch)
    adopted.settle(1)
    expect(await adopted.take()).toMatchObject({ c: ANA, n: 2, ops: [[expect.any(String), 'b', { width: 3 }]] })
  })

  test('a tab that dies leaves it too', async () => {
    const first = await browser.tab()
    const box = await outbox(first.storage)
    box.add([op('a', { width: 1 })])
    await box.take()
    await first.die()
    const { storage } = await browser.tab()
    expect(await storage.adopt()).toMatchObject([{ actor: ANA, n: 0, sent: [[expect.any(String), 'a', { width: 1 }]] }])
  })

  test('a living tab keeps its own', async () => {
    const first = await browser.tab()
    const box = await outbox(first.storage)
    box.add([op('a', { width: 1 })])
    await box.take()
    const { storage } = await browser.tab()
    expect(await storage.adopt()).toEqual([])
    expect(box.settle(1)).toBe(true)
    box.add([op('a', { width: 2 })])
    expect(await box.take()).toMatchObject({ n: 2 })
  })

  test('an outbox is adopted once', async () => {
    const first = await browser.tab()
    const box = await outbox(first.storage)
    box.add([op('a', { width: 1 })])
    await box.close()
    await first.storage.close()
    const tabs = await Promise.all([browser.tab(), browser.tab(), browser.tab()])
    const adopted = await Promise.all(tabs.map(({ storage }) => storage.adopt()))
    expect(adopted.flat()).toHaveLength(1)
  })

  test('an empty outbox leaves nothing', async () => {
    const first = await browser.tab()
    const box = await outbox(first.storage)
    box.add([op('a', { width: 1 })])
    await box.take()
    box.settle(1)
    await box.close()
    await first.storage.close()
    const { storage } = await browser.tab()
    expect(await storage.adopt()).toEqual([])
  })
})

test.each([memoryBrowser, () => indexedDbBrowser(false)])('a tab that was taken for dead writes no more', async (open) => {
  const browser = open()
  const first = await browser.tab()
  await first.storage.claim(BEN)
  await first.die()
  const { storage } = await browser.tab()
  await storage.adopt()
  const write = first.storage.write(BEN, { put: [[1, ['000000001000', 'a', { width: 1 }]]] })
  await expect(write).rejects.toThrow(OutboxLost)
})

function memoryBrowser(): Browser {
  const shared = new Map()
  return {
    tab: async () => {
      const storage = new MemoryStorage(shared)
      return { storage, die: () => storage.close() }
    },
  }
}

function indexedDbBrowser(withLocks: boolean): Browser {
  const sim = new Simulation()
  const locks = new FakeLocks()
  const database = `easel-${++count}`
  const random = seededRandom(count)
  return {
    tab: async () => {
      let dead = false
      const tab = locks.tab()
      const scheduler = { ...sim.scheduler(random), after: (ms: number, fn: () => void) => sim.after(ms, () => dead || fn()) }
      const storage = await openOutboxes({ board: 'board1', scheduler, database, locks: withLocks ? tab.locks : undefined })
      const die = async () => {
        dead = true
        tab.die()
        await sim.run(DEAD_AFTER)
      }
      return { storage, die }
    },
  }
}

test('a board sees only its own outboxes', async () => {
  const scheduler = new Simulation().scheduler(seededRandom(1))
  const open = (board: string) => openOutboxes({ board, scheduler, database: 'shared' })
  const first = await open('board1')
  const box = await outbox(first)
  box.add([op('a', { width: 1 })])
  await box.close()
  await first.close()
  expect(await (await open('board2')).adopt()).toEqual([])
  expect(await (await open('board1')).adopt()).toHaveLength(1)
})

test('a heartbeat keeps a quiet tab alive', async () => {
  const sim = new Simulation()
  const open = (seed: number) => openOutboxes({ board: 'b', scheduler: sim.scheduler(seededRandom(seed)), database: 'quiet' })
  const first = await open(1)
  await outbox(first)
  for (let i = 0; i < 60; i++) await sim.run(1000)
  expect(await (await open(2)).adopt()).toEqual([])
})

test('without IndexedDB outboxes are kept in memory', async () => {
  const { indexedDB } = globalThis
  Object.assign(globalThis, { indexedDB: undefined })
  const storage = await openOutboxes({ board: 'b', scheduler: new Simulation().scheduler(Math.random) })
  Object.assign(globalThis, { indexedDB })
  expect(storage).toBeInstanceOf(MemoryStorage)
})
