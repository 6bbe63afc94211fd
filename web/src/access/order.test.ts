import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Patch } from '../board/types'
import { shapeOf, type Shape } from '../shapes'
import { neighbour, readingOrder, type Direction } from './order'

function rect(id: string, x: number, y: number, more: Patch = {}): Shape {
  return shapeOf(id, { kind: 'rect', at: [x, y], size: [20, 20], z: 'a1', ...more })!
}

const ids = (shapes: readonly Shape[]) => shapes.map(({ id }) => id).join(' ')

describe('the reading order', () => {
  test('goes row by row, a little unevenness aside', () => {
    const shapes = [rect('d', 40, 60), rect('b', 40, -4), rect('c', 0, 64), rect('a', 0, 0)]
    expect(ids(readingOrder(shapes))).toBe('a b c d')
  })

  test('begins with frames, each with what is in it', () => {
    const frame = { ...rect('f', 100, 100), props: { kind: 'frame' } }
    const shapes = [rect('a', 0, 0), rect('in', 110, 110, { frame: 'f' }), frame, rect('lost', 5, 50, { frame: 'gone' })]
    expect(ids(readingOrder(shapes))).toBe('f in a lost')
  })

  test('holds every shape once', () => {
    const shapes = fc.array(fc.tuple(fc.integer({ min: -200, max: 200 }), fc.integer({ min: -200, max: 200 })))
    fc.assert(
      fc.property(shapes, (places) => {
        const all = places.map(([x, y], i) => rect(`s${i}`, x, y))
        expect(readingOrder(all).map(({ id }) => id).sort()).toEqual(all.map(({ id }) => id).sort())
      }),
    )
  })
})

describe('the neighbour', () => {
  const shapes = [rect('mid', 100, 100), rect('right', 200, 110), rect('far', 400, 100), rect('up', 110, 0), rect('corner', 180, 20)]
  test.each<[Direction, string | undefined]>([
    ['right', 'right'],
    ['up', 'up'],
    ['left', undefined],
    ['down', undefined],
  ])('%s of the middle is %s', (direction, id) => {
    expect(neighbour(shapes, shapes[0]!, direction)?.id).toBe(id)
  })

  test('lies in its direction', () => {
    const place = fc.integer({ min: -300, max: 300 })
    fc.assert(
      fc.property(fc.array(fc.tuple(place, place), { minLength: 2 }), (places) => {
        const all = places.map(([x, y], i) => rect(`s${i}`, x, y))
        const next = neighbour(all, all[0]!, 'right')
        if (next) expect(next.box.minX).toBeGreaterThan(all[0]!.box.minX)
      }),
    )
  })
})
