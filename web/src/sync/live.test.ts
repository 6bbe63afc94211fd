import { describe, expect, test } from 'vitest'
import { Document } from '../board/document'
import type { Json, Patch } from '../board/types'
import { Points, strokePoints, type StrokePoint } from '../geometry/points'
import { Dice, seededRandom, seeds } from '../testing/random'
import { Simulation } from '../testing/simulation'
import { CURSOR_TIMEOUT, DRAFT_TIMEOUT, LASER_FADE, Live, type InkDraft } from './live'
import { cursorRate, liveRate } from './outbound'
import { StrokeWriter } from './stroke'

const STYLE: Patch = { kind: 'draw', color: 'red', width: 3, z: 'a0' }
const RECT: Patch = { kind: 'rect', at: [0, 0], size: [4, 4], z: 'a0', color: 'red', width: 2 }

interface Message {
  readonly [key: string]: Json
  readonly k: string
}

/** A person's live lane and document; what they send goes to the others. */
class Person {
  readonly doc: Document
  readonly live: Live
  readonly sent: Message[] = []
  readonly peers: Person[] = []
  /** Returns true for messages that get lost. */
  lose: (message: Message) => boolean = () => false

  constructor(
    readonly sim: Simulation,
    readonly user: string,
  ) {
    const scheduler = sim.scheduler(seededRandom(1))
    this.doc = new Document({ actor: `actor${user}`, now: () => sim.now() })
    this.live = new Live({ document: this.doc, scheduler, send: (message) => this.publish(message as Message) })
    this.doc.subscribe((changes, origin) => origin === 'remote' && this.live.committed(changes))
  }

  get drafts(): string[] {
    return [...this.live.drafts.keys()]
  }

  ink(id: string): InkDraft {
    return this.live.drafts.get(id) as InkDraft
  }

  private publish(message: Message): void {
    this.sent.push(message)
    for (const peer of this.peers) if (!this.lose(message)) peer.live.receive(this.user, structuredClone(message))
  }
}

function people(): { sim: Simulation; ana: Person; ben: Person } {
  const sim = new Simulation()
  const ana = new Person(sim, 'Ana')
  const ben = new Person(sim, 'Ben')
  ana.peers.push(ben)
  ben.peers.push(ana)
  return { sim, ana, ben }
}

function write(person: Person): StrokeWriter {
  return new StrokeWriter(person.doc, person.live, () => person.sim.now(), STYLE)
}

function line(from: number, to: number): StrokePoint[] {
  return Array.from({ length: to - from }, (_, i) => ({ x: 100 + from + i, y: 50 }))
}

/** Last point of a draft in world units. */
function end({ props, points }: InkDraft): [number, number] {
  const [x, y] = props['at'] as [number, number]
  const last = points.at(points.length - 1)
  return [x + last.x, y + last.y]
}

