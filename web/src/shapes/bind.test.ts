import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json, Patch, RecordId } from '../board/types'
import { toSegment } from '../geometry/distance'
import { centreOf, turn } from '../geometry/oriented'
import { world } from '../geometry/point'
import { arbitraryShape } from '../testing/shapes'
import { resolve, shapeOf, touches } from '.'
import { cornersOfBox } from './boxed'
import { isWithin } from './outlined'
import { pathPoints, routePoints } from './route'

const box = (at: [number, number], more: Patch = {}): Patch => ({ kind: 'rect', at, size: [100, 60], width: 2, ...more })
const to = (id: RecordId, at: [number, number] = [0.5, 0.5], inside = false): Json => ({ to: id, at, inside })
const arrow = (more: Patch): Patch => ({ kind: 'arrow', at: [-500, -500], size: [1, 1], width: 2, ...more })
const on = (records: { readonly [id: RecordId]: Patch }) => (id: RecordId) => records[id]

function ends(props: Patch): [number, number, number, number] {
  const points = pathPoints(props)
  const [a, b] = [points[0]!, points.at(-1)!]
  return [a.x, a.y, b.x, b.y].map((n) => Math.round(n * 100) / 100) as [number, number, number, number]
}

describe('a bound end', () => {
  const records = { a: box([0, 0]), b: box([300, 0]), over: box([60, 20]), near: box([104, 0]), round: { ...box([300, 0]), kind: 'ellipse' }, turned: box([300, 0], { rotation: Math.PI / 2 }) }

  test.each([
    ['stops a little before the outline', { startbind: to('a'), endbind: to('b') }, [106, 30, 294, 30]],
    ['is at the place when it is inside', { startbind: to('a', [0.25, 0.5], true), endbind: to('b') }, [25, 30, 294, 30]],
    ['stops at the side of a shape that is turned', { startbind: to('a'), endbind: to('turned') }, [106, 30, 314, 30]],
    ['is at the place where outlines would make the arrow point backwards', { startbind: to('a'), endbind: to('over') }, [50, 30, 110, 50]],
    ['is at the place where there is no room between outlines', { startbind: to('a'), endbind: to('near') }, [50, 30, 154, 30]],
    ['aims from the bend beside it', { startbind: to('a'), bends: [[350, 330]], endbind: to('b') }, undefined],
    ['stays where it was when the shape is not there', { startbind: to('nowhere'), endbind: null }, [-500, -500, -499, -499]],
  ])('%s', (_, more, want) => {
    const props = resolve('s', arrow(more as Patch), on(records))
    if (want) want.forEach((n, i) => expect(ends(props)[i]).toBeCloseTo(n, 1))
    // The bend is at -150, -170 on the plane: above the one, and to the left of the other.
    else expect([ends(props)[1] < 0, ends(props)[2] < 300]).toEqual([true, true])
  })

  test('stays where it was when the shape is deleted', () => {
    const props = arrow({ startbind: to('a') })
    expect(resolve('s', props, on({ a: box([0, 0], { deleted: true }) }))).toBe(props)
  })

  test('follows the shape', () => {
    const props = arrow({ startbind: to('a'), endbind: to('b') })
    const moved = resolve('s', props, on({ ...records, b: box([300, 500]) }))
    expect(ends(moved)[3]).toBeGreaterThan(400)
  })

  test('makes a rotated arrow an unrotated one whose other end stays', () => {
    const props = arrow({ at: [400, 400], size: [100, 0], rotation: Math.PI / 2, startbind: to('a') })
    const resolved = resolve('s', props, on(records))
    expect(resolved['rotation']).toBe(0)
    expect(ends(resolved).slice(2)).toEqual([450, 450])
  })

  test('is on a line that it is bound to, wherever that one is bound', () => {
    const line = arrow({ kind: 'line', startbind: to('a', [0.5, 0.5], true), endbind: to('b', [0.5, 0.5], true) })
    const props = resolve('s', arrow({ endbind: to('line') }), on({ ...records, line }))
    expect(ends(props).slice(2)).toEqual([200, 30])
  })
})

test('a long chain of arrows bound at both ends is resolved at once', () => {
  const chain = Object.fromEntries(
    Array.from({ length: 60 }, (_, i) => [`l${i}`, arrow({ startbind: to(`l${i + 1}`), endbind: to(`l${i + 1}`) })]),
  )
  expect(shapeOf('l0', chain['l0'], on(chain))).toBeDefined()
})

