import { describe, expect, test } from 'vitest'
import { newStamp } from '../board/clock'
import type { Json, Patch, WireOp } from '../board/types'
import { Dice, seededRandom } from '../testing/random'
import { FakeServer } from '../testing/server'
import { Simulation } from '../testing/simulation'
import { Tab, visible, type TabOptions } from '../testing/tab'
import { MemoryStorage } from './outbox'
import { ApiError } from './ports'
import { RELOAD, type Status } from './session'
import type { SnapshotStore } from './snapshots'
import type { Snapshot } from '../board/types'

const RECT: Patch = { kind: 'rect', at: [0, 0], size: [4, 4], z: 'a0', color: 'red', width: 2 }
const OTHER = 'otherActor1'

interface World {
  sim: Simulation
  server: FakeServer
  tab: (user?: string, o?: Partial<TabOptions>) => Tab
}

function world(): World {
  const sim = new Simulation()
  const server = new FakeServer(() => sim.now())
  const dice = new Dice(seededRandom(1))
  return { sim, server, tab: (user = 'ana', o = {}) => new Tab({ sim, server, user, dice, ...o }) }
}

/** An op of someone else, made now. */
function remote({ sim }: World, id: string, patch: Patch): WireOp {
  return [newStamp(sim.now(), 0, ''), id, patch]
}

async function opened(w: World, tab: Tab): Promise<Tab> {
  await w.sim.until(() => tab.session.status.at === 'saved')
  return tab
}

describe('joining', () => {
  test('what was on the board is there, and people know each other', async () => {
    const w = world()
    w.server.write(OTHER, [remote(w, 'r', RECT)])
    const ana = await opened(w, w.tab('ana'))
    const ben = await opened(w, w.tab('ben', { role: 'viewer' }))
    await w.sim.run(100)
    expect(visible(ana.document)).toEqual({ r: RECT })
    expect(ana.session.self).toEqual({ user: 'ana', name: 'ana' })
    expect([ana.session.role, ben.session.role]).toEqual(['editor', 'viewer'])
    for (const { session } of [ana, ben]) {
      expect(session.people.map(({ user, connections }) => [user, connections])).toEqual([['ana', 1], ['ben', 1]])
    }
    await ben.session.stop()
    await w.sim.run(100)
    expect(ana.session.people.map(({ user }) => user)).toEqual(['ana'])
  })

  test('a snapshot older than what has arrived takes nothing back', async () => {
    // Defect 4 of the sample: the diagram, fetched after joining, overwrote newer live messages.
    const w = world()
    w.server.write(OTHER, [remote(w, 'r', RECT)])
    const tab = w.tab()
    const snapshot = w.server.snapshot.bind(w.server)
    w.server.snapshot = () => {
      const old = snapshot()
      w.server.write(OTHER, [remote(w, 'r', { color: 'teal' })])
      w.server.write(OTHER, [remote(w, 's', RECT)])
      w.server.snapshot = snapshot
      return old
    }
    await opened(w, tab)
    await w.sim.run(1000)
    expect(visible(tab.document)).toEqual({ r: { ...RECT, color: 'teal' }, s: RECT })
  })

  test('edits made before the board has come are kept and sent', async () => {
    const w = world()
    const tab = w.tab()
    tab.document.edit([['r', RECT]])
    await opened(w, tab)
    await w.sim.run(1000)
    expect(w.server.record('r')?.p).toEqual(RECT)
  })

  test.each([403, 404])('a link that the web app answers %i to is refused for good', async (status) => {
    const w = world()
    w.server.snapshot = () => {
      throw new ApiError(status, 'forbidden', 'this link is not valid')
    }
    const tab = w.tab()
    await w.sim.run(60_000)
    expect(tab.session.status).toEqual({ at: 'refused', code: 'forbidden', message: 'this link is not valid' })
    expect(w.server.peers.size).toBe(0)
  })
})

