import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { snap, snapTable } from './snap'

const box = (x: number, y: number, w = 100, h = 100) => ({ minX: x, minY: y, maxX: x + w, maxY: y + h })
const table = snapTable([box(0, 0)])

describe('a box', () => {
  test.each([
    ['left edges', box(5, 300), [-5, 0]],
    ['right edge on left edge', box(-97, 300), [-3, 0]],
    ['middles', box(26, 300, 40, 40), [4, 0]],
    ['both ways', box(104, 97), [-4, 3]],
    ['too far', box(130, 330), [0, 0]],
  ] as const)('comes in line: %s', (_, moved, [x, y]) => {
    expect(snap(moved, { table, reach: 8 }).by).toEqual({ x, y })
  })

  test('shows the line, over all that stands on it', () => {
    const { guides } = snap(box(0, 300), { table: snapTable([box(0, 0, 60, 60), box(0, 500, 80, 80)]), reach: 8 })
    expect(guides).toContainEqual({ a: { x: 0, y: 0 }, b: { x: 0, y: 580 } })
  })

  test('has as much room on one side as on the other', () => {
    const row = snapTable([box(0, 0), box(400, 10)])
    expect(snap(box(203, 20, 100, 37), { table: row, reach: 8 }).by.x).toBe(-3)
    expect(snap(box(203, 20, 100, 37), { table: row, reach: 8 }).guides).toContainEqual({ a: { x: 100, y: 41.5 }, b: { x: 200, y: 41.5 } })
  })

  test('keeps the room its neighbours have', () => {
    const row = snapTable([box(0, 0, 50, 100), box(90, 3, 70, 100)])
    expect(snap(box(205, 20, 61, 37), { table: row, reach: 8 }).by.x).toBe(-5)
    expect(snap(box(-102, 20, 61, 37), { table: row, reach: 8 }).by.x).toBe(1)
  })

  test('stands on the grid where no other thing is near', () => {
    expect(snap(box(127, 334), { table, grid: 20, reach: 8 }).by).toEqual({ x: -7, y: 6 })
    expect(snap(box(97, 334), { table, grid: 20, reach: 8 }).by).toEqual({ x: 3, y: 6 })
  })

  test('snaps only by the edges that move', () => {
    expect(snap(box(5, 300, 90, 50), { table, reach: 8 }, { x: ['max'], y: [] }).by).toEqual({ x: 5, y: 0 })
    expect(snap(box(5, 300), { table, reach: 8 }, { x: [], y: [] }).by).toEqual({ x: 0, y: 0 })
  })

  test('never goes further than it may, and stays once it is in line', () => {
    const n = fc.integer({ min: -500, max: 500 })
    const side = fc.integer({ min: 1, max: 200 })
    const any = fc.tuple(n, n, side, side).map(([x, y, w, h]) => box(x, y, w, h))
    fc.assert(
      fc.property(fc.array(any, { maxLength: 8 }), any, (others, moved) => {
        const table = snapTable(others)
        const { by } = snap(moved, { table, reach: 8 })
        expect(Math.max(Math.abs(by.x), Math.abs(by.y))).toBeLessThanOrEqual(8)
        const there = { minX: moved.minX + by.x, maxX: moved.maxX + by.x, minY: moved.minY + by.y, maxY: moved.maxY + by.y }
        const again = snap(there, { table, reach: 8 }).by
        if (by.x !== 0) expect(Math.abs(again.x)).toBeLessThan(0.02)
      }),
    )
  })

  test('is found its place among 5 000 with a few looks at each', () => {
    const many = snapTable(Array.from({ length: 5000 }, (_, i) => box((i % 71) * 37, Math.floor(i / 71) * 41, 30, 30)))
    let looks = 0
    const watched = <T extends object>(list: T): T => new Proxy(list, { get: (list, key) => (looks++, Reflect.get(list, key) as unknown) })
    const table = { x: { lines: watched(many.x.lines), spans: watched(many.x.spans) }, y: { lines: watched(many.y.lines), spans: watched(many.y.spans) } }
    const counts = Array.from({ length: 50 }, (_, i) => {
      looks = 0
      snap(box(i * 13, i * 7, 45, 33), { table, reach: 8 })
      return looks
    })
    expect(Math.max(...counts)).toBeLessThan(5 * 5000)
  })
})
