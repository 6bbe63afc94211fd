import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sortSteps, whole } from './steps'

test('sorts as sort does, equals in their order', () => {
  const items = fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.nat()), { maxLength: 5000, size: 'max' })
  fc.assert(
    fc.property(items, (all) => {
      const compare = (a: [number, number], b: [number, number]) => a[0] - b[0]
      expect(whole(sortSteps(all, compare))).toEqual(all.toSorted(compare))
    }),
    { numRuns: 30 },
  )
})

test.each([1000, 1001, 10_000, 50_000, 100_000])('no step of sorting %i things is long', (size) => {
  let compared = 0
  const steps = sortSteps(
    Array.from({ length: size }, (_, i) => (i * 7919) % size),
    (a, b) => (compared++, a - b),
  )
  let most = 0
  for (let isDone = false; !isDone; ) {
    compared = 0
    isDone = steps.next().done === true
    most = Math.max(most, compared)
  }
  // A thousand things are sorted by ten thousand comparisons.
  expect(most).toBeLessThan(12_000)
})
