import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { screen, world } from '../geometry/point'
import { NO_MODIFIERS as plain, take, type Board, type Effect, type Place, type Tool, type ToolName } from '.'
import { outlineOf } from './shape'

/** A board with nothing on it. */
const board: Board = {
  zoom: 1,
  selection: new Set(),
  style: { color: 'black', width: 4 },
  snap: { objects: false, grid: undefined },
  view: { minX: 0, minY: 0, maxX: 800, maxY: 600 },
  newKey: () => 'a0',
  newId: () => 'new',
  get: () => undefined,
  hit: () => undefined,
  within: () => [],
  unit: (id) => [id],
  children: () => [],
  newKeys: (count) => Array.from({ length: count }, (_, i) => `a${i}`),
}
const place = (x: number, y: number): Place => ({ at: world(x, y), on: screen(x, y) })

/** What a tool wants done while the pointer goes down, moves, and goes up or gives up. */
function drag(tool: Tool, points: [number, number][], end: 'up' | 'cancel' = 'up', mods = plain): Effect[] {
  const [first, ...rest] = points.map(([x, y]) => place(x, y))
  return [
    ...tool.handle({ type: 'down', place: first!, mods }, board),
    ...rest.flatMap((one) => tool.handle({ type: 'move', places: [one], predicted: [], mods }, board)),
    ...tool.handle({ type: end }, board),
  ]
}

const doing = (effects: readonly Effect[]) => effects.map((effect) => effect.do)

describe('every tool', () => {
  const names: ToolName[] = ['hand', 'pen', 'line', 'rect', 'circle', 'ellipse', 'eraser']
  const event = fc.oneof(
    fc.record({ type: fc.constant('down' as const), place: fc.constant(place(1, 2)), mods: fc.constant(plain) }),
    fc.record({ type: fc.constant('move' as const), places: fc.constant([place(30, 40)]), predicted: fc.constant([]), mods: fc.constant(plain) }),
    fc.record({ type: fc.constant('mods' as const), mods: fc.constant({ shift: true, alt: false, mod: false }) }),
    fc.constant({ type: 'up' as const }),
    fc.constant({ type: 'cancel' as const }),
  )

  test.each(names)('%s rests after up and cancel, whatever came before', (name) => {
    fc.assert(
      fc.property(fc.array(event), fc.constantFrom('up' as const, 'cancel' as const), (events, end) => {
        const tool = take(name)
        for (const one of events) tool.handle(one, board)
        tool.handle({ type: end }, board)
        expect(tool.isBusy).toBe(false)
        expect(tool.handle({ type: 'move', places: [place(9, 9)], predicted: [], mods: plain }, board)).toEqual([])
      }),
    )
  })

  test.each(names)('%s ends each gesture once', (name) => {
    const ends = drag(take(name), [[0, 0], [50, 40]]).filter((effect) => /done|give-up|^edit$/.test(effect.do))
    expect(ends).toHaveLength(name === 'hand' ? 0 : 1)
  })
})

describe('the pen', () => {
  test('draws from the very first point', () => {
    const [first] = take('pen').handle({ type: 'down', place: place(3, 4), mods: plain }, board)
    expect(first).toEqual({ do: 'ink', places: [place(3, 4)], predicted: [] })
  })

  test('leaves a dot when it only taps', () => {
    expect(doing(drag(take('pen'), [[3, 4]]))).toEqual(['ink', 'ink-done'])
  })

  test('takes the stroke back when cancelled', () => {
    expect(doing(drag(take('pen'), [[0, 0], [9, 9]], 'cancel'))).toEqual(['ink', 'ink', 'give-up'])
  })
})

describe('the shape tools', () => {
  test.each([
    ['line', [60, 20], plain, { kind: 'line', at: [10, 10], size: [50, 10] }],
    ['line', [60, 14], { shift: true, alt: false }, { kind: 'line', at: [10, 10], size: [50, 0] }],
    ['rect', [0, 30], plain, { kind: 'rect', at: [0, 10], size: [10, 20] }],
    ['rect', [40, 20], { shift: true, alt: false }, { kind: 'rect', at: [10, 10], size: [30, 30] }],
    ['rect', [40, 20], { shift: false, alt: true }, { kind: 'rect', at: [-20, 0], size: [60, 20] }],
    ['ellipse', [40, 20], plain, { kind: 'ellipse', at: [10, 10], size: [30, 10] }],
    ['circle', [0, 40], plain, { kind: 'ellipse', at: [-20, 10], size: [30, 30] }],
  ] as const)('%s to %j with %j', (tool, [x, y], mods, want) => {
    expect(outlineOf(tool, world(10, 10), world(x, y), mods)).toEqual(want)
  })

  test('keep a line at steps of 15° under Shift', () => {
    const n = fc.double({ min: -500, max: 500, noNaN: true })
    fc.assert(
      fc.property(n, n, (x, y) => {
        const [w, h] = outlineOf('line', world(0, 0), world(x, y), { shift: true, alt: false }).size
        fc.pre(Math.hypot(w, h) > 50)
        const steps = Math.atan2(h, w) / (Math.PI / 12)
        expect(Math.abs(steps - Math.round(steps))).toBeLessThan(0.05)
      }),
    )
  })

  test('make rectangles with sides that are not negative', () => {
    const n = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    const tool = fc.constantFrom('rect' as const, 'ellipse' as const, 'circle' as const)
    const mods = fc.record({ shift: fc.boolean(), alt: fc.boolean() })
    fc.assert(
      fc.property(tool, n, n, n, n, mods, (tool, a, b, c, d, mods) => {
        const { size } = outlineOf(tool, world(a, b), world(c, d), mods)
        expect(Math.min(...size)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('make nothing of a click', () => {
    expect(doing(drag(take('rect'), [[5, 5], [6, 6]]))).toEqual(['preview', 'give-up'])
  })

  test('follow Shift while the pointer rests', () => {
    const tool = take('rect')
    tool.handle({ type: 'down', place: place(0, 0), mods: plain }, board)
    tool.handle({ type: 'move', places: [place(40, 10)], predicted: [], mods: plain }, board)
    const [preview] = tool.handle({ type: 'mods', mods: { shift: true, alt: false, mod: false } }, board)
    expect(preview).toMatchObject({ do: 'preview', edits: [['new', { size: [40, 40] }]] })
  })
})

describe('the eraser', () => {
  test('goes along the whole way of the pointer', () => {
    const effects = drag(take('eraser'), [[0, 0], [10, 0], [10, 20]])
    const way = effects.flatMap((effect) => (effect.do === 'erase' ? [[effect.along.a, effect.along.b]] : []))
    expect(way).toEqual([
      [world(0, 0), world(0, 0)],
      [world(0, 0), world(10, 0)],
      [world(10, 0), world(10, 20)],
    ])
    expect(effects.at(-1)).toEqual({ do: 'erase-done' })
  })
})

describe('the hand', () => {
  test('moves the plane as far as the pointer', () => {
    const moves = drag(take('hand'), [[0, 0], [10, 5], [7, 9]])
    expect(moves).toEqual([
      { do: 'pan', dx: 10, dy: 5 },
      { do: 'pan', dx: -3, dy: 4 },
    ])
  })
})
