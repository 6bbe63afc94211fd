import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Bench, box, scatter } from '../testing/desk'
import { Dice, seededRandom } from '../testing/random'
import { bringForward, bringToFront, sendBackward, sendToBack } from './stacking'

/** Five squares in a row; each overlaps its neighbours alone. */
const row = () =>
  new Bench().put(Object.fromEntries([...'abcde'].map((id, i) => [id, box(i * 80, 0, 100, 100, { z: `a${i + 1}` })])))

describe('the order of shapes', () => {
  test('to the front and to the back keep the order of the selection', () => {
    const bench = row().select('d', 'a', 'b')
    bench.act(bringToFront)
    expect(bench.order()).toBe('c e a b d')
    bench.act(sendToBack)
    expect(bench.order()).toBe('a b d c e')
  })

  test('forward passes the next shape that is overlapped, and no other', () => {
    const bench = row().select('a')
    bench.act(bringForward)
    expect(bench.order()).toBe('b a c d e')
    bench.act(bringForward)
    expect(bench.last.edits).toEqual([])
    expect(bench.select('c').act(bringForward).edits).toHaveLength(1)
    expect(bench.order()).toBe('b a d c e')
  })

  test('backward is forward the other way', () => {
    const bench = row().select('e', 'b')
    bench.act(sendBackward)
    expect(bench.order()).toBe('b a c e d')
  })

  test('what is above in the selection is not passed', () => {
    const bench = row().put({ far: box(5000, 0, 10, 10, { z: 'a1V' }) }).select('a', 'far')
    bench.act(bringForward)
    expect(bench.order()).toBe('b a far c d e')
  })

  test('what is locked stays, and is counted', () => {
    const bench = row().put({ b: { locked: true } }).select('a', 'b')
    expect(bench.act(bringToFront).locked).toBe(1)
    expect(bench.order()).toBe('b c d e a')
  })

  test('layers are stacked each for itself', () => {
    const bench = row().put({ l1: { kind: 'layer', name: 'x', z: 'a1' }, a: { layer: 'l1' }, b: { layer: 'l1' } })
    bench.select('a', 'c').act(bringToFront)
    expect(bench.prop('a', 'z')! > bench.prop('b', 'z')!).toBe(true)
    expect(bench.prop('c', 'z')! > bench.prop('e', 'z')!).toBe(true)
  })

  test('keys stay short: when they grow, the layer gets new ones', () => {
    const bench = row()
    for (let i = 0; i < 300; i++) {
      bench.select('b').act(bringForward)
      bench.select('c').act(bringForward)
      for (const { z } of bench.shapes()) expect(z.length).toBeLessThanOrEqual(32)
    }
    expect(bench.order()).toMatch(/^a/)
  })

  test('shapes with one key are told apart', () => {
    const bench = new Bench().put(Object.fromEntries([...'abc'].map((id) => [id, box(0, 0, 50, 50)]))).select('a')
    bench.act(bringForward)
    expect(bench.order()).toBe('b a c')
  })

  test('any step keeps all shapes, the order of the selection, and that of the rest', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 12 }), (seed, count) => {
        const dice = new Dice(seededRandom(seed))
        const bench = new Bench(seed).put(scatter(dice, count))
        const ids = bench.shapes().map(({ id }) => id)
        bench.select(...ids.filter(() => dice.chance(0.4)))
        const free = ids.filter((id) => bench.selection.has(id) && bench.prop(id, 'locked') !== true)
        const rest = ids.filter((id) => !free.includes(id))
        bench.act(dice.pick([bringToFront, sendToBack, bringForward, sendBackward]))
        const after = bench.shapes().map(({ id }) => id)
        expect([...after].sort()).toEqual([...ids].sort())
        expect(after.filter((id) => free.includes(id))).toEqual(free)
        expect(after.filter((id) => rest.includes(id))).toEqual(rest)
      }),
    )
  })
})

