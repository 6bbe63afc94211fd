import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { Document } from '../board/document'
import type { Patch, WireRecord } from '../board/types'
import { compareOrder } from '../board/order'
import { overlaps } from '../geometry/box'
import { world } from '../geometry/point'
import { shapeOf } from '../shapes'
import { seeds } from '../testing/random'
import { Scene, type SceneChange } from './scene'
import { Stack, type Ordered } from './stack'

const rect = (x: number, z: string, more: Patch = {}): Patch => ({ kind: 'rect', at: [x, 0], size: [10, 10], color: 'red', width: 2, z, ...more })

const byOrder = (a: { id: string; order: string }, b: { id: string; order: string }) => compareOrder({ id: a.id, z: a.order }, { id: b.id, z: b.order })

let doc: Document
let scene: Scene
let seen: SceneChange[]

beforeEach(() => {
  doc = new Document({ actor: 'actor123', now: () => 1_700_000_000_000 })
  scene = new Scene(doc)
  seen = []
  scene.subscribe((change) => seen.push(change))
})

describe('a scene', () => {
  test('tells what is new on top, so that it can be painted over the rest', () => {
    doc.edit([['a', rect(0, 'a1')]])
    doc.edit([['b', rect(5, 'a2')]])
    expect(seen.map(({ onTop }) => onTop?.id)).toEqual(['a', 'b'])
  })

  test.each([
    ['below another', [['b', rect(5, 'a1')]]],
    ['two at once', [['b', rect(5, 'a7')], ['c', rect(9, 'a8')]]],
    ['changed', [['a', { color: 'blue' }]]],
    ['removed', [['a', { deleted: true }]]],
  ] as [string, [string, Patch][]][])('does not call a shape on top that is %s', (_, changes) => {
    doc.edit([['a', rect(0, 'a5')]])
    doc.edit(changes)
    expect(seen).toHaveLength(2)
    expect(seen[1]!.onTop).toBeUndefined()
  })

  test('tells which record alone looks different, if it is one', () => {
    doc.edit([['a', rect(0, 'a1')]])
    doc.edit([['a', { color: 'blue' }]])
    doc.edit([['b', rect(5, 'a2')], ['c', rect(9, 'a3')]])
    expect(seen.map(({ only }) => only)).toEqual(['a', 'a', undefined])
    doc.edit([['d', { kind: 'arrow', at: [10, 5], size: [90, 0], z: 'a4', startbind: { to: 'a', at: [0.5, 0.5], inside: false } }]])
    doc.edit([['a', { at: [50, 0] }]])
    expect(seen.slice(3).map(({ only }) => only)).toEqual(['d', undefined])
  })

  test('knows what is above all others', () => {
    doc.edit([['a', rect(0, 'a1')], ['b', rect(5, 'a2')]])
    expect(['a', 'b'].map((id) => scene.isOnTop(scene.get(id)!))).toEqual([false, true])
  })

  test('hides what is in a hidden frame, however deep, and clips by all frames around', () => {
    const frame = (at: number, more: Patch = {}): Patch => ({ kind: 'frame', at: [at, at], size: [100, 100], z: 'a0', ...more })
    doc.edit([['f', frame(0)], ['g', frame(50, { frame: 'f' })], ['a', { ...rect(60, 'a1'), frame: 'g' }]])
    expect(new Set(scene.get('a')!.clip)).toEqual(new Set([[50, 50], [100, 50], [100, 100], [50, 100]].map(([x, y]) => world(x!, y!))))
    doc.edit([['f', { at: [-20, -20] }]])
    expect(scene.get('a')!.clip).toContainEqual(world(80, 80))
    doc.edit([['f', { hidden: true }]])
    expect(scene.size).toBe(0)
    doc.edit([['f', { hidden: false }]])
    expect(scene.size).toBe(3)
  })

  test('marks where a shape was and where it is', () => {
    doc.edit([['a', rect(0, 'a1')]])
    doc.edit([['a', { at: [500, 0] }]])
    const [was, is] = seen[1]!.dirty!
    expect([was!.minX, is!.minX]).toEqual([-1, 499])
  })

  test('says nothing of chat and of what can not be seen', () => {
    doc.edit([['c', { kind: 'chat', text: 'hello', user: 'u', name: 'U', time: 1 }]])
    doc.edit([['board', { title: 'A title' }]])
    expect(seen).toEqual([])
  })

  test('shows the background, and that it is gone', () => {
    doc.edit([['board', { background: { asset: 'x', at: [0, 0], size: [40, 30] } }]])
    expect(scene.background?.box).toEqual({ minX: 0, minY: 0, maxX: 40, maxY: 30 })
    expect(scene.bounds()).toEqual(scene.background?.box)
    doc.edit([['board', { background: null }]])
    expect(scene.background).toBeUndefined()
    expect(seen).toHaveLength(2)
  })

  test('finds what the eraser touches, not what is near', () => {
    doc.edit([['a', rect(0, 'a1')], ['b', rect(100, 'a2')]])
    const touched = scene.touching({ a: world(-5, 5), b: world(3, 5) }, 1)
    expect(touched.map(({ id }) => id)).toEqual(['a'])
  })

  test('that followed every change equals one made from the document as it is', () => {
    const edit = fc.record({
      id: fc.constantFrom(...'abcdefgh'),
      patch: fc.oneof(
        fc.tuple(fc.integer({ min: 0, max: 300 }), fc.constantFrom('a0', 'a1', 'a1V', 'a2')).map(([x, z]) => rect(x, z, { deleted: false })),
        fc.constant<Patch>({ deleted: true }),
      ),
    })
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 40 }), (edits) => {
        const doc = new Document({ actor: 'actor123', now: () => 1_700_000_000_000 })
        const scene = new Scene(doc)
        for (const { id, patch } of edits) doc.edit([[id, patch]])
        const area = { minX: 0, minY: 0, maxX: 150, maxY: 50 }
        const want = [...doc.records()].flatMap(([id, props]) => shapeOf(id, props) ?? []).sort(compareOrder)
        expect(scene.all().map(({ id }) => id)).toEqual(want.map(({ id }) => id))
        expect(scene.within(area).map(({ id }) => id)).toEqual(want.filter(({ box }) => overlaps(box, area)).map(({ id }) => id))
        expect(scene.size).toBe(want.length)
      }),
    )
  })
})

