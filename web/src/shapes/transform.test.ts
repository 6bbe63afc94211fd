import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Patch } from '../board/types'
import { isDrawable, KINDS } from './kinds'
import { world } from '../geometry/point'
import { arbitraryShape, runsOf } from '../testing/shapes'
import { extentOf, moved, orientedOf, scaledText, stretched, stretchedWithin, stretchOf, turned } from './transform'

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const point = fc.tuple(number(-500, 500), number(-500, 500)).map(([x, y]) => world(x, y))

/** Places are kept to a hundredth of a unit, scales to a ten-thousandth. */
function expectSame(a: Patch, b: Patch, slack = 0.3): void {
  const [from, to] = [extentOf([a])!, extentOf([b])!]
  for (const side of ['minX', 'minY', 'maxX', 'maxY'] as const) expect(Math.abs(to[side] - from[side])).toBeLessThan(slack)
}

const after = (props: Patch, patch: Patch): Patch => ({ ...props, ...patch })

function withoutPoints(props: Patch): Patch {
  return Object.fromEntries(Object.entries(props).filter(([prop]) => !/^p\d/.test(prop)))
}

describe.each(KINDS)('a shape of the kind %s', (kind) => {
  const any = arbitraryShape(kind)

  test('comes back when it is moved there and back', () => {
    fc.assert(
      fc.property(any, number(-500, 500), number(-500, 500), (props, dx, dy) => {
        const there = after(props, moved(props, dx, dy))
        expectSame(after(there, moved(there, -dx, -dy)), props, 0.06)
        const [a, b] = [extentOf([props])!, extentOf([there])!]
        expect(Math.abs(b.minX - a.minX - dx)).toBeLessThan(0.06)
        expect(Math.abs(b.maxY - a.maxY - dy)).toBeLessThan(0.06)
      }),
      { numRuns: runsOf(kind, 25) },
    )
  })

  test('comes back when it is turned there and back, and after a whole turn', () => {
    fc.assert(
      fc.property(any, point, number(-3, 3), (props, about, angle) => {
        const there = after(props, turned(props, about, angle))
        expect(isDrawable(withoutPoints(there))).toBe(true)
        const back = after(there, turned(there, about, -angle))
        expectSame(back, props)
        expectSame(after(props, turned(props, about, 2 * Math.PI)), props)
      }),
      { numRuns: runsOf(kind, 25) },
    )
  })

  test('comes back when it is mirrored twice', () => {
    fc.assert(
      fc.property(any, fc.constantFrom([-1, 1], [1, -1], [-1, -1]), (props, [sx, sy]) => {
        const by = { sx: sx!, sy: sy!, dx: 40, dy: -30 }
        const there = after(props, stretched(props, by))
        expect(isDrawable(withoutPoints(there))).toBe(true)
        const back = after(there, stretched(there, { ...by, dx: -40 * sx!, dy: 30 * sy! }))
        expectSame(back, props)
      }),
      { numRuns: runsOf(kind, 25) },
    )
  })
})

// The box of text follows its letters.
describe.each(KINDS.filter((kind) => kind !== 'text' && kind !== 'note'))('a stretched shape of the kind %s', (kind) => {
  const any = arbitraryShape(kind)

  test('comes back when it is stretched there and back', () => {
    fc.assert(
      fc.property(any, number(0.5, 2), (props, f) => {
        const there = after(props, stretched(props, { sx: f, sy: f, dx: 10, dy: 20 }))
        expectSame(after(there, stretched(there, { sx: 1 / f, sy: 1 / f, dx: -10 / f, dy: -20 / f })), props, 1)
      }),
      { numRuns: runsOf(kind, 25) },
    )
  })

  test('has the box that it was stretched to, in its own axes', () => {
    fc.assert(
      fc.property(any, number(0.5, 2), number(0.5, 2), (props, u, v) => {
        const { box } = orientedOf(props)!
        const [w, h] = [box.maxX - box.minX, box.maxY - box.minY]
        const to = { minX: box.minX, minY: box.minY, maxX: box.minX + u * w, maxY: box.minY + v * h }
        const next = orientedOf(after(props, stretchedWithin(props, box, to, [1, 1])))!.box
        expect(Math.abs(next.maxX - next.minX - u * w)).toBeLessThan(0.3)
        expect(Math.abs(next.maxY - next.minY - v * h)).toBeLessThan(0.3)
      }),
      { numRuns: runsOf(kind, 25) },
    )
  })
})

test('shapes in a box take the place of the box that it was stretched to', () => {
  const [from, to] = [{ minX: 0, minY: 0, maxX: 100, maxY: 100 }, { minX: 50, minY: 0, maxX: 250, maxY: 50 }]
  const rect: Patch = { kind: 'rect', at: [25, 50], size: [50, 50] }
  expect(stretched(rect, stretchOf(from, to))).toEqual({ at: [100, 25], size: [100, 25] })
})

test('text grows by its letters, about a point that stays', () => {
  const text: Patch = { kind: 'text', at: [10, 10], size: [0, 0], text: 'Hello', fontsize: 20 }
  const next = after(text, scaledText(text, 2, world(10, 10)))
  expect(next['fontsize']).toBe(40)
  const [a, b] = [orientedOf(text)!.box, orientedOf(next)!.box]
  expect([b.minX, b.minY]).toEqual([10, 10])
  expect(b.maxX - b.minX).toBeCloseTo(2 * (a.maxX - a.minX), 3)
})