describe('ink', () => {
  test('others see a stroke while it is drawn, in batches of 33 ms', async () => {
    // Defect 1 of the sample's kind: strokes moved four times a second.
    const { sim, ana, ben } = people()
    const stroke = write(ana)
    for (let i = 0; i < 100; i++) {
      stroke.extend(line(i, i + 1))
      await sim.run(10)
      if (i > 5) expect(ben.ink(stroke.id).points.length).toBeGreaterThanOrEqual(i - 4)
    }
    await sim.run(40)
    expect(ben.ink(stroke.id)).toMatchObject({ kind: 'ink', user: 'Ana', actor: 'actorAna', props: { ...STYLE, at: [100, 50] } })
    expect(end(ben.ink(stroke.id))).toEqual([199, 50])
    expect(ana.sent.length).toBeLessThanOrEqual(33)
    expect(ana.drafts).toEqual([])
  })

  test('someone who comes in the middle of a stroke sees it within a second, from its beginning', async () => {
    // Defect 2 of the sample: who joined during a stroke did not see it until they reloaded.
    const { sim, ana, ben } = people()
    ana.peers.length = 0
    const stroke = write(ana)
    for (let i = 0; i < 30; i++) {
      stroke.extend(line(i * 10, i * 10 + 10))
      await sim.run(100)
    }
    ben.doc.load({ seq: 1, records: [...ana.doc.wireRecords()] }, [])
    expect(strokePoints(ben.doc.get(stroke.id)!).length).toBeGreaterThan(100)
    ana.peers.push(ben)
    for (let i = 30; i < 41; i++) {
      stroke.extend(line(i * 10, i * 10 + 10))
      await sim.run(100)
    }
    expect(ben.ink(stroke.id).points.length).toBe(410)
    expect(end(ben.ink(stroke.id))).toEqual([509, 50])
  })

  test('someone who comes before anything is committed sees it too', async () => {
    const { sim, ana, ben } = people()
    ana.peers.length = 0
    const stroke = write(ana)
    stroke.extend(line(0, 20))
    await sim.run(500)
    ana.peers.push(ben)
    stroke.extend(line(20, 30))
    await sim.run(400)
    expect(ben.drafts).toEqual([])
    await sim.run(300)
    expect(ben.ink(stroke.id).points.length).toBe(30)
  })

  test.each(seeds(50))('what is lost is repaired within two seconds of the last loss (SEED=%i)', async (seed) => {
    const { sim, ana, ben } = people()
    const dice = new Dice(seededRandom(seed))
    ana.lose = () => dice.chance(0.4)
    const stroke = write(ana)
    ana.doc.onOps((ops) => sim.after(dice.int(50, 300), () => ben.doc.applyRemote(ops)))
    for (let i = 0; i < 100; i++) {
      stroke.extend(line(i * 5, i * 5 + 5))
      await sim.run(dice.int(10, 80))
    }
    ana.lose = () => false
    for (let i = 100; i < 150; i++) {
      stroke.extend(line(i * 5, i * 5 + 5))
      await sim.run(40)
    }
    expect(ben.ink(stroke.id).points.length).toBe(750)
    expect(end(ben.ink(stroke.id))).toEqual([849, 50])
    stroke.finish()
    await sim.run(1000)
    expect(ben.drafts).toEqual([])
    expect(strokePoints(ben.doc.get(stroke.id)!).length).toBe(750)
  })

  test('the draft goes when the commit comes, and late ink does not bring it back', async () => {
    const { sim, ana, ben } = people()
    const stroke = write(ana)
    stroke.extend(line(0, 40))
    await sim.run(100)
    expect(ben.drafts).toEqual([stroke.id])
    const late = ana.sent.at(-1)!
    ana.doc.onOps((ops) => ben.doc.applyRemote(ops))
    stroke.finish()
    expect(ben.drafts).toEqual([])
    ben.live.receive('Ana', late)
    expect(ben.drafts).toEqual([])
  })

  test('an orphan goes after five seconds', async () => {
    const { sim, ana, ben } = people()
    const stroke = write(ana)
    stroke.extend(line(0, 40))
    await sim.run(100)
    ana.live.stop()
    await sim.run(DRAFT_TIMEOUT - 200)
    expect(ben.drafts).toEqual([stroke.id])
    await sim.run(1000)
    expect(ben.drafts).toEqual([])
  })

  test('a resting pen keeps its stroke', async () => {
    const { sim, ana, ben } = people()
    const stroke = write(ana)
    stroke.extend(line(0, 40))
    await sim.run(3 * DRAFT_TIMEOUT)
    expect(ben.drafts).toEqual([stroke.id])
  })

  test('a cancelled stroke disappears and leaves no undo entry', async () => {
    const { sim, ana, ben } = people()
    ana.doc.onOps((ops) => ben.doc.applyRemote(ops))
    const stroke = write(ana)
    for (let i = 0; i < 30; i++) {
      stroke.extend(line(i * 10, i * 10 + 10))
      await sim.run(100)
    }
    stroke.cancel()
    expect(ben.drafts).toEqual([])
    expect(ben.doc.get(stroke.id)!['deleted']).toBe(true)
    expect(ana.doc.history.canUndo).toBe(false)
  })
})

