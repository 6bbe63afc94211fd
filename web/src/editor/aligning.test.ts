import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { extentOf } from '../shapes/transform'
import { Bench, box, scatter } from '../testing/desk'
import { Dice, seededRandom } from '../testing/random'
import * as aligning from './aligning'
import { working } from './desk'
import { unitsOf } from './groups'
import { flipHorizontally, flipVertically, moveBy } from './moving'

const row = (more = {}) =>
  new Bench().put({ a: box(0, 0, 100, 100), b: box(130, 40, 50, 20), c: box(400, -30, 10, 10), ...more }).select('a', 'b', 'c')
const at = (bench: Bench, id: string) => bench.prop(id, 'at')

describe('align', () => {
  test.each([
    ['alignLeft', [0, 0], [0, 40], [0, -30]],
    ['alignRight', [310, 0], [360, 40], [400, -30]],
    ['alignTop', [0, -30], [130, -30], [400, -30]],
    ['alignBottom', [0, 0], [130, 80], [400, 90]],
    ['alignCenter', [155, 0], [180, 40], [200, -30]],
    ['alignMiddle', [0, -15], [130, 25], [400, 30]],
  ] as const)('%s', (name, a, b, c) => {
    const bench = row()
    bench.act(aligning[name])
    expect([at(bench, 'a'), at(bench, 'b'), at(bench, 'c')]).toEqual([a, b, c])
  })

  test('what is turned is aligned by the box around it', () => {
    const bench = new Bench().put({ a: box(0, 0, 100, 100), b: box(200, 0, 100, 20, { rotation: Math.PI / 2 }) }).select('a', 'b')
    bench.act(aligning.alignLeft)
    expect(at(bench, 'b')).toEqual([-40, 0])
  })

  test('a group is one', () => {
    const bench = row({ d: box(500, 0, 10, 10, { groups: ['g'] }) })
    bench.put({ c: { groups: ['g'] } }).select('a', 'c', 'd')
    bench.act(aligning.alignLeft)
    expect([at(bench, 'c'), at(bench, 'd')]).toEqual([
      [0, -30],
      [100, 0],
    ])
  })

  test('what is in a frame goes along', () => {
    const bench = row({ f: { kind: 'frame', at: [50, 300], size: [200, 200], z: 'a0' }, in: box(60, 310, 10, 10, { frame: 'f' }) })
    bench.select('a', 'f').act(aligning.alignLeft)
    expect([at(bench, 'f'), at(bench, 'in')]).toEqual([
      [0, 300],
      [10, 310],
    ])
  })

  test('any units share the edge afterwards; nothing else has moved', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const dice = new Dice(seededRandom(seed))
        const bench = new Bench(seed).put(scatter(dice, 9))
        bench.select(...bench.shapes().map(({ id }) => id))
        const tops = () => units(bench).map((unit) => unit.minY)
        const all = units(bench)
        if (all.length < 2) return
        bench.act(aligning.alignTop)
        for (const top of tops()) expect(top).toBeCloseTo(Math.min(...all.map((unit) => unit.minY)), 1)
        units(bench).forEach((unit, i) => expect(unit.minX).toBeCloseTo(all[i]!.minX, 5))
      }),
    )
  })
})

describe('distribute', () => {
  test('leaves equal gaps', () => {
    const bench = row()
    bench.act(aligning.distributeHorizontally)
    expect([at(bench, 'a'), at(bench, 'b'), at(bench, 'c')]).toEqual([
      [0, 0],
      [225, 40],
      [400, -30],
    ])
  })

  test('where there is no room the middles keep equal distances', () => {
    const bench = row({ b: box(0, 0, 500, 20) })
    bench.put({ b: { at: [10, 0] } }).act(aligning.distributeHorizontally)
    const [a, b, c] = units(bench).map((unit) => (unit.minX + unit.maxX) / 2).sort((x, y) => x - y)
    expect(b! - a!).toBeCloseTo(c! - b!, 1)
  })

  test('any units end with equal steps between the outermost', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const dice = new Dice(seededRandom(seed))
        const bench = new Bench(seed).put(scatter(dice, 8))
        bench.select(...bench.shapes().map(({ id }) => id))
        const before = units(bench)
        if (before.length < 3) return
        bench.act(aligning.distributeVertically)
        const after = units(bench).sort((a, b) => a.minY + a.maxY - b.minY - b.maxY)
        const gaps = after.slice(1).map((unit, i) => unit.minY - after[i]!.maxY)
        const steps = after.slice(1).map((unit, i) => (unit.minY + unit.maxY - after[i]!.minY - after[i]!.maxY) / 2)
        const even = (list: number[]) => Math.max(...list) - Math.min(...list) < 0.1
        expect(even(gaps) || even(steps)).toBe(true)
      }),
    )
  })
})

describe('flip', () => {
  test('mirrors places within the box of the selection', () => {
    const bench = row()
    bench.act(flipHorizontally)
    expect([at(bench, 'a'), at(bench, 'b'), at(bench, 'c')]).toEqual([
      [310, 0],
      [230, 40],
      [0, -30],
    ])
  })

  test('twice is as before, whatever is turned', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const bench = new Bench(seed).put(scatter(new Dice(seededRandom(seed)), 6))
        bench.select(...bench.shapes().map(({ id }) => id))
        const before = units(bench)
        for (const action of [flipVertically, flipVertically, flipHorizontally, flipHorizontally]) bench.act(action)
        units(bench).forEach((unit, i) => {
          expect(unit.minX).toBeCloseTo(before[i]!.minX, 0)
          expect(unit.maxY).toBeCloseTo(before[i]!.maxY, 0)
        })
      }),
    )
  })

  test('an arrow stays on the sides that are mirrored with it', () => {
    const bind = { to: 'a', at: [0.25, 0.5], inside: true }
    const bench = row({ l: { kind: 'arrow', at: [25, 50], size: [100, 0], z: 'a3', startbind: bind } })
    bench.select('a', 'l').act(flipHorizontally)
    expect(bench.prop('l', 'startbind')).toEqual({ ...bind, at: [0.75, 0.5] })
  })
})

test('an arrow that is moved lets go of what stays behind', () => {
  const bind = (to: string) => ({ to, at: [0.5, 0.5], inside: false })
  const bench = row({ l: { kind: 'arrow', at: [25, 50], size: [100, 0], z: 'a3', startbind: bind('a'), endbind: bind('b') } })
  bench.select('l', 'a').act(moveBy(0, 10))
  expect(bench.prop('l', 'startbind')).toEqual(bind('a'))
  expect(bench.prop('l', 'endbind')).toEqual(bind('b'))
  bench.select('l').act(moveBy(0, 10))
  expect([bench.prop('l', 'startbind'), bench.prop('l', 'endbind')]).toEqual([null, null])
})

/** The boxes of what moves as one. */
function units(bench: Bench) {
  const { free } = working(bench.desk)
  return unitsOf(bench.desk, free).map((unit) => extentOf(unit.map(({ id }) => bench.document.get(id)!))!)
}