describe('shapes of records that are on their way', () => {
  const wire = (...records: (readonly [string, Patch])[]): WireRecord[] => records.map(([id, p], i) => ({ id, v: `00000000000${i}actor123`, p }))
  const bind: Patch = { to: 'a', at: [0.5, 0.5], inside: false }

  test('are given bottom first, those that can be seen and need no other record', () => {
    const records = wire(
      ['c', rect(0, 'a3')],
      ['a', rect(5, 'a1')],
      ['hidden', rect(0, 'a2', { hidden: true })],
      ['framed', rect(0, 'a2', { frame: 'f' })],
      ['layered', rect(0, 'a2', { layer: 'l' })],
      ['arrow', { kind: 'arrow', at: [0, 0], size: [9, 9], z: 'a2', startbind: bind }],
      ['deleted', { deleted: true }],
      ['chat', { kind: 'chat', text: 'hello', user: 'u', name: 'U', time: 1 }],
      ['b', rect(0, 'a2')],
    )
    expect(scene.prepare(records).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect([scene.size, seen]).toEqual([0, []])
  })

  /** So many that all of the scene is made anew, as it is when a large board comes. */
  const others = wire(...Array.from({ length: 1100 }, (_, i) => [`r${i}`, rect(0, 'a0')] as const))

  test('are not made again when a large board is there', () => {
    const records = wire(['a', rect(0, 'a1')], ['b', rect(5, 'a2')])
    const [a, b] = [...scene.prepare(records.slice(0, 1)), ...scene.prepare(records.slice(1))]
    doc.load({ seq: 1, records: [...records, ...others] }, [])
    expect(scene.get('a')).toBe(a)
    expect(scene.get('b')).toBe(b)
  })

  test('are made anew of what has changed meanwhile', () => {
    const [old] = scene.prepare(wire(['a', rect(0, 'a1')]))
    doc.load({ seq: 1, records: [...wire(['a', rect(70, 'a1')]), ...others] }, [])
    expect(scene.get('a')).not.toBe(old)
    expect(scene.get('a')!.box.minX).toBe(69)
  })
})

describe('a stack', () => {
  test('stays in order and sorts any part of it, however things come and go', () => {
    const step = fc.record({ id: fc.nat(40), z: fc.constantFrom('a0', 'a1', 'b', 'c'), add: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const stack = new Stack<Ordered>()
        const held = new Map<number, Ordered>()
        for (const { id, z, add } of steps) {
          const old = held.get(id)
          if (old) stack.remove(old)
          held.delete(id)
          if (!add) continue
          const item = { id: String(id), order: z, rank: 0 }
          held.set(id, item)
          stack.add(item)
        }
        const want = [...held.values()].sort(byOrder)
        expect(stack.all).toEqual(want)
        expect(stack.sort([...held.values()])).toEqual(want)
        expect(stack.top).toBe(want.at(-1))
      }),
    )
  })

  test('keeps its ranks apart after thousands of insertions at one place', () => {
    const stack = new Stack<Ordered>()
    stack.add({ id: 'low', order: 'a', rank: 0 })
    stack.add({ id: 'high', order: 'c', rank: 0 })
    const between = Array.from({ length: 3000 }, (_, i) => ({ id: String(9999 - i), order: 'b', rank: 0 }))
    for (const item of between) stack.add(item)
    expect(stack.sort([...between])).toEqual([...between].sort(byOrder))
  })
})

