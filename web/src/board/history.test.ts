import { describe, expect, test } from 'vitest'
import { Dice, seededRandom, seeds } from '../testing/random'
import { visible } from '../testing/tab'
import { stampActor } from './clock'
import { Document } from './document'
import { HISTORY_DEPTH } from './history'
import type { Op, Patch } from './types'

const RECT: Patch = { kind: 'rect', at: [0, 0], size: [4, 4], z: 'a0', color: 'red', width: 2 }

/** Documents whose ops reach each other only when exchange() is called. */
function replicas(n: number): { docs: Document[]; exchange: () => void } {
  let now = 1000
  const docs = Array.from({ length: n }, (_, i) => new Document({ actor: `actor00${i}`, now: () => now++ }))
  const queues = docs.map((): Op[] => [])
  docs.forEach((doc, i) => {
    doc.onOps((ops) => queues.forEach((queue, j) => i !== j && queue.push(...ops)))
  })
  const exchange = () => docs.forEach((doc, i) => doc.applyRemote(queues[i]!.splice(0)))
  return { docs, exchange }
}

function alone(): Document {
  return replicas(1).docs[0]!
}

describe('undo and redo', () => {
  test('undo of a creation deletes, redo brings back the same id', () => {
    // Defect 6 of the sample: redo made a new id, so references and order were lost.
    const doc = alone()
    doc.edit([['r', RECT]])
    expect(doc.history.undo()).toEqual({ changed: ['r'], skipped: [] })
    expect(visible(doc)).toEqual({})
    expect(doc.history.redo().changed).toEqual(['r'])
    expect(visible(doc)).toEqual({ r: RECT })
  })

  test('undo restores what an edit replaced, one edit at a time', () => {
    const doc = alone()
    doc.edit([['r', RECT]])
    doc.edit([['r', { color: 'green', width: 4 }]])
    doc.edit([['r', { color: 'orange' }]])
    doc.history.undo()
    expect(doc.get('r')).toMatchObject({ color: 'green', width: 4 })
    doc.history.undo()
    expect(doc.get('r')).toEqual(RECT)
    doc.history.redo()
    doc.history.redo()
    expect(doc.get('r')).toMatchObject({ color: 'orange', width: 4 })
    expect(doc.history.canRedo).toBe(false)
  })

  test('edits with the same key are undone together', () => {
    const doc = alone()
    doc.edit([['r', RECT]])
    for (let x = 1; x <= 5; x++) doc.edit([['r', { at: [x, x] }]], { merge: 'drag' })
    doc.edit([['r', { color: 'green' }]], { merge: 'drag' })
    doc.history.undo()
    expect(doc.get('r')).toEqual(RECT)
    doc.history.redo()
    expect(doc.get('r')).toMatchObject({ at: [5, 5], color: 'green' })
  })

  test('a gesture that creates and goes on is one entry', () => {
    const doc = alone()
    doc.edit([['r', RECT]], { merge: 'draw' })
    doc.edit([['r', { size: [9, 9] }]], { merge: 'draw' })
    doc.history.undo()
    expect(visible(doc)).toEqual({})
    expect(doc.history.canUndo).toBe(false)
    doc.history.redo()
    expect(visible(doc)).toEqual({ r: { ...RECT, size: [9, 9] } })
  })

  test('an edit after undo ends redo', () => {
    const doc = alone()
    doc.edit([['r', RECT]])
    doc.edit([['r', { color: 'green' }]])
    doc.history.undo()
    doc.edit([['r', { width: 9 }]])
    expect(doc.history.canRedo).toBe(false)
    doc.history.undo()
    doc.history.undo()
    expect(visible(doc)).toEqual({})
  })

  test('an edit that changes nothing makes no op and no entry', () => {
    const doc = alone()
    doc.edit([['r', RECT]])
    expect(doc.edit([['r', { at: [0, 0], color: 'red' }]])).toEqual([])
    doc.history.undo()
    expect(doc.history.canUndo).toBe(false)
  })

  test('absent properties are restored to what absence means', () => {
    const doc = alone()
    doc.edit([['r', RECT]])
    doc.edit([['r', { fill: 'green', opacity: 0.5 }]])
    doc.history.undo()
    expect(doc.get('r')).toEqual({ ...RECT, fill: null, opacity: 1 })
  })

  test('the depth is bounded', () => {
    const doc = alone()
    for (let i = 0; i < HISTORY_DEPTH + 50; i++) doc.edit([['r', { ...RECT, at: [i + 1, 0] }]])
    let undone = 0
    while (doc.history.canUndo) undone += doc.history.undo().changed.length
    expect(undone).toBe(HISTORY_DEPTH)
    expect(doc.get('r')!['at']).toEqual([50, 0])
  })

  test('chat lines and the title stay; the background goes', () => {
    const doc = alone()
    doc.edit([['c', { kind: 'chat', text: 'hi', user: 'u', name: 'U', time: 1 }]])
    doc.edit([['board', { title: 'Plan' }]])
    expect(doc.history.canUndo).toBe(false)
    doc.edit([['board', { background: { asset: 'a', at: [0, 0], size: [1, 1] } }]])
    doc.history.undo()
    expect(doc.get('board')).toEqual({ title: 'Plan', background: null })
  })

  test('subscribers hear of every change of the stacks', () => {
    const doc = alone()
    const heard: boolean[][] = []
    doc.history.subscribe(() => heard.push([doc.history.canUndo, doc.history.canRedo]))
    doc.edit([['r', RECT]])
    doc.history.undo()
    expect(heard).toEqual([[true, false], [false, true]])
  })
})