describe('the stroke writer', () => {
  test('commits a chunk every 512 points or 2 s; the whole is one undo entry', async () => {
    const { sim, ana } = people()
    const stroke = write(ana)
    stroke.extend(line(0, 1100))
    expect(stroke.committed).toBe(1024)
    await sim.run(2000)
    stroke.extend(line(1100, 1110))
    expect(stroke.committed).toBe(1110)
    stroke.extend(line(1110, 1120))
    stroke.finish()
    const record = ana.doc.get(stroke.id)!
    expect(Object.keys(record).filter((prop) => /^p\d/.test(prop))).toEqual(['p0', 'p1', 'p2', 'p3'])
    expect(strokePoints(record).length).toBe(1120)
    ana.doc.history.undo()
    expect(ana.doc.get(stroke.id)!['deleted']).toBe(true)
    expect(ana.doc.history.canUndo).toBe(false)
  })

  test.each(['before it goes on', 'before it ends'])('of a stroke that others clear away what is not committed is kept: %s', async (when) => {
    const { sim, ana } = people()
    const stroke = write(ana)
    const first = stroke.id
    stroke.extend(line(0, 600))
    await sim.run(50)
    ana.doc.applyRemote([{ stamp: 'zzzzzzzzz000actorBen', id: first, patch: { deleted: true } }])
    if (when === 'before it goes on') stroke.extend(line(600, 650))
    stroke.finish()
    expect(stroke.id).not.toBe(first)
    expect(ana.doc.get(first)!['deleted']).toBe(true)
    const points = strokePoints(ana.doc.get(stroke.id)!)
    const at = ana.doc.get(stroke.id)!['at'] as [number, number]
    expect(points.hasPressure).toBe(false)
    expect([at, at[0] + points.at(points.length - 1).x]).toEqual([[612, 50], when === 'before it goes on' ? 749 : 699])
    expect(ana.doc.history.undo().changed).toEqual([stroke.id])
    expect(ana.doc.history.canUndo).toBe(false)
  })

  test('a stroke too long for one record goes on in another, still one undo entry', () => {
    const { ana } = people()
    const stroke = write(ana)
    const first = stroke.id
    stroke.extend(line(0, 200 * 512 + 100))
    stroke.finish()
    expect(stroke.id).not.toBe(first)
    const [a, b] = [ana.doc.get(first)!, ana.doc.get(stroke.id)!]
    expect(strokePoints(a).length).toBe(200 * 512)
    expect(strokePoints(b).length).toBe(101)
    expect(b['at']).toEqual([100 + 200 * 512 - 1, 50])
    expect(new Set(ana.doc.history.undo().changed)).toEqual(new Set([first, stroke.id]))
    expect(ana.doc.history.canUndo).toBe(false)
  })

  test('a tap is a dot; nothing is nothing; points that repeat are left out', () => {
    const { ana } = people()
    write(ana).finish()
    expect(ana.doc.size).toBe(0)
    const dot = write(ana)
    dot.extend([{ x: 5, y: 6 }, { x: 5, y: 6 }, { x: 5.01, y: 6 }])
    dot.finish()
    expect(strokePoints(ana.doc.get(dot.id)!).length).toBe(1)
  })

  test('pressure is kept when the first point has it', () => {
    const { ana } = people()
    const stroke = write(ana)
    stroke.extend([{ x: 0, y: 0, pressure: 0.2 }, { x: 1, y: 0, pressure: 1 }])
    stroke.finish()
    const points = strokePoints(ana.doc.get(stroke.id)!)
    expect([points.hasPressure, points.at(0).pressure, points.at(1).pressure]).toEqual([true, 0.2, 1])
  })
})

