import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Document } from '../board/document'
import { ABSENT } from '../board/history'
import type { Patch } from '../board/types'
import { TABLES } from '../shapes/kinds'
import { OUTLINES } from '../shapes/outlines'
import { Bench, box, scatter } from '../testing/desk'
import { Dice, seededRandom } from '../testing/random'
import type { Action } from './desk'
import * as editor from '.'

const bind = (to: string) => ({ to, at: [0.5, 0.5], inside: false })

/** Two boxes with an arrow between them, in a frame. */
const flow = () =>
  new Bench().put({
    f: { kind: 'frame', at: [-50, -50], size: [500, 300], z: 'a0' },
    a: box(0, 0, 100, 50, { frame: 'f', z: 'a1', color: 'red' }),
    b: box(200, 0, 100, 50, { frame: 'f', z: 'a2' }),
    l: { kind: 'arrow', at: [100, 25], size: [100, 0], z: 'a3', frame: 'f', startbind: bind('a'), endbind: bind('b') },
  })

describe('delete', () => {
  test('arrows keep the ends they had', () => {
    const bench = flow().select('b')
    bench.act(editor.deleteSelection)
    expect(bench.prop('b', 'deleted')).toBe(true)
    expect(bench.prop('l', 'deleted')).toBeUndefined()
    expect([bench.prop('l', 'at'), bench.prop('l', 'size')]).toEqual([[106, 25], [88, 0]])
    expect(bench.shapes().find(({ id }) => id === 'l')!.frame).toMatchObject({ minX: 106, maxX: 194 })
    expect(bench.prop('l', 'endbind')).toEqual(bind('b'))
  })

  test('a frame goes with what is in it, or alone', () => {
    const bench = flow().select('f')
    bench.act(editor.deleteSelection)
    expect(bench.order()).toBe('')
    bench.document.history.undo()
    bench.select('f').act(editor.removeFrame)
    expect(bench.order()).toBe('a b l')
    expect([bench.prop('a', 'frame'), [...bench.selection].sort()]).toEqual([null, ['a', 'b', 'l']])
  })
})

describe('move', () => {
  /** An arrow with a bend at 150, 80 on the plane, whose own places are long out of date. */
  const bent = () => flow().put({ l: { at: [-90, 0], size: [10, 0], bends: [[240, 80]] }, b: { at: [200, 100] } })
  const bendOf = (bench: Bench) => {
    const { at, bends } = bench.shapes().find(({ id }) => id === 'l')!.props as unknown as { at: [number, number]; bends: [number, number][] }
    return bends.map(([x, y]) => [Math.round(at[0] + x), Math.round(at[1] + y)])
  }

  test.each([
    ['one shape that an arrow is bound to', ['a'], [150, 80]],
    ['both of them', ['a', 'b'], [160, 100]],
    ['both of them and the arrow', ['a', 'b', 'l'], [160, 100]],
    ['the arrow with one of them', ['a', 'l'], [160, 100]],
    ['the arrow alone', ['l'], [160, 100]],
    ['the frame around them', ['f'], [160, 100]],
  ])('of %s: where the bend is', (_, ids, want) => {
    const bench = bent().select(...ids)
    expect(bendOf(bench)).toEqual([[150, 80]])
    bench.act(editor.moveBy(10, 20))
    expect(bendOf(bench)).toEqual([want])
    bench.document.history.undo()
    expect(bendOf(bench)).toEqual([[150, 80]])
  })
})

describe('duplicate', () => {
  test('copies lie beside the originals, above all, and are selected', () => {
    const bench = flow().select('a')
    bench.act(editor.duplicate)
    const [copy] = [...bench.selection]
    expect(bench.document.get(copy!)).toMatchObject({ kind: 'rect', at: [10, 10], size: [100, 50], frame: 'f', color: 'red' })
    expect(bench.order()).toBe(`f a b l ${copy}`)
  })

  test('copies refer to copies: frames, bindings, groups', () => {
    const bench = flow()
    bench.put({ a: { groups: ['g'] }, b: { groups: ['g'] } }).select('f').act(editor.duplicate)
    const [frame] = [...bench.selection]
    const inside = bench.shapes().filter(({ props }) => props['frame'] === frame)
    expect(inside).toHaveLength(3)
    const arrow = inside.find(({ props }) => props['kind'] === 'arrow')!
    const boxes = inside.filter(({ props }) => props['kind'] === 'rect')
    expect([arrow.props['startbind'], arrow.props['endbind']]).toEqual(boxes.map(({ id }) => bind(id)))
    expect(boxes[0]!.props['groups']).toEqual(boxes[1]!.props['groups'])
    expect(boxes[0]!.props['groups']).not.toEqual(['g'])
  })

  test('a copy of an elbow route has no properties but those that a record may have', () => {
    const bench = new Bench().put({ l: { kind: 'arrow', at: [0, 0], size: [90, 60], route: 'elbow', z: 'a1' } }).select('l')
    bench.act(editor.duplicate)
    const copy = bench.document.get([...bench.selection][0]!)!
    expect(Object.keys(copy).filter((prop) => !(prop in TABLES['arrow']!))).toEqual([])
  })

  test('a copy of a part of a group joins it; a binding to what is not copied is let go', () => {
    const bench = flow()
    bench.put({ a: { groups: ['g'] }, b: { groups: ['g'] } }).select('a', 'l').act(editor.duplicate)
    const copies = [...bench.selection].map((id) => bench.document.get(id)!)
    expect(copies.find(({ kind }) => kind === 'rect')!['groups']).toEqual(['g'])
    expect(copies.find(({ kind }) => kind === 'arrow')).toMatchObject({ endbind: null })
  })
})