describe('arrows bound in a circle', () => {
  const around = { x: arrow({ endbind: to('y') }), y: arrow({ at: [50, 50], endbind: to('z') }), z: arrow({ at: [90, 0], startbind: to('x') }) }

  test('are resolved, the same each time', () => {
    for (const [id, props] of Object.entries(around)) {
      const once = resolve(id, props, on(around))
      expect(resolve(id, props, on(around))).toEqual(once)
      expect(pathPoints(once).every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true)
    }
  })

  test('depend on each other', () => {
    expect(new Set(shapeOf('x', around.x, on(around))!.uses)).toEqual(new Set(['y', 'z', 'x']))
  })

  test('even one bound to itself', () => {
    const self = arrow({ endbind: to('s') })
    expect(resolve('s', self, on({ s: self }))).toBe(self)
  })
})

test('what is resolved is resolved: doing it again changes nothing', () => {
  const records = { a: box([0, 0], { rotation: 0.3 }), b: { ...box([300, 200]), kind: 'diamond' }, c: { ...box([-300, 0]), kind: 'ellipse' } }
  fc.assert(
    fc.property(arbitraryShape('arrow'), (props) => {
      const once = resolve('s', props, on(records))
      const twice = resolve('s', once, on(records))
      const [p, q] = [routePoints(once), routePoints(twice)]
      expect(q.length).toBe(p.length)
      p.forEach(({ x, y }, i) => {
        expect(q[i]!.x).toBeCloseTo(x, 5)
        expect(q[i]!.y).toBeCloseTo(y, 5)
      })
    }),
  )
})

test('a bound end is never in the shape it aims at, unless it comes from inside', () => {
  const at = fc.tuple(fc.double({ min: 0.1, max: 0.9, noNaN: true }), fc.double({ min: 0.1, max: 0.9, noNaN: true }))
  const kind = fc.constantFrom('rect', 'ellipse', 'diamond', 'polygon', 'text', 'note', 'image')
  fc.assert(
    fc.property(kind, at, fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: 0, max: 6.28, noNaN: true }), (kind, place, rotation, angle) => {
      const target: Patch = { kind, at: [0, 0], size: [200, 120], rotation, fill: 'red', text: 'some text' }
      const from = [100 + 900 * Math.cos(angle), 60 + 900 * Math.sin(angle)] as const
      const props = resolve('s', arrow({ at: from, size: [1, 1], endbind: to('t', place) }), on({ t: target }))
      const end = pathPoints(props).at(-1)!
      const shape = shapeOf('t', target)!
      const corners = shape.kind.outline?.(target) ?? cornersOfBox(shape.frame)
      expect(isWithin(turn(end, centreOf(shape.frame), -rotation), corners)).toBe(false)
      expect(touches(shape, { a: end, b: end }, 12)).toBe(true)
    }),
  )
})

describe('an elbow route', () => {
  const pair = (b: [number, number]) => ({ a: box([0, 0]), b: box(b) })
  const route = (b: [number, number], more: Patch = {}) =>
    routePoints(resolve('s', arrow({ route: 'elbow', startbind: to('a'), endbind: to('b'), ...more }), on(pair(b))))

  test.each([
    ['level', [300, 0], 2],
    ['below and aside', [300, 200], 4],
    ['straight below', [0, 200], 2],
    ['above', [20, -300], 4],
    ['so near that there is no room between', [110, 30], undefined],
    ['overlapping', [50, 30], undefined],
  ] as [string, [number, number], number | undefined][])('between shapes %s has right angles', (_, b, corners) => {
    const points = route(b)
    if (corners !== undefined) expect(points).toHaveLength(corners)
    for (let i = 1; i < points.length; i++) {
      const [p, q] = [points[i - 1]!, points[i]!]
      expect(Math.min(Math.abs(p.x - q.x), Math.abs(p.y - q.y))).toBeLessThan(0.02)
    }
  })

  test('does not lead through the shapes at its ends', () => {
    const far = fc.integer({ min: -600, max: 600 })
    fc.assert(
      fc.property(far, far, (x, y) => {
        // Far enough apart that there is a way around both.
        if (Math.abs(x) < 180 && Math.abs(y) < 140) return
        const points = route([x, y])
        for (const middle of [world(50, 30), world(x + 50, y + 30)]) {
          for (let i = 1; i < points.length; i++) expect(toSegment(middle, { a: points[i - 1]!, b: points[i]! })).toBeGreaterThan(29)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('goes through the bends that were placed', () => {
    const points = routePoints(resolve('s', arrow({ at: [0, 0], size: [100, 100], route: 'elbow', bends: [[50, 0], [50, 100]] }), on({})))
    expect(points.map(({ x, y }) => [x, y])).toEqual([[0, 0], [50, 0], [50, 100], [100, 100]])
  })

  test('of an arrow that is bound to nothing turns in the middle', () => {
    const points = routePoints(resolve('s', arrow({ at: [0, 0], size: [100, 40], route: 'elbow' }), on({})))
    expect(points.map(({ x, y }) => [x, y])).toEqual([[0, 0], [50, 0], [50, 40], [100, 40]])
  })
})