describe('cursors and previews', () => {
  test('the newest cursor is shown, at most 20 a second, and none after leaving', async () => {
    const { sim, ana, ben } = people()
    for (let i = 0; i < 200; i++) {
      ana.live.sendCursor({ x: i, y: 1 })
      await sim.run(5)
    }
    await sim.run(100)
    expect([...ben.live.cursors.values()]).toMatchObject([{ user: 'Ana', x: 199, y: 1 }])
    expect(ana.sent.length).toBeLessThanOrEqual(22)
    ana.live.sendCursor(null)
    await sim.run(100)
    expect(ben.live.cursors.size).toBe(0)
  })

  test('whoever draws points at where they draw', async () => {
    const { sim, ana, ben } = people()
    const stroke = write(ana)
    stroke.extend(line(0, 40))
    await sim.run(100)
    expect([...ben.live.cursors.values()]).toMatchObject([{ user: 'Ana', x: 139, y: 50 }])
  })

  test('a preview is shown, replaced, taken back, or ended by the commit', async () => {
    const { sim, ana, ben } = people()
    ana.doc.onOps((ops) => ben.doc.applyRemote(ops))
    ana.live.sendShapes([['r', RECT]])
    await sim.run(50)
    ana.live.sendShapes([['r', { ...RECT, at: [5, 5] }]])
    await sim.run(50)
    expect(ben.live.drafts.get('r')).toMatchObject({ kind: 'shape', props: { at: [5, 5] } })
    ana.live.cancel('r')
    expect(ben.drafts).toEqual([])
    ana.live.sendShapes([['r', RECT]])
    await sim.run(50)
    ana.doc.edit([['r', RECT]])
    ana.live.end('r')
    expect(ben.drafts).toEqual([])
  })

  test('those who left leave nothing', async () => {
    const { sim, ana, ben } = people()
    ana.live.sendShapes([['r', RECT]])
    await sim.run(50)
    ana.live.sendCursor({ x: 1, y: 1 })
    await sim.run(50)
    ben.live.keep(new Set(['Ana', 'Ben']))
    expect([ben.live.cursors.size, ben.drafts.length]).toEqual([1, 1])
    ben.live.keep(new Set(['Ben']))
    expect([ben.live.cursors.size, ben.drafts.length]).toEqual([0, 0])
  })

  test('a cursor that rests goes at last', async () => {
    const { sim, ana, ben } = people()
    ana.live.sendCursor({ x: 1, y: 1 })
    await sim.run(CURSOR_TIMEOUT + 1000)
    expect(ben.live.cursors.size).toBe(0)
  })

  test('rates fall when many write', async () => {
    expect([1, 13, 20, 50, 500].map((n) => Math.round(liveRate(n)))).toEqual([26, 26, 20, 8, 8])
    expect([1, 10, 20, 100, 500].map((n) => Math.round(cursorRate(n)))).toEqual([20, 20, 10, 2, 2])
    const { sim, ana } = people()
    for (let i = 0; i < 49; i++) ana.live.receive(`user${i}`, { k: 'c', a: `actor00${i}`, x: 0, y: 0 })
    expect(ana.live.writers).toBe(50)
    const stroke = write(ana)
    for (let i = 0; i < 10; i++) {
      stroke.extend(line(i * 10, i * 10 + 10))
      await sim.run(100)
    }
    expect(ana.sent.length).toBeLessThanOrEqual(9)
  })
})