describe('saving', () => {
  test('the status tells saving from saved', async () => {
    const w = world()
    const tab = await opened(w, w.tab())
    const seen: Status[] = []
    tab.session.subscribe(() => seen.push(tab.session.status))
    tab.document.edit([['r', RECT], ['s', RECT]])
    expect(tab.session.status).toEqual({ at: 'saving', count: 2 })
    await w.sim.run(200)
    expect(tab.session.status).toEqual({ at: 'saved' })
    expect(seen.every(({ at }) => at === 'saving' || at === 'saved')).toBe(true)
  })

  test('quick edits go out together', async () => {
    const w = world()
    const tab = await opened(w, w.tab())
    for (let x = 0; x < 30; x++) tab.document.edit([['r', { ...RECT, at: [x, x] }]])
    await w.sim.run(200)
    expect(w.server.journal).toHaveLength(1)
    expect(w.server.journal[0]!.ops.length).toBeLessThanOrEqual(2)
  })

  test('offline work waits, survives a crash and reaches the board from the next tab', async () => {
    const w = world()
    const shared = new Map()
    const tab = await opened(w, w.tab('ana', { shared }))
    tab.line.setUp(false)
    tab.document.edit([['r', RECT]])
    await w.sim.run(3000)
    expect(tab.session.status).toEqual({ at: 'offline', waiting: 1 })
    tab.crash()
    await w.sim.run(3000)
    expect(tab.session.status).toEqual({ at: 'offline', waiting: 1 })
    tab.line.setUp(true)
    await opened(w, tab)
    expect(visible(tab.document)).toEqual({ r: RECT })
    expect(w.server.record('r')?.p).toEqual(RECT)
    await tab.session.stop()
    expect(shared.size).toBe(0)
  })

  test('two outboxes with the same batch number are not mistaken for each other', async () => {
    const w = world()
    const shared = new Map()
    const tab = await opened(w, w.tab('ana', { shared }))
    tab.line.setUp(false)
    tab.document.edit([['r', RECT]])
    await w.sim.run(100)
    tab.crash()
    tab.document.edit([['s', RECT]])
    tab.line.weather = { delay: [5, 5], duplicate: 1, loss: 0 }
    tab.line.setUp(true)
    await opened(w, tab)
    expect(w.server.journal.map(({ n, ops }) => [n, ops[0]![1]])).toEqual([[1, 'r'], [1, 's']])
  })

  test('a lost echo is looked for, not sent twice into the board', async () => {
    const w = world()
    const tab = await opened(w, w.tab())
    w.server.losePublish = () => true
    tab.document.edit([['r', RECT]])
    await w.sim.run(4000)
    expect(tab.session.status).toEqual({ at: 'saving', count: 1 })
    await w.sim.run(2000)
    expect(tab.session.status).toEqual({ at: 'saved' })
    expect(w.server.journal).toHaveLength(1)
  })

  test('a batch that never arrived is sent again', async () => {
    const w = world()
    const tab = await opened(w, w.tab())
    const event = w.server.event.bind(w.server)
    w.server.event = () => undefined
    tab.document.edit([['r', RECT]])
    await w.sim.run(4000)
    w.server.event = event
    await w.sim.run(3000)
    expect(tab.session.status).toEqual({ at: 'saved' })
  })

  test('what another user left in this browser is committed as ours', async () => {
    const w = world()
    const shared = new Map()
    const ana = await opened(w, w.tab('ana', { shared }))
    ana.document.edit([['first', RECT]])
    await opened(w, ana)
    ana.line.setUp(false)
    ana.document.edit([['r', RECT]])
    ana.session.sendChat('hi')
    await w.sim.run(100)
    await ana.session.stop()
    const ben = await opened(w, w.tab('ben', { shared }))
    await w.sim.run(2000)
    expect(w.server.journal.map(({ u, ops }) => [u, ops.map(([, id]) => id)])).toEqual([['ana', ['first']], ['ben', ['r']]])
    expect(ben.isQuiet).toBe(true)
    expect(visible(ben.document)).toEqual({ first: RECT, r: RECT })
  })

  test('a browser that becomes someone else must reload', async () => {
    const w = world()
    const tab = await opened(w, w.tab('ana'))
    tab.line.user = 'ben'
    tab.line.cut()
    await w.sim.run(5000)
    expect(tab.session.status).toMatchObject({ at: 'refused', code: RELOAD })
  })

  test('a tab whose outbox was adopted says so and sends no more', async () => {
    const w = world()
    const shared = new Map()
    const tab = await opened(w, w.tab('ana', { shared }))
    shared.get(tab.document.actor).owner = new MemoryStorage(shared)
    tab.document.edit([['r', RECT]])
    await w.sim.run(1000)
    expect(tab.session.status).toMatchObject({ at: 'refused', code: RELOAD })
    expect(w.server.journal).toEqual([])
  })
})

