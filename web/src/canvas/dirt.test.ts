import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contains, overlaps, type Box } from '../geometry/box'
import { Dirt } from './dirt'
import { Pace } from './pace'

const side = fc.integer({ min: 0, max: 1000 })
const box = fc.tuple(side, side, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 })).map(([x, y, w, h]): Box => ({ minX: x, minY: y, maxX: x + w, maxY: y + h }))

test('dirt holds all that was added, in few places apart', () => {
  fc.assert(
    fc.property(fc.array(box), (boxes) => {
      const dirt = new Dirt()
      for (const one of boxes) dirt.add(one)
      expect(boxes.every((one) => dirt.reaches(one))).toBe(true)
      const places = dirt.take()
      expect(places.length).toBeLessThanOrEqual(12)
      expect(boxes.every((one) => places.some((place) => contains(place, one)))).toBe(true)
      expect(places.some((a, i) => places.slice(i + 1).some((b) => overlaps(a, b)))).toBe(false)
      expect(dirt.isEmpty).toBe(true)
    }),
  )
})

test('what lies between two places is clean', () => {
  const dirt = new Dirt()
  dirt.add({ minX: 0, minY: 0, maxX: 10, maxY: 10 })
  dirt.add({ minX: 90, minY: 90, maxX: 100, maxY: 100 })
  expect(dirt.reaches({ minX: 40, minY: 40, maxX: 60, maxY: 60 })).toBe(false)
})

test('the pace allows a burst, then a small share of the time', () => {
  const pace = new Pace()
  let [now, worked] = [1000, 0]
  const work = () => {
    now += 5
    worked += 5
    pace.spend(5, now)
  }
  while (pace.wait(now) === 0) work()
  const burst = worked
  expect(burst).toBeGreaterThan(30)
  const start = now
  while (now - start < 10_000) {
    now += pace.wait(now)
    work()
  }
  expect((worked - burst) / (now - start)).toBeLessThan(0.1)
  now += 5000
  expect(pace.wait(now)).toBe(0)
})