describe('undo among others', () => {
  test('undo of what someone else has removed does nothing and says so', () => {
    // Defect 5 of the sample: undo read a shape that was gone, and threw.
    const { docs: [ana, ben], exchange } = replicas(2) as { docs: [Document, Document]; exchange: () => void }
    ana.edit([['r', RECT]])
    ana.edit([['r', { color: 'green' }]])
    exchange()
    ben.edit([['r', { deleted: true }]])
    exchange()
    const result = ana.history.undo()
    expect(result.changed).toEqual([])
    expect(result.skipped).toContainEqual({ id: 'r', prop: 'deleted', by: 'actor001' })
    expect(ana.get('r')).toMatchObject({ color: 'green', deleted: true })
  })

  test('undo after the board was loaded anew without the record does not throw', () => {
    const doc = alone()
    doc.edit([['r', RECT]])
    doc.load({ seq: 0, records: [] }, [])
    expect(doc.history.undo()).toEqual({ changed: [], skipped: [{ id: 'r', prop: 'deleted', by: undefined }] })
  })

  test('a property that someone else has written since is left to them, the others go back', () => {
    const { docs: [ana, ben], exchange } = replicas(2) as { docs: [Document, Document]; exchange: () => void }
    ana.edit([['r', RECT]])
    ana.edit([['r', { color: 'green', width: 8 }]])
    exchange()
    ben.edit([['r', { color: 'orange' }]])
    exchange()
    expect(ana.history.undo()).toEqual({ changed: ['r'], skipped: [{ id: 'r', prop: 'color', by: 'actor001' }] })
    expect(ana.get('r')).toMatchObject({ color: 'orange', width: 2 })
  })

  test('clear is one entry: undo brings back all shapes, with what others did meanwhile', () => {
    // Defect 7 of the sample: clear wiped the board for everyone, without undo.
    const { docs: [ana, ben], exchange } = replicas(2) as { docs: [Document, Document]; exchange: () => void }
    ben.edit([['a', RECT], ['b', RECT], ['c', RECT]])
    exchange()
    ana.edit(['a', 'b', 'c'].map((id) => [id, { deleted: true }]))
    ben.edit([['b', { color: 'green' }]])
    ben.edit([['d', RECT]])
    exchange()
    expect(Object.keys(visible(ana))).toEqual(['d'])
    expect(ana.history.undo().changed).toEqual(['a', 'b', 'c'])
    exchange()
    for (const doc of [ana, ben]) expect(visible(doc)).toEqual({ a: RECT, b: { ...RECT, color: 'green' }, c: RECT, d: RECT })
  })

  test('remote changes do not end redo', () => {
    const { docs: [ana, ben], exchange } = replicas(2) as { docs: [Document, Document]; exchange: () => void }
    ana.edit([['r', RECT]])
    ana.history.undo()
    ben.edit([['x', RECT]])
    exchange()
    ana.history.redo()
    expect(visible(ana)['r']).toEqual(RECT)
  })

  test('ops that got new stamps can still be undone', () => {
    const doc = alone()
    const ops = [...doc.edit([['r', RECT]]), ...doc.edit([['r', { color: 'green' }]])]
    const fresh = doc.restamp(ops, doc.actor, () => 5)
    expect(fresh.map(({ stamp }) => stamp)).toEqual(['000000005000actor000', '000000005001actor000'])
    doc.history.undo()
    expect(doc.get('r')).toMatchObject({ color: 'red' })
    doc.history.undo()
    expect(visible(doc)).toEqual({})
  })
})