describe('refused batches', () => {
  test.each(['forbidden', 'invalid', 'too_large', 'quota'])('%s: taken back, reported, and work goes on', async (code) => {
    const w = world()
    const tab = await opened(w, w.tab())
    w.server.write(OTHER, [remote(w, 'r', RECT)])
    await w.sim.run(100)
    w.server.refuse = ({ ops }) => (ops[0]![1] === 'bad' ? code : undefined)
    tab.document.edit([['bad', RECT]])
    await w.sim.run(1000)
    expect(tab.session.status).toEqual({ at: 'refused', code, message: code })
    expect(visible(tab.document)).toEqual({ r: RECT })
    tab.document.edit([['good', RECT]])
    await w.sim.run(1000)
    expect(tab.session.status).toEqual({ at: 'saved' })
    expect(w.server.journal.map(({ n, ops }) => [n, ops[0]![1]])).toEqual([[1, 'r'], [1, 'good']])
  })

  test('unavailable: sent again until it is there', async () => {
    const w = world()
    const tab = await opened(w, w.tab())
    w.server.refuse = () => 'unavailable'
    tab.document.edit([['r', RECT]])
    await w.sim.run(5000)
    expect(tab.session.status).toEqual({ at: 'offline', waiting: 1 })
    w.server.refuse = () => undefined
    await w.sim.run(10_000)
    expect(tab.session.status).toEqual({ at: 'saved' })
  })

  test('clock: a machine an hour ahead gets new stamps and converges', async () => {
    const w = world()
    const tab = w.tab('ana', { skew: 3600_000 })
    tab.document.edit([['r', RECT]])
    await w.sim.until(() => tab.isQuiet)
    const [entry] = w.server.journal
    expect(entry!.ops[0]![0] <= newStamp(w.sim.now(), 999, '')).toBe(true)
    tab.document.edit([['r', { color: 'teal' }]])
    tab.document.history.undo()
    tab.document.history.undo()
    await w.sim.until(() => tab.isQuiet)
    expect(visible(tab.document)).toEqual({})
  })

  test('order: a server that has lost entries gets numbers it accepts', async () => {
    const w = world()
    const tab = await opened(w, w.tab())
    for (const id of ['a', 'b', 'c']) {
      tab.document.edit([[id, RECT]])
      await w.sim.run(200)
    }
    w.server.restore(2)
    tab.document.edit([['d', RECT]])
    await w.sim.until(() => tab.isQuiet)
    expect(w.server.journal.map(({ n, ops }) => [n, ops[0]![1]])).toEqual([[1, 'a'], [2, 'd']])
  })
})