describe('convert', () => {
  test('boxes take turns, lines and arrows too', () => {
    const bench = flow().select('a', 'l')
    const kinds = () => {
      bench.act(editor.convert)
      return [bench.prop('a', 'kind'), bench.prop('l', 'kind')]
    }
    expect([kinds(), kinds(), kinds(), kinds()]).toEqual([
      ['ellipse', 'line'],
      ['diamond', 'arrow'],
      ['polygon', 'line'],
      ['rect', 'arrow'],
    ])
    expect(bench.prop('l', 'endhead')).toBe('arrow')
  })

  test('outlines and notes become rectangles, and all boxes what the first becomes', () => {
    const boxes = ['note', ...OUTLINES.keys()].map((kind, i) => [`s${i}`, box(100 * i, 0, 50, 50, { kind, z: `a1${i}` })] as const)
    const bench = new Bench().put(Object.fromEntries(boxes)).select(...boxes.map(([id]) => id))
    bench.act(editor.convert)
    for (const [id] of boxes) expect(bench.prop(id, 'kind')).toBe('rect')
    bench.put({ e: box(-100, 0, 50, 50, { kind: 'ellipse', z: 'a0' }) }).select('e', 's1').act(editor.convert)
    expect([bench.prop('e', 'kind'), bench.prop('s1', 'kind')]).toEqual(['diamond', 'diamond'])
  })
})

describe('reshape', () => {
  test('makes all boxes that are outlines of one kind and leaves others alone', () => {
    const bench = flow().put({ t: { kind: 'text', at: [0, 0], size: [10, 10], text: 'hi' }, n: { kind: 'note', at: [0, 0], size: [10, 10], fill: 'yellow' } })
    const before = bench.document.get('a')
    bench.select('a', 'l', 't', 'n', 'f').act(editor.reshape('star'))
    expect(['a', 'l', 't', 'n', 'f'].map((id) => bench.prop(id, 'kind'))).toEqual(['star', 'arrow', 'text', 'star', 'frame'])
    expect(bench.document.get('a')).toEqual({ ...before, kind: 'star' })
    bench.act(editor.convert)
    expect(bench.prop('a', 'kind')).toBe('rect')
  })

  test('leaves locked shapes as they are', () => {
    const bench = flow().put({ a: { locked: true } }).select('a')
    expect(bench.act(editor.reshape('cloud')).locked).toBe(1)
    expect(bench.prop('a', 'kind')).toBe('rect')
  })
})

describe('a linked node', () => {
  test('is like the shape, beside it, with an arrow between them', () => {
    const bench = flow().select('a')
    bench.act(editor.linkDown)
    const [node] = [...bench.selection]
    expect(bench.document.get(node!)).toMatchObject({ kind: 'rect', at: [0, 150], size: [100, 50], color: 'red', frame: 'f' })
    const arrow = bench.document.get(bench.shapes().at(-1)!.id)
    expect(arrow).toMatchObject({ kind: 'arrow', at: [50, 50], size: [0, 100], color: 'red', startbind: bind('a'), endbind: bind(node!) })
  })

  test('is put where nothing is', () => {
    const bench = flow().select('a')
    bench.act(editor.linkRight)
    const node = bench.document.get([...bench.selection][0]!)!
    expect(node['at']).not.toEqual([200, 0])
    bench.select('a').act(editor.linkRight)
    expect(bench.document.get([...bench.selection][0]!)!['at']).not.toEqual(node['at'])
  })
})

describe('frames', () => {
  test('wrap, take out, put in', () => {
    const bench = new Bench().put({ a: box(0, 0, 100, 50), b: box(200, 0, 100, 50) }).select('a', 'b')
    bench.act(editor.wrapInFrame)
    const [frame] = [...bench.selection] as [string]
    expect(bench.document.get(frame)).toMatchObject({ kind: 'frame', at: [-24, -24], size: [348, 98] })
    expect(bench.order()).toBe(`${frame} a b`)
    expect(bench.prop('a', 'frame')).toBe(frame)
    bench.select('a').act(editor.takeOutOfFrame)
    expect(bench.prop('a', 'frame')).toBeNull()
    bench.act(editor.putIntoFrame)
    expect(bench.prop('a', 'frame')).toBe(frame)
  })

  test('a frame is not put into itself', () => {
    const bench = flow().select('f')
    expect(bench.act(editor.putIntoFrame).edits).toEqual([])
  })
})