describe('shapes that were prepared', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  const props = fc.record(
    {
      kind: fc.constantFrom('rect', 'text', 'chat'),
      at: fc.constantFrom([0, 0], [40, 5]),
      size: fc.constant([10, 10]),
      z: fc.constantFrom('a1', 'a2', 'a3'),
      text: fc.constantFrom('', 'word'),
      hidden: fc.boolean(),
      deleted: fc.boolean(),
      layer: fc.constantFrom('e', null),
    },
    { requiredKeys: ['kind', 'at', 'size', 'z'] },
  )
  const record = fc.record({ id, v: fc.constant('0mwxiu2u6000actor0001'), p: props })
  const records = fc.uniqueArray(record, { selector: ({ id }) => id })

  /** So many changes that all is made anew. */
  const many = (load: number) => Array.from({ length: 1100 }, (_, i) => ({ id: `r${load}-${i}`, v: '0mwxiu2u6000actor0001', p: rect(0, 'a0') }))

  test('are those of the document once it is loaded, whatever else came before', () => {
    fc.assert(
      fc.property(fc.array(records, { maxLength: 3 }), records, fc.integer({ min: 0, max: 3 }), (before, last, again) => {
        const one = new Document({ actor: 'actor123', now: () => 1 })
        const tried = new Scene(one)
        for (const some of before) tried.prepare(some)
        for (let i = 0; i <= again; i++) one.load({ seq: i, records: [...last.slice(0, i === again ? undefined : i), ...many(i)] }, [])
        const other = new Document({ actor: 'actor123', now: () => 1 })
        other.load({ seq: again, records: [...last, ...many(again)] }, [])
        const fresh = new Scene(other)
        expect(tried.all().map(({ id }) => id).join()).toBe(fresh.all().map(({ id }) => id).join())
        const few = (scene: Scene) => scene.all().filter(({ id }) => id.length === 1)
        expect(few(tried)).toEqual(few(fresh))
        expect(tried.topKey).toBe(fresh.topKey)
        expect(tried.bounds()).toEqual(fresh.bounds())
        expect(tried.dependents(['e'])).toEqual(fresh.dependents(['e']))
      }),
      { seed: seeds(1)[0]!, numRuns: 8 },
    )
  })

  test('are taken as they are', () => {
    const one = { id: 'a', v: '0mwxiu2u6000actor0001', p: rect(0, 'a1') }
    const [shape] = scene.prepare([one])
    doc.load({ seq: 1, records: [one, ...many(1)] }, [])
    expect(scene.get('a')).toBe(shape)
    expect(scene.size).toBe(1101)
  })
})

describe('an arrow of somebody else stays where it is when what it is bound to goes', () => {
  const ends = () => {
    const { minX, minY, maxX, maxY } = scene.get('arrow')!.frame
    return [minX, minY, maxX, maxY]
  }

  /** Moves the shape, and draws an arrow to it, as others do: their ops come from a document of their own. */
  function others(...edits: [string, Patch][]): void {
    const ben = new Document({ actor: 'actor999', now: () => 1_700_000_000_100 })
    ben.load({ seq: 0, records: [...doc.wireRecords()] }, [])
    doc.applyRemote(ben.edit(edits))
  }

  test.each(['undo of its creation', 'redo of its deletion'])('by %s', (way) => {
    doc.edit([['a', rect(100, 'a1')]])
    others(['arrow', { kind: 'arrow', at: [0, 5], size: [10, 0], z: 'a2', endbind: { to: 'a', at: [0.5, 0.5], inside: false } }])
    const last = way.startsWith('redo')
    if (last) {
      doc.edit([...scene.endsLeft(['a']), ['a', { deleted: true }]])
      doc.history.undo()
    }
    others(['a', { at: [300, 40] }])
    const before = ends()
    expect(before[2]).toBeGreaterThan(200)
    if (last) doc.history.redo()
    else doc.history.undo()
    expect(scene.get('a')).toBeUndefined()
    expect(ends()).toEqual(before)
    if (last) doc.history.undo()
    else doc.history.redo()
    others(['a', { at: [500, 40] }])
    expect(ends()[2]).toBeGreaterThan(400)
  })
})