describe('repair', () => {
  test('what was missed while away is there after the connection returns', async () => {
    // Defect 3 of the sample: nothing was fetched after a reconnect; boards diverged silently.
    const w = world()
    const tab = await opened(w, w.tab())
    tab.line.setUp(false)
    w.server.write(OTHER, [remote(w, 'r', RECT)])
    await w.sim.run(60_000)
    tab.line.setUp(true)
    await opened(w, tab)
    expect(visible(tab.document)).toEqual({ r: RECT })
  })

  test('a gap is fetched, in order', async () => {
    const w = world()
    const tab = await opened(w, w.tab())
    w.server.losePublish = ({ q }) => q < 3
    for (const id of ['a', 'b', 'c']) w.server.write(OTHER, [remote(w, id, RECT)])
    await w.sim.run(100)
    expect(visible(tab.document)).toEqual({})
    await w.sim.run(200)
    expect(visible(tab.document)).toEqual({ a: RECT, b: RECT, c: RECT })
  })

  test('the last entry is missed until something tells: a digest, or waking up', async () => {
    const w = world()
    let wake = () => undefined as void
    const onWake = (fn: () => void) => {
      wake = fn
      return () => undefined
    }
    const tab = await opened(w, w.tab('ana', { options: { onWake } }))
    w.server.losePublish = () => true
    w.server.write(OTHER, [remote(w, 'r', RECT)])
    await w.sim.run(1000)
    expect(visible(tab.document)).toEqual({})
    w.server.publishDigest()
    await w.sim.run(1000)
    expect(visible(tab.document)).toEqual({ r: RECT })
    w.server.write(OTHER, [remote(w, 's', RECT)])
    wake()
    await w.sim.run(1000)
    expect(visible(tab.document)).toEqual({ r: RECT, s: RECT })
  })

  test('waking up offline tries at once', async () => {
    const w = world()
    let wake = () => undefined as void
    const onWake = (fn: () => void) => {
      wake = fn
      return () => undefined
    }
    const tab = await opened(w, w.tab('ana', { options: { onWake } }))
    tab.line.setUp(false)
    tab.line.up = true
    wake()
    await w.sim.run(100)
    expect(tab.session.status).toEqual({ at: 'saved' })
  })

  test('after compaction the snapshot is fetched', async () => {
    const w = world()
    const tab = await opened(w, w.tab())
    tab.line.setUp(false)
    for (const id of ['a', 'b']) w.server.write(OTHER, [remote(w, id, RECT)])
    w.server.compacted = 1
    tab.document.edit([['mine', RECT]])
    const removed: string[] = []
    tab.document.subscribe((changes) => removed.push(...changes.filter(({ after }) => !after).map(({ id }) => id)))
    tab.line.setUp(true)
    await opened(w, tab)
    expect(removed).toEqual([])
    expect(Object.keys(visible(tab.document)).sort()).toEqual(['a', 'b', 'mine'])
  })

  test('a digest that differs is repaired by the snapshot', async () => {
    const w = world()
    const tab = await opened(w, w.tab())
    w.server.write(OTHER, [remote(w, 'r', RECT)])
    await w.sim.run(100)
    tab.document.applyRemote([{ stamp: newStamp(w.sim.now(), 7, OTHER), id: 'r', patch: { color: 'pink' } }])
    expect(tab.isQuiet).toBe(false)
    w.server.publishDigest()
    await w.sim.run(1000)
    expect(tab.isQuiet).toBe(true)
    expect(visible(tab.document)).toEqual({ r: RECT })
  })

  test('what others publish to the board group is not believed', async () => {
    const w = world()
    const tab = await opened(w, w.tab())
    const [peer] = [...w.server.peers]
    const forged = { k: 'ops', b: [{ q: 1, u: 'eve', t: 0, c: OTHER, n: 1, ops: [remote(w, 'r', RECT)] }] }
    peer!.deliver(w.server.group, forged as unknown as Json, 'eve')
    await w.sim.run(1000)
    expect(visible(tab.document)).toEqual({})
  })
})

describe('the live lane', () => {
  test('carries cursors from editors to everyone, without echo; viewers only watch', async () => {
    const w = world()
    const ana = await opened(w, w.tab('ana'))
    const ben = await opened(w, w.tab('ben', { role: 'viewer' }))
    ana.session.live.sendCursor({ x: 1, y: 2 })
    ben.session.live.sendCursor({ x: 3, y: 4 })
    await w.sim.run(100)
    expect([...ben.session.live.cursors.values()]).toMatchObject([{ user: 'ana', x: 1, y: 2 }])
    expect(ana.session.live.cursors.size).toBe(0)
    await ana.session.stop()
    await w.sim.run(100)
    expect(ben.session.live.cursors.size).toBe(0)
  })

  test('a draft becomes the record when the commit arrives', async () => {
    const w = world()
    const ana = await opened(w, w.tab('ana'))
    const ben = await opened(w, w.tab('ben'))
    ana.session.live.sendShapes([['r', RECT]])
    await w.sim.run(50)
    expect(ben.session.live.drafts.has('r')).toBe(true)
    ana.document.edit([['r', RECT]])
    await w.sim.run(200)
    expect(ben.session.live.drafts.has('r')).toBe(false)
    expect(visible(ben.document)).toEqual({ r: RECT })
  })
})