describe('what is not believed', () => {
  test('a message is from whom the service says, whatever it says itself', () => {
    // Defect 9 of the sample: the author in the payload was trusted.
    const { ben } = people()
    ben.live.receive('Eve', { k: 'c', a: 'actorAna', user: 'Ana', author: 'Ana', x: 1, y: 2 })
    expect([...ben.live.cursors.values()]).toMatchObject([{ user: 'Eve' }])
    ben.live.receive(undefined, { k: 'c', a: 'actorAna1', x: 1, y: 2 })
    expect(ben.live.cursors.size).toBe(1)
  })

  test("nobody can draw into, or cancel, another's draft", async () => {
    const { sim, ana, ben } = people()
    const stroke = write(ana)
    stroke.extend(line(0, 40))
    await sim.run(100)
    const points = new Points()
    points.push(0, 0)
    const p = points.encode(0, 1)
    ben.live.receive('Eve', { k: 'i', a: 'actorAna', i: stroke.id, o: 0, p, s: { ...STYLE, at: [0, 0] } })
    ben.live.receive('Eve', ['actorAna', stroke.id, 40, p])
    ben.live.receive('Eve', { k: 's', a: 'actorAna', d: [[stroke.id, RECT]] })
    ben.live.receive('Eve', { k: 'x', a: 'actorAna', i: [stroke.id] })
    expect(ben.ink(stroke.id)).toMatchObject({ user: 'Ana', kind: 'ink' })
    expect(ben.ink(stroke.id).points.length).toBe(40)
  })

  test("one's own messages, should they come back, are ignored", () => {
    const { ana } = people()
    ana.live.receive('Ana', { k: 'c', a: 'actorAna', x: 1, y: 2 })
    expect(ana.live.cursors.size).toBe(0)
  })

  test.each<Json>([
    null,
    'x',
    [],
    {},
    { k: 'c', a: 'short', x: 1, y: 1 },
    { k: 'c', a: 'actor0001', x: 1e9, y: 1 },
    { k: 'c', a: 'actor0001', x: '1', y: 1 },
    { k: 's', a: 'actor0001', d: [['r', { kind: 'rect' }]] },
    { k: 's', a: 'actor0001', d: [['r', { ...RECT, color: 'url(evil)' }]] },
    { k: 's', a: 'actor0001', d: [['r', { ...RECT, onload: 'x' }]] },
    { k: 's', a: 'actor0001', d: [['__proto__!', RECT]] },
    { k: 'i', a: 'actor0001', i: 'r', o: 0, p: 'AAAA' },
    { k: 'i', a: 'actor0001', i: 'r', o: -1, p: 'AAAA', s: { ...STYLE, at: [0, 0] } },
    { k: 'i', a: 'actor0001', i: 'r', o: 9, p: 'AAAA', s: { ...STYLE, at: [0, 0] } },
    { k: 'i', a: 'actor0001', i: 'r', o: 0, p: '%%%', s: { ...STYLE, at: [0, 0] } },
    ['actor0001'],
    ['actor0001', 'r', 0, 'AAAA'],
    { k: '?', a: 'actor0001' },
  ])('%j is ignored', (message) => {
    const { ben } = people()
    ben.live.receive('Eve', message)
    expect([ben.live.cursors.size, ben.live.drafts.size, ben.live.writers]).toEqual([0, 0, 1])
  })

  test('a flood is bounded', () => {
    const { ben } = people()
    for (let i = 0; i < 5000; i++) {
      ben.live.receive(`eve${i}`, { k: 'c', a: 'actor0001', x: 1, y: 1 })
      ben.live.receive(`eve${i}`, { k: 's', a: 'actor0001', d: [[`r${i}`, RECT]] })
    }
    expect(ben.live.cursors.size).toBe(500)
    expect(ben.live.drafts.size).toBe(4000)
  })
})