/** One of the things a person does, or undo, or redo. */
function act(doc: Document, dice: Dice, gesture: string): void {
  const ids = Object.keys(visible(doc))
  const id = ids.length > 0 ? dice.pick(ids) : 'first'
  const acts: (() => unknown)[] = [
    () => doc.edit([[`r${dice.int(0, 1e9)}`, RECT]], { merge: gesture }),
    () => doc.edit([[id, ids.length > 0 ? { color: dice.pick(['red', 'green', 'teal']) } : RECT]], { merge: gesture }),
    () => doc.edit([[id, ids.length > 0 ? { at: [dice.int(0, 9), 0], width: dice.int(1, 5) } : RECT]]),
    () => doc.edit(ids.filter(() => dice.chance(0.5)).map((some) => [some, { deleted: true }])),
    () => doc.history.undo(),
    () => doc.history.redo(),
  ]
  dice.pick(acts)()
}

test.each(seeds(200))('alone, n undos and n redos change nothing (SEED=%i)', (seed) => {
  const dice = new Dice(seededRandom(seed))
  const doc = alone()
  for (let i = 0; i < 60; i++) act(doc, dice, `g${dice.int(0, 3)}`)
  const before = normal(visible(doc))
  const states = [before]
  let n = dice.int(1, 60)
  while (n-- > 0 && doc.history.undo().changed.length > 0) states.push(normal(visible(doc)))
  while (states.length > 1) {
    expect(normal(visible(doc))).toEqual(states.pop())
    doc.history.redo()
  }
  expect(normal(visible(doc))).toEqual(before)
})

test.each(seeds(200))('undo never alters a property last written by another (SEED=%i)', (seed) => {
  const dice = new Dice(seededRandom(seed))
  const { docs, exchange } = replicas(2)
  for (let i = 0; i < 120; i++) {
    const doc = dice.pick(docs)
    act(doc, dice, `g${i >> 2}`)
    if (dice.chance(0.4)) exchange()
    const owners = new Map(lastWrites(doc))
    const off = doc.onOps((ops) => {
      for (const { id, patch } of ops) for (const prop in patch) expect([undefined, doc.actor]).toContain(owners.get(`${id} ${prop}`))
    })
    dice.pick([() => doc.history.undo(), () => doc.history.redo()])()
    off()
  }
  exchange()
  expect(visible(docs[0]!)).toEqual(visible(docs[1]!))
  expect(docs[0]!.digest()).toBe(docs[1]!.digest())
})

/** Who wrote each property last. */
function lastWrites(doc: Document): [string, string][] {
  return [...doc.wireRecords()].flatMap(({ id, v, pv, p }) =>
    Object.keys(p).map((prop): [string, string] => [`${id} ${prop}`, stampActor(pv?.[prop] ?? v)]),
  )
}

/** Without the properties that mean the same as their absence. */
function normal(shapes: Record<string, Patch>): Record<string, Patch> {
  return Object.fromEntries(
    Object.entries(shapes).map(([id, { fill, opacity, ...rest }]) => [id, { ...rest, ...(fill && { fill }), ...(opacity !== 1 && opacity && { opacity }) }]),
  )
}

describe('taking back one entry', () => {
  test('undoes that one, whatever has been done since, and nothing that others did', () => {
    const { docs, exchange } = replicas(2)
    const [ana, ben] = docs as [Document, Document]
    ana.edit([['a', RECT], ['b', RECT], ['c', RECT]])
    exchange()
    ana.edit(['a', 'b'].map((id) => [id, { deleted: true }]), { merge: 'clear' })
    ana.edit([['d', RECT]])
    exchange()
    ben.edit([['a', { deleted: false }]])
    ben.edit([['a', { deleted: true }], ['c', { deleted: true }]])
    exchange()
    expect(ana.history.takeBack('clear')).toEqual({ changed: ['b'], skipped: [{ id: 'a', prop: 'deleted', by: 'actor001' }] })
    expect(Object.keys(visible(ana)).sort()).toEqual(['b', 'd'])
    expect(ana.history.takeBack('clear')).toEqual({ changed: [], skipped: [] })
    ana.history.redo()
    expect(Object.keys(visible(ana))).toEqual(['d'])
    ana.history.undo()
    ana.history.undo()
    expect(Object.keys(visible(ana))).toEqual(['b'])
  })
})