describe('chat and names', () => {
  test('chat lines are stored and there for whoever comes later, all of them', async () => {
    // Defect 10 of the sample: chat was not stored and only the last ten lines were shown.
    const w = world()
    const ana = await opened(w, w.tab('ana'))
    for (let i = 0; i < 25; i++) ana.session.sendChat(` line ${i} `)
    await w.sim.run(1000)
    const ben = await opened(w, w.tab('ben'))
    const lines = [...ben.document.records()].map(([, p]) => p).filter(({ kind }) => kind === 'chat')
    expect(lines.map(({ text }) => text)).toEqual(Array.from({ length: 25 }, (_, i) => `line ${i}`))
    expect(lines[0]).toMatchObject({ user: 'ana', name: 'ana', time: expect.closeTo(w.sim.now(), -4) })
    expect(ana.document.history.canUndo).toBe(false)
  })

  test('chat text is cut to what the board accepts and is valid UTF-8', async () => {
    const w = world()
    const ana = await opened(w, w.tab('ana'))
    ana.session.sendChat(`\ud83d${'😀'.repeat(2500)}`)
    ana.session.sendChat('   ')
    await w.sim.run(200)
    const [[, line], ...more] = [...ana.document.records()] as [[string, Patch]]
    expect(line['text']).toBe('😀'.repeat(2000))
    expect(more).toEqual([])
  })

  test('a new name reaches everyone', async () => {
    const w = world()
    const ana = await opened(w, w.tab('ana'))
    const ben = await opened(w, w.tab('ben'))
    ana.session.rename('  Ana Lima ')
    await w.sim.run(100)
    expect(ana.session.self).toEqual({ user: 'ana', name: 'Ana Lima' })
    expect(ben.session.people.map(({ name }) => name)).toEqual(['Ana Lima', 'ben'])
  })
})

test('after stop nothing happens any more', async () => {
  const w = world()
  const tab = await opened(w, w.tab())
  let heard = 0
  tab.session.subscribe(() => heard++)
  await tab.session.stop()
  await tab.session.stop()
  tab.document.edit([['r', RECT]])
  w.server.write(OTHER, [remote(w, 's', RECT)])
  await w.sim.run(60_000)
  expect(heard).toBe(0)
  expect(w.server.journal).toHaveLength(1)
})

/** What one browser keeps of the board. */
class Shelf implements SnapshotStore {
  kept: string | undefined

  async load(): Promise<Snapshot | undefined> {
    return this.kept === undefined ? undefined : (JSON.parse(this.kept) as Snapshot)
  }

  async save({ seq, records }: Parameters<SnapshotStore['save']>[0]): Promise<void> {
    this.kept = JSON.stringify({ seq, records: [...records] })
  }

  async drop(): Promise<void> {
    this.kept = undefined
  }
}

describe('opened again', () => {
  test('the board is there before the server answers, and then as the server has it', async () => {
    const w = world()
    const shelf = new Shelf()
    w.server.write(OTHER, [remote(w, 'r', RECT)])
    const first = await opened(w, w.tab('ana', { options: { snapshots: shelf } }))
    await w.sim.run(6000)
    await first.session.stop()
    w.server.write(OTHER, [remote(w, 's', RECT)])
    const again = w.tab('ana', { options: { snapshots: shelf } })
    await w.sim.run(1)
    expect(again.session.loaded).toBe(true)
    expect(visible(again.document)).toEqual({ r: RECT })
    await opened(w, again)
    expect(visible(again.document)).toEqual({ r: RECT, s: RECT })
    expect(again.isQuiet).toBe(true)
  })

  test('without the server it is there too, and takes changes', async () => {
    const w = world()
    const shelf = new Shelf()
    w.server.write(OTHER, [remote(w, 'r', RECT)])
    const first = await opened(w, w.tab('ana', { options: { snapshots: shelf } }))
    await w.sim.run(6000)
    await first.session.stop()
    const again = w.tab('ana', { options: { snapshots: shelf, api: { ...first.line.api(), negotiate: never, snapshot: never, entries: never } } })
    await w.sim.run(1000)
    again.document.edit([['r', { color: 'green' }]])
    expect(visible(again.document)).toEqual({ r: { ...RECT, color: 'green' } })
    expect(again.session.status.at).not.toBe('saved')
  })

  test('nothing is kept of a board that may not be seen any more', async () => {
    const w = world()
    const shelf = new Shelf()
    const first = await opened(w, w.tab('ana', { options: { snapshots: shelf } }))
    await w.sim.run(6000)
    expect(shelf.kept).toBeDefined()
    await first.session.stop()
    const refused = () => Promise.reject(new ApiError(403, 'forbidden', 'the link was replaced'))
    w.tab('ana', { options: { snapshots: shelf, api: { ...first.line.api(), negotiate: refused, entries: refused } } })
    await w.sim.run(100)
    expect(shelf.kept).toBeUndefined()
  })
})

function never(): Promise<never> {
  return Promise.reject(new ApiError(0, 'unreachable', 'no answer'))
}
