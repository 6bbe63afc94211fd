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

test('can be put down after a thousand or so', () => {
  const steps = sortSteps(Array.from({ length: 10_000 }, (_, i) => -i), (a, b) => a - b)
  let count = 0
  while (!steps.next().done) count++
  expect(count).toBeGreaterThan(10)
})
