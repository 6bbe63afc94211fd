import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commonPart } from './convex'
import { cornersIn, isInside, type OrientedBox } from './oriented'
import { world } from './point'

const place = fc.integer({ min: -100, max: 100 })
const side = fc.integer({ min: 1, max: 120 })
const box = fc
  .record({ x: place, y: place, w: side, h: side, rotation: fc.constantFrom(0, 0, 0.3, -1.2, 2.5, Math.PI / 2) })
  .map(({ x, y, w, h, rotation }): OrientedBox => ({ box: { minX: x, minY: y, maxX: x + w, maxY: y + h }, rotation }))

/** Whether a point is well inside, well outside (clockwise corners), or too near to an edge to say. */
function where(corners: readonly { x: number; y: number }[], x: number, y: number): 'in' | 'out' | 'edge' {
  const sides = corners.map((a, i) => {
    const b = corners[(i + 1) % corners.length]!
    return ((b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x)) / (Math.hypot(b.x - a.x, b.y - a.y) || 1)
  })
  const least = Math.min(...sides)
  return least > 1e-6 ? 'in' : least < -1e-6 ? 'out' : 'edge'
}

test('what two turned boxes have in common is what is in both', () => {
  fc.assert(
    fc.property(box, box, fc.array(fc.tuple(place, place), { minLength: 20, maxLength: 20 }), (a, b, points) => {
      const part = commonPart(cornersIn(a), cornersIn(b))
      for (const [x, y] of points) {
        const both = isInside(a, world(x, y), -1e-3) && isInside(b, world(x, y), -1e-3)
        const either = isInside(a, world(x, y), 1e-3) && isInside(b, world(x, y), 1e-3)
        if (both) expect(where(part, x, y)).not.toBe('out')
        if (!either) expect(where(part, x, y)).not.toBe('in')
      }
    }),
  )
})

test('of two that are apart is without an inside', () => {
  const at = (x: number): OrientedBox => ({ box: { minX: x, minY: 0, maxX: x + 10, maxY: 10 }, rotation: 0 })
  expect(commonPart(cornersIn(at(0)), cornersIn(at(50)))).toEqual([world(0, 0), world(0, 0), world(0, 0)])
})