describe('links', () => {
  test.each([
    ['example.org', 'https://example.org'],
    ['https://example.org/a b', 'https://example.org/a b'],
    ['ann@example.org', 'mailto:ann@example.org'],
    ['localhost:8080/x', 'https://localhost:8080/x'],
    ['javascript:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['', undefined],
  ])('%s means %s', (text, want) => {
    expect(editor.linkOf(text)).toBe(want)
  })

  test('what may not be linked to is not written', () => {
    const bench = flow().select('a')
    expect(bench.act(editor.setLink('javascript:alert(1)')).edits).toEqual([])
    bench.act(editor.setLink('https://example.org'))
    expect(bench.prop('a', 'link')).toBe('https://example.org')
    bench.act(editor.setLink(null))
    expect(bench.prop('a', 'link')).toBeNull()
  })
})

/** Functions of one argument that are no actions: they make one, or help. */
const NOT_ACTIONS = ['moveToLayer', 'reshape', 'setLink', 'linkOf', 'styleOf', 'pasteStyle', 'fillWith', 'isFillable']

const ACTIONS: readonly (readonly [string, Action])[] = Object.entries(editor).filter(
  (entry): entry is [string, Action] => typeof entry[1] === 'function' && entry[1].length === 1 && !NOT_ACTIONS.includes(entry[0]),
)

describe('any action', () => {
  test('can be undone and done again, in any order', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 8 }), (seed, steps) => {
        const dice = new Dice(seededRandom(seed))
        const bench = new Bench(seed).put({ ...scatter(dice, 8), f: { kind: 'frame', at: [-300, -300], size: [400, 400], z: 'a0' } })
        const states = [looks(bench.document)]
        for (let i = 0; i < steps; i++) {
          const ids = bench.shapes().map(({ id }) => id)
          bench.select(...ids.filter(() => dice.chance(0.5)))
          const [, action] = dice.pick(ACTIONS)
          if (bench.act(action).edits.length > 0 && looks(bench.document) !== states.at(-1)) states.push(looks(bench.document))
        }
        const done = [...states]
        while (bench.document.history.canUndo) {
          bench.document.history.undo()
          expect(states).toContain(looks(bench.document))
        }
        expect(looks(bench.document)).toBe(done[0])
        while (bench.document.history.canRedo) bench.document.history.redo()
        expect(looks(bench.document)).toBe(done.at(-1))
      }),
      { numRuns: 40 },
    )
  })

  test('writes what the board accepts', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const dice = new Dice(seededRandom(seed))
        const bench = new Bench(seed).put(scatter(dice, 8))
        bench.select(...bench.shapes().map(({ id }) => id).filter(() => dice.chance(0.6)))
        const [name, action] = dice.pick(ACTIONS)
        for (const [id, patch] of bench.act(action).edits) {
          const table = TABLES[String(bench.prop(id, 'kind'))]!
          for (const [prop, value] of Object.entries(patch)) expect(table[prop]?.(value), `${name}: ${prop} = ${JSON.stringify(value)}`).toBe(true)
        }
      }),
      { numRuns: 150 },
    )
  })
})

describe('two people', () => {
  /** Ann's and Bob's documents, and a way to exchange what each has done. */
  function pair() {
    const [ann, bob] = [new Bench(1, 'annannann01'), new Bench(2, 'bobbobbob01')]
    const seed = Object.entries({ a: box(0, 0, 10, 10), b: box(50, 50, 10, 10) })
    const ops = ann.document.edit(seed, { history: false })
    bob.document.applyRemote(ops)
    const sent: [Document, Parameters<Document['applyRemote']>[0]][] = []
    ann.document.onOps((one) => sent.push([bob.document, one]))
    bob.document.onOps((one) => sent.push([ann.document, one]))
    return { ann, bob, exchange: () => sent.splice(0).forEach(([to, one]) => to.applyRemote(one)) }
  }

  test('who change different properties of a shape both keep their change', () => {
    const { ann, bob, exchange } = pair()
    ann.select('a').act(editor.moveBy(5, 5))
    bob.select('a', 'b').act(editor.group)
    bob.act(editor.setLink('https://example.org'))
    exchange()
    expect(ann.document.digest()).toBe(bob.document.digest())
    expect(ann.document.get('a')).toMatchObject({ at: [5, 5], link: 'https://example.org' })
    expect(ann.prop('a', 'groups')).toHaveLength(1)
  })

  test('undo leaves what the other has done since', () => {
    const { ann, bob, exchange } = pair()
    ann.select('a').act(editor.moveBy(5, 5))
    exchange()
    bob.select('a').act(editor.moveBy(100, 0))
    bob.act(editor.toggleLock)
    exchange()
    ann.document.history.undo()
    exchange()
    expect(ann.document.digest()).toBe(bob.document.digest())
    expect(ann.document.get('a')).toMatchObject({ at: [105, 5], locked: true })
  })
})

/** What is on a board as it can be seen: without what was deleted, absent properties by what they mean. */
function looks(document: Document): string {
  const live = [...document.records()].filter(([, record]) => record['deleted'] !== true)
  return JSON.stringify(live.map(([id, record]): [string, Patch] => [id, { ...ABSENT, ...record }]).map(([id, record]) => [id, sorted(record)]))
}

function sorted(record: Patch): Patch {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
