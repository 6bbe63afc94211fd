import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Patch, RecordId } from '../board/types'
import { world } from '../geometry/point'
import { shapeOf } from '../shapes'
import { placeOf, spotAt } from './place'

const RECT: Patch = { kind: 'rect', at: [100, 100], size: [200, 100] }
const within = (records: { readonly [id: RecordId]: Patch }) => (id: RecordId) => records[id]

function on(props: Patch, x: number, y: number) {
  return spotAt(world(x, y), shapeOf('r', props))
}

describe('a thread', () => {
  test('on the plane stays there', () => {
    expect(placeOf({ at: world(3, 4), on: undefined }, within({}))).toEqual({ x: 3, y: 4 })
  })

  test('on a shape goes where the shape goes, as it is sized and turned', () => {
    const spot = on(RECT, 150, 125)
    expect(spot.on).toEqual({ to: 'r', at: { x: 0.25, y: 0.25 }, inside: true })
    expect(placeOf(spot, within({ r: { ...RECT, at: [0, 0] } }))).toEqual({ x: 50, y: 25 })
    expect(placeOf(spot, within({ r: { ...RECT, size: [400, 400] } }))).toEqual({ x: 200, y: 200 })
    const turned = placeOf(spot, within({ r: { ...RECT, rotation: Math.PI } }))
    expect([turned.x, turned.y]).toEqual([expect.closeTo(250), expect.closeTo(175)])
  })

  test('on a shape that is deleted stays at its last place', () => {
    expect(placeOf(on(RECT, 150, 125), within({ r: { ...RECT, at: [0, 0], deleted: true } }))).toEqual({ x: 50, y: 25 })
  })

  test('on a shape that is not there is where it was made', () => {
    expect(placeOf(on(RECT, 150, 125), within({}))).toEqual({ x: 150, y: 125 })
  })

  test('on a line goes with it, even where the line has no height', () => {
    const line: Patch = { kind: 'line', at: [0, 50], size: [100, 0] }
    expect(placeOf(on(line, 25, 52), within({ r: { ...line, at: [10, 60] } }))).toEqual({ x: 35, y: 60 })
  })

  test('on a shape as it is made is where it was made', () => {
    const at = fc.tuple(fc.integer({ min: -500, max: 500 }), fc.integer({ min: -500, max: 500 }))
    const size = fc.tuple(fc.integer({ min: 100, max: 900 }), fc.integer({ min: 100, max: 900 }))
    fc.assert(
      fc.property(at, size, fc.double({ min: -7, max: 7, noNaN: true }), at, ([x, y], size, rotation, [px, py]) => {
        const props: Patch = { kind: 'ellipse', at: [x, y], size, rotation }
        const place = placeOf({ ...on(props, px, py), at: world(NaN, NaN) }, within({ r: props }))
        const near = Math.abs(px - x) < 900 && Math.abs(py - y) < 900
        if (near && size[0] >= 200 && size[1] >= 200) expect(Math.hypot(place.x - px, place.y - py)).toBeLessThan(0.2)
      }),
    )
  })
})
