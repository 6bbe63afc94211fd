import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { betweenSegments, toSegment, type Segment } from './distance'
import { world } from './point'

const from = (ax: number, ay: number, bx: number, by: number): Segment => ({ a: world(ax, ay), b: world(bx, by) })

describe('the distance', () => {
  test.each([
    ['beside it', 5, 3, 3],
    ['beyond its end', 13, 4, 5],
    ['on it', 7, 0, 0],
  ])('of a point %s to a segment', (_, x, y, want) => {
    expect(toSegment(world(x, y), from(0, 0, 10, 0))).toBeCloseTo(want)
  })

  test.each([
    ['that cross', from(0, 0, 10, 10), from(0, 10, 10, 0), 0],
    ['that are parallel', from(0, 0, 10, 0), from(0, 4, 10, 4), 4],
    ['of which one is a point', from(3, 3, 3, 3), from(0, 0, 6, 0), 3],
    ['that touch at an end', from(0, 0, 5, 5), from(5, 5, 9, 0), 0],
  ])('of segments %s', (_, s, t, want) => {
    expect(betweenSegments(s, t)).toBeCloseTo(want)
  })

  test('of segments is the same both ways, and no more than that of their ends', () => {
    const n = fc.integer({ min: -50, max: 50 })
    fc.assert(
      fc.property(fc.tuple(n, n, n, n), fc.tuple(n, n, n, n), (p, q) => {
        const [s, t] = [from(...p), from(...q)]
        const d = betweenSegments(s, t)
        expect(d).toBeCloseTo(betweenSegments(t, s))
        expect(d).toBeLessThanOrEqual(Math.hypot(t.a.x - s.a.x, t.a.y - s.a.y) + 1e-9)
      }),
    )
  })
})
