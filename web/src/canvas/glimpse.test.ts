import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { world } from '../geometry/point'
import { shapeOf, type Shape } from '../shapes'
import { seeds } from '../testing/random'
import { Glimpse } from './glimpse'
import type { BrushKit } from './surface'

/** What each shape takes to be painted, in ms of a clock that nothing else moves. */
let cost = 0
let time = 0
const now = () => time

/** A canvas that writes down what is done to it; of shapes that are specks, where they are. */
class FakeCanvas {
  width = 0
  height = 0
  readonly done: string[] = []
  readonly painted: number[] = []
  private readonly pen = new Proxy({} as Record<string, unknown>, {
    get: (_, name) => (...args: number[]) => {
      if (name !== 'fillRect') return void this.done.push([String(name), ...args].join(' '))
      time += cost
      this.painted.push(args[0]!)
    },
    set: () => true,
  })
  getContext = () => this.pen
}

beforeAll(() => void vi.stubGlobal('document', { createElement: () => new FakeCanvas() }))
afterAll(() => void vi.unstubAllGlobals())

const kit: BrushKit = { brush: (pen, scale) => ({ pen, scale, css: (color) => color }) }
/** So far away that every shape is a speck. */
const far = { camera: { ...world(-100, -50), zoom: 0.01 }, size: { width: 640, height: 400 }, dpr: 1.5 }

function begin(view = far, each = 0) {
  cost = each
  time = 0
  const glimpse = new Glimpse(view, kit)
  return { glimpse, canvas: glimpse.canvas as unknown as FakeCanvas }
}

function shapes(count: number, from = 0): Shape[] {
  return Array.from({ length: count }, (_, i) => shapeOf(`s${from + i}`, { kind: 'rect', at: [from + i, 0], size: [2, 2], width: 0.5, color: 'red', z: 'a0' })!)
}

const places = (some: readonly Shape[]) => some.map(({ box }) => box.minX)

test('a glimpse has the pixels of the view, and world units', () => {
  const { glimpse, canvas } = begin()
  expect([canvas.width, canvas.height]).toEqual([960, 600])
  expect(glimpse.projection).toEqual({ x: -100, y: -50, scale: 0.015 })
  glimpse.add(shapes(1), now)
  expect(canvas.done).toEqual(['save', 'setTransform 0.015 0 0 0.015 1.5 0.75', 'restore'])
  expect(begin({ ...far, size: { width: 0, height: 0 } }).canvas).toMatchObject({ width: 1, height: 1 })
})

test('what comes first is painted first, what comes later above it', () => {
  const { glimpse, canvas } = begin()
  const [below, above] = [shapes(100), shapes(50, 1000)]
  glimpse.add(below, now)
  glimpse.add(above, now)
  expect(canvas.painted).toEqual(places([...below, ...above]))
})

test('the first shapes have more time than others, and all have an end', () => {
  const { glimpse, canvas } = begin(far, 0.125)
  glimpse.add(shapes(1000), now)
  // Looked at every 16 shapes: 2 ms.
  expect(canvas.painted.length).toBe(80)
  glimpse.add(shapes(1000), now)
  expect(canvas.painted.length).toBe(96)
  for (let i = 0; i < 100; i++) glimpse.add(shapes(1000), now)
  expect(canvas.painted.length).toBe(240)
})

test('of what comes its beginning is painted, within the time there is', () => {
  const batches = fc.array(fc.nat({ max: 200 }), { maxLength: 60 })
  fc.assert(
    fc.property(batches, fc.constantFrom(0, 0.01, 0.1, 1, 40), (sizes, each) => {
      const { glimpse, canvas } = begin(far, each)
      for (const size of sizes) {
        const some = shapes(size)
        const before = canvas.painted.length
        glimpse.add(some, now)
        const painted = canvas.painted.slice(before)
        expect(painted).toEqual(places(some.slice(0, painted.length)))
      }
      expect(time).toBeLessThanOrEqual(30 + 16 * each)
      if (each === 0) expect(canvas.painted.length).toBe(sizes.reduce((a, b) => a + b, 0))
    }),
    { seed: seeds(1)[0]! },
  )
})