describe('many shapes in the hand', () => {
  const ids = Array.from({ length: 60 }, (_, i) => `r${i}`)

  function boards() {
    const { sim, ana, ben } = people()
    const ops = ana.doc.edit(ids.map((id, i) => [id, { ...RECT, at: [i, 0] }]))
    ben.doc.applyRemote(ops)
    return { sim, ana, ben }
  }

  const moved = (by: number, of = ids): [string, Patch][] => of.map((id) => [id, { at: [Number(id.slice(1)) + by, 0] }])
  const places = ({ live }: Person) => [...live.drafts].map(([id, { props }]) => [id, props['at']])

  test('a selection that is moved is one short message, seen by those who know the selection', async () => {
    const { sim, ana, ben } = boards()
    ana.live.sendSelection(new Set(ids))
    await sim.run(50)
    expect([...ben.live.selections.values()]).toMatchObject([{ user: 'Ana', ids: new Set(ids) }])
    ana.sent.length = 0
    ana.live.sendShapes(moved(7))
    await sim.run(50)
    expect(ana.sent).toEqual([{ k: 'm', a: 'actorAna', n: 1, d: [7, 0] }])
    expect(places(ben)).toEqual(ids.map((id, i) => [id, [i + 7, 0]]))
    ana.live.cancelShapes()
    expect(ben.drafts).toEqual([])
  })

  test('what is not all of the selection comes in pieces', async () => {
    const { sim, ana, ben } = boards()
    const some = ids.slice(0, 45)
    ana.live.sendShapes(moved(7, some))
    await sim.run(200)
    expect(ana.sent.map(({ k, d }) => [k, (d as Json[]).length])).toEqual([['s', 20], ['s', 20], ['s', 5]])
    expect(places(ben)).toEqual(some.map((id, i) => [id, [i + 7, 0]]))
  })

  test('what rests in the hand is still shown after a while, and to those who come', async () => {
    const { sim, ana, ben } = boards()
    ana.lose = () => true
    ana.live.sendShapes(moved(7, ['r1']))
    await sim.run(100)
    ana.lose = () => false
    await sim.run(3000)
    expect(places(ben)).toEqual([['r1', [8, 0]]])
    await sim.run(DRAFT_TIMEOUT + 2000)
    expect(places(ben)).toEqual([['r1', [8, 0]]])
  })

  test('what is not in the newest preview is shown as it is again', async () => {
    const { sim, ana, ben } = boards()
    ana.live.sendShapes(moved(7, ['r1', 'r2']))
    await sim.run(50)
    ana.live.sendShapes(moved(9, ['r2']))
    await sim.run(50)
    expect(places(ben)).toEqual([['r2', [11, 0]]])
  })
})

describe('what others are at', () => {
  test('a laser is seen where it was, and not for long', async () => {
    const { sim, ana, ben } = people()
    ana.live.sendLaser([{ x: 10, y: 20 }, { x: 30, y: 40.125 }])
    await sim.run(50)
    const [trail] = ben.live.trails.values()
    expect(trail).toMatchObject({ user: 'Ana', spots: [{ x: 10, y: 20 }, { x: 30, y: 40.125 }] })
    expect([...ben.live.cursors.values()]).toMatchObject([{ x: 30, y: 40.125 }])
    await sim.run(LASER_FADE + 1000)
    expect(ben.live.trails.size).toBe(0)
  })

  test('who writes is told as long as they do', async () => {
    const { sim, ana, ben } = people()
    ana.live.sendTyping('r1')
    await sim.run(20_000)
    expect([...ben.live.typing.values()]).toMatchObject([{ user: 'Ana', id: 'r1' }])
    ana.live.sendTyping(undefined)
    await sim.run(100)
    expect(ben.live.typing.size).toBe(0)
  })

  test.each<Json>([
    { k: 'sel', a: 'actor0001', n: 1, i: 'r1' },
    { k: 'sel', a: 'actor0001', n: 'x', i: ['r1'] },
    { k: 'sel', a: 'actor0001', n: 1, i: ['not an id'] },
    { k: 't', a: 'actor0001', i: 7 },
    { k: 'z', a: 'actor0001', at: [0, 1e9], p: 'AAAA' },
    { k: 'z', a: 'actor0001', at: [0, 0], p: '%%%' },
    { k: 'm', a: 'actor0001', n: 1, d: [1, 1] },
    { k: 'x', a: 'actor0001', i: ['r1'] },
  ])('%j is not believed', (message) => {
    const { ben } = people()
    ben.live.receive('Eve', message)
    const { selections, typing, trails, drafts, writers } = ben.live
    expect([selections.size, typing.size, trails.size, drafts.size, writers]).toEqual([0, 0, 0, 0, 1])
  })
})
