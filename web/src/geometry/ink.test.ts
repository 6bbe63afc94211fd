import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inkReach, NIB, outline, Pressure, RUN_POINTS, runs, type InkPoint } from './ink'

const REACH = inkReach(NIB)

const path = (n: number, step: number): InkPoint[] => {
  const pressure = new Pressure(4)
  return Array.from({ length: n }, (_, i) => pressure.next({ x: i * step, y: Math.sin(i / 5) * 20 }))
}

describe('ink', () => {
  test('of one point is a dot around it', () => {
    const dot = outline([[10, 20, 0.5]], 8)
    const far = dot.map(([x, y]) => Math.hypot(x - 10, y - 20))
    expect(Math.min(...far)).toBeGreaterThan(2)
    expect(Math.max(...far)).toBeLessThanOrEqual(8 * REACH + 0.01)
  })

  test('stays within its reach of the points', () => {
    const point = fc.tuple(fc.integer({ min: -500, max: 500 }), fc.integer({ min: -500, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }))
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 60 }), fc.constantFrom(1, 4, 16), (points, width) => {
        const xs = points.map(([x]) => x)
        const reach = width * REACH + 0.5
        for (const [x] of outline(points, width)) {
          expect(x).toBeGreaterThanOrEqual(Math.min(...xs) - reach)
          expect(x).toBeLessThanOrEqual(Math.max(...xs) + reach)
        }
      }),
    )
  })

  test('begins where the pointer went down and ends where it went up', () => {
    const points = path(40, 6)
    for (const [x, y] of [points[0]!, points.at(-1)!]) {
      const nearest = Math.min(...outline(points, 4).map(([ox, oy]) => Math.hypot(ox - x, oy - y)))
      expect(nearest).toBeLessThanOrEqual(4 * REACH)
    }
  })

  test('of a hand without a pen is thinner the faster it moves', () => {
    const slow = path(30, 1).at(-1)![2]
    const fast = path(30, 30).at(-1)![2]
    expect(fast).toBeLessThan(slow)
  })

  test('has the pressure of a pen that knows it', () => {
    expect(new Pressure(4).next({ x: 0, y: 0, pressure: 0.9 })).toEqual([0, 0, 0.9])
  })
})

describe('runs', () => {
  test.each([1, 2, RUN_POINTS - 1, RUN_POINTS, RUN_POINTS + 1, 3 * RUN_POINTS])('of %d points join at their ends and leave nothing out', (n) => {
    const points = Array.from({ length: n }, (_, i) => i)
    const cut = runs(points)
    expect(cut.every((run) => run.length <= RUN_POINTS)).toBe(true)
    cut.slice(1).forEach((run, i) => expect(run[0]).toBe(cut[i]!.at(-1)))
    expect(cut.flatMap((run, i) => (i === 0 ? run : run.slice(1)))).toEqual(points)
  })
})
