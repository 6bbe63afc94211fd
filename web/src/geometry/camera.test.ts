import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contains } from './box'
import { fit, MAX_ZOOM, MIN_ZOOM, pan, revealing, stepZoom, toScreen, toWorld, visible, zoomAbout, type Camera } from './camera'
import { screen, world } from './point'

const coordinate = fc.double({ min: -1e5, max: 1e5, noNaN: true })
const camera = fc.record({
  x: coordinate,
  y: coordinate,
  zoom: fc.double({ min: MIN_ZOOM, max: MAX_ZOOM, noNaN: true }),
}) as fc.Arbitrary<Camera>
const pixel = fc.tuple(fc.double({ min: 0, max: 4000, noNaN: true }), fc.double({ min: 0, max: 4000, noNaN: true }))
const view = { width: 1280, height: 800 }

describe('a camera', () => {
  test('takes a point to the screen and back', () => {
    fc.assert(
      fc.property(camera, pixel, (camera, [x, y]) => {
        const back = toScreen(camera, toWorld(camera, screen(x, y)))
        expect(back.x).toBeCloseTo(x, 4)
        expect(back.y).toBeCloseTo(y, 4)
      }),
    )
  })

  test('keeps the world point under the pointer when it zooms', () => {
    fc.assert(
      fc.property(camera, pixel, fc.double({ min: 0.001, max: 1000, noNaN: true }), (camera, [x, y], zoom) => {
        const about = screen(x, y)
        const before = toWorld(camera, about)
        const after = toWorld(zoomAbout(camera, about, zoom), about)
        expect(after.x).toBeCloseTo(before.x, 4)
        expect(after.y).toBeCloseTo(before.y, 4)
      }),
    )
  })

  test('moves the plane by as many pixels as it was dragged', () => {
    fc.assert(
      fc.property(camera, pixel, (camera, [dx, dy]) => {
        const before = toScreen(camera, world(0, 0))
        const after = toScreen(pan(camera, dx, dy), world(0, 0))
        expect(after.x - before.x).toBeCloseTo(dx, 3)
        expect(after.y - before.y).toBeCloseTo(dy, 3)
      }),
    )
  })

  test.each([
    [1e-9, MIN_ZOOM],
    [1e9, MAX_ZOOM],
  ])('zooms to %d no further than its limits', (zoom, want) => {
    expect(zoomAbout({ x: 0, y: 0, zoom: 1 }, screen(9, 9), zoom).zoom).toBe(want)
  })

  test('fits any box into the view, and never magnifies', () => {
    const side = fc.double({ min: 0, max: 20_000, noNaN: true })
    fc.assert(
      fc.property(coordinate, coordinate, side, side, (x, y, w, h) => {
        const box = { minX: x, minY: y, maxX: x + w, maxY: y + h }
        const camera = fit(box, view)
        expect(camera.zoom).toBeLessThanOrEqual(1)
        expect(contains(visible(camera, view), box)).toBe(true)
      }),
    )
  })
})

describe('the zoom buttons', () => {
  test.each([
    [1, 1, 1.5],
    [1, -1, 0.75],
    [1.28, 1, 1.5],
    [1.28, -1, 1],
    [MAX_ZOOM, 1, MAX_ZOOM],
    [MIN_ZOOM, -1, MIN_ZOOM],
  ] as const)('from %d in direction %d go to %d', (zoom, direction, want) => {
    expect(stepZoom(zoom, direction)).toBe(want)
  })
})

describe('revealing', () => {
  const view = { width: 1000, height: 600 }
  const camera = { x: 0, y: 0, zoom: 1 }

  test('leaves the camera where the box is in view', () => {
    expect(revealing(camera, view, { minX: 200, minY: 200, maxX: 300, maxY: 300 })).toEqual(camera)
  })

  test('moves no further than needed', () => {
    expect(revealing(camera, view, { minX: 1000, minY: 200, maxX: 1100, maxY: 300 })).toEqual({ x: 196, y: 0, zoom: 1 })
    expect(revealing(camera, view, { minX: -50, minY: 200, maxX: 0, maxY: 300 })).toEqual({ x: -146, y: 0, zoom: 1 })
  })

  test('shows the middle of what is too large', () => {
    expect(revealing(camera, view, { minX: 1000, minY: 0, maxX: 5000, maxY: 100 })).toMatchObject({ x: 2500 })
  })
})
