import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { overlaps } from '../geometry/box'
import { visible } from '../geometry/camera'
import { Loop, type Frames, type Layer } from './loop'
import { COLORS, cssColor } from './palette'
import { Playout } from './playout'
import { boxOfTile, bucketFor, childrenOf, parentOf, scaleOf, tilesOf } from './tilegrid'
import { PALETTE } from '../board/validate'

/** Frames that come when the test says so. */
class Clock implements Frames {
  readonly waiting = new Map<number, (time: number) => void>()
  private last = 0

  request(fn: (time: number) => void): number {
    this.waiting.set(++this.last, fn)
    return this.last
  }

  cancel(id: number): void {
    this.waiting.delete(id)
  }

  tick(): void {
    const due = [...this.waiting.values()]
    this.waiting.clear()
    for (const fn of due) fn(0)
  }
}

describe('the loop', () => {
  test('asks for one frame, however much is marked, and rests when nothing is', () => {
    const clock = new Clock()
    const drawn: Layer[][] = []
    const loop = new Loop((dirty) => (drawn.push([...dirty]), []), clock)
    expect(clock.waiting.size).toBe(0)
    loop.mark('tiles')
    loop.mark('ink', 'tiles')
    expect(clock.waiting.size).toBe(1)
    clock.tick()
    expect(drawn).toEqual([['tiles', 'ink']])
    expect(clock.waiting.size).toBe(0)
  })

  test('goes on with what is not finished', () => {
    const clock = new Clock()
    let left = 2
    const loop = new Loop(() => (left-- > 0 ? ['tiles'] : []), clock)
    loop.mark('tiles')
    for (let i = 0; i < 3; i++) clock.tick()
    expect(left).toBe(-1)
    expect(clock.waiting.size).toBe(0)
  })

  test('draws nothing after it was stopped', () => {
    const clock = new Clock()
    let count = 0
    const loop = new Loop(() => (count++, []), clock)
    loop.mark('tiles')
    loop.stop()
    loop.mark('ink')
    clock.tick()
    expect(count).toBe(0)
  })
})

describe('the play-out of a live stroke', () => {
  test('spreads a batch over the interval at which batches come', () => {
    const playout = new Playout()
    playout.arrive(10, 0)
    playout.release(33)
    playout.arrive(20, 33)
    const steps = [11, 11, 11].map((ms) => playout.release(ms))
    expect(steps).toEqual([13, 16, 20])
    expect(playout.isBehind).toBe(false)
  })

  test('never shows what has not come, never goes back, and shows everything in the end', () => {
    const batch = fc.record({ points: fc.integer({ min: 0, max: 40 }), gap: fc.integer({ min: 1, max: 300 }) })
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1 }), (batches) => {
        const playout = new Playout()
        let [total, now, shown] = [0, 0, 0]
        for (const { points, gap } of batches) {
          total += points
          playout.arrive(total, now)
          for (let ms = 0; ms < gap; ms += 16) {
            const next = playout.release(16)
            expect(next).toBeGreaterThanOrEqual(shown)
            expect(next).toBeLessThanOrEqual(total)
            shown = next
          }
          now += gap
        }
        expect(playout.release(120)).toBe(total)
      }),
    )
  })
})

describe('tiles', () => {
  const view = { width: 1280, height: 800 }
  const camera = fc.record({
    x: fc.double({ min: -1e4, max: 1e4, noNaN: true }),
    y: fc.double({ min: -1e4, max: 1e4, noNaN: true }),
    zoom: fc.double({ min: 0.02, max: 64, noNaN: true }),
  })

  test('cover the view with at least its sharpness, and not too many of them', () => {
    fc.assert(
      fc.property(camera, fc.constantFrom(1, 2), (camera, dpr) => {
        const bucket = bucketFor(camera, view, dpr)
        const tiles = tilesOf(camera, view, bucket)
        const shown = visible(camera, view)
        expect(tiles.length).toBeLessThanOrEqual(64)
        expect(tiles.every((tile) => overlaps(boxOfTile(tile), shown))).toBe(true)
        const area = tiles.reduce((sum, tile) => sum + (boxOfTile(tile).maxX - boxOfTile(tile).minX) ** 2, 0)
        expect(area).toBeGreaterThanOrEqual((shown.maxX - shown.minX) * (shown.maxY - shown.minY))
        if (dpr === 1) expect(scaleOf(bucket) * 1.01).toBeGreaterThanOrEqual(camera.zoom)
      }),
    )
  })

  test('come nearest to the centre first', () => {
    const [first] = tilesOf({ x: 0, y: 0, zoom: 1 }, view, 0)
    expect(first).toEqual({ bucket: 0, tx: 1, ty: 0 })
  })

  test('are where their parents and children are', () => {
    const address = { bucket: 2, tx: -3, ty: 5 }
    for (const child of childrenOf(address)) {
      expect(parentOf(child, 1)).toEqual(address)
      expect(overlaps(boxOfTile(child), boxOfTile(address))).toBe(true)
    }
  })
})

describe('the palette', () => {
  test('has every colour that a board knows', () => {
    expect(Object.keys(COLORS).sort()).toEqual([...PALETTE].sort())
  })

  test.each([
    ['#102030', 'light', '#102030'],
    ['no colour', 'light', COLORS['black']![0]],
  ] as const)('shows %s on a %s page as %s', (color, theme, want) => {
    expect(cssColor(color, theme)).toBe(want)
  })
})
