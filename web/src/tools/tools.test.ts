import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { screen, world } from '../geometry/point'
import { Hand, ToolBoard } from '../testing/toolboard'
import { NO_MODIFIERS as plain, prepare, take, TOOL_NAMES, type Effect, type Place, type Tool, type ToolName } from '.'
import { outlineOf } from './shape'

beforeAll(prepare)

const board = new ToolBoard()
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
  const records = {
    a: { kind: 'rect', at: [10, 10], size: [100, 80], fill: 'red' },
    b: { kind: 'ellipse', at: [200, 100], size: [90, 90], groups: ['g'] },
    c: { kind: 'line', at: [20, 200], size: [200, 30], groups: ['g'] },
  }
  const n = fc.integer({ min: -20, max: 320 })
  const mods = fc.record({ shift: fc.boolean(), alt: fc.boolean(), mod: fc.boolean() })
  const begun = fc.oneof(
    fc.record({ do: fc.constant('move' as const), x: n, y: n }),
    fc.record({ do: fc.constant('press' as const), mods }),
    fc.constant({ do: 'hold' as const }),
  )
  const any = fc.oneof(
    begun,
    fc.record({ do: fc.constant('down' as const), x: n, y: n, clicks: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ do: fc.constant('hover' as const), x: n, y: n }),
    fc.constant({ do: 'up' as const }),
    fc.constant({ do: 'finish' as const }),
    fc.constant({ do: 'cancel' as const }),
  )
  type Doing = typeof any extends fc.Arbitrary<infer T> ? T : never

  function perform(hand: Hand, doing: Doing): void {
    if (doing.do === 'down') hand.down(doing.x, doing.y, doing.clicks)
    else if (doing.do === 'press') hand.press(doing.mods)
    else if (doing.do === 'move' || doing.do === 'hover') hand[doing.do](doing.x, doing.y)
    else hand[doing.do]()
  }

  const pictureOf = ({ records, selection, preview }: ToolBoard) => JSON.stringify([[...records], [...selection].sort(), [...preview]])
  const names: readonly ToolName[] = [...TOOL_NAMES, 'outline:star']
  const isInk = (name: ToolName) => name === 'pen' || name === 'highlighter'

  test.each(names)('%s never throws, and rests when it has given up', (name) => {
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), (all) => {
        const hand = new Hand(take(name), new ToolBoard(records))
        for (const one of all) perform(hand, one)
        hand.cancel()
        expect(hand.tool.isBusy).toBe(false)
        expect(hand.board.preview.size).toBe(0)
        expect(hand.board.hint).toEqual({})
      }),
    )
  })

  test.each(names)('%s gives everything back that a gesture has done', (name) => {
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), n, n, fc.array(begun, { maxLength: 12 }), (before, x, y, then) => {
        const hand = new Hand(take(name), new ToolBoard(records))
        for (const one of before) perform(hand, one)
        hand.cancel()
        const was = pictureOf(hand.board)
        hand.down(x, y)
        for (const one of then) perform(hand, one)
        hand.cancel()
        expect(pictureOf(hand.board)).toBe(was)
      }),
    )
  })

  test.each(names)('%s ends a drag once, when the pointer is up', (name) => {
    const effects = drag(take(name), [[500, 500], [550, 540]])
    const ends = effects.filter((effect) => /done|give-up|^edit$|^write$|^pick-image$|^comment$|^select$/.test(effect.do))
    expect(ends.length > 0).toBe(name !== 'hand')
    expect(ends.filter((effect) => effect.do === 'edit').length).toBeLessThanOrEqual(1)
    const tool = take(name)
    drag(tool, [[500, 500], [550, 540]])
    expect(tool.isBusy).toBe(false)
  })

  test.each(TOOL_NAMES.filter(isInk))('%s takes its ink back', (name) => {
    expect(doing(drag(take(name), [[0, 0], [9, 9]], 'cancel'))).toEqual(['ink', 'ink', 'give-up'])
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

  const line: [number, number][] = Array.from({ length: 30 }, (_, i) => [i * 6, i * 3])

  test('held still at the end of a stroke turns it into the shape it looks like, once', () => {
    const tool = take('pen')
    const effects = drag(tool, line).slice(0, -1)
    tool.handle({ type: 'down', place: place(0, 0), mods: plain }, board)
    for (const [x, y] of line) tool.handle({ type: 'move', places: [place(x, y)], predicted: [], mods: plain }, board)
    const [became] = tool.handle({ type: 'hold' }, board)
    expect(became).toMatchObject({ do: 'ink-became', props: { kind: 'line', at: [0, 0], size: [174, 87] } })
    expect(tool.handle({ type: 'move', places: [place(9, 9)], predicted: [], mods: plain }, board)).toEqual([])
    expect(tool.handle({ type: 'up' }, board)).toEqual([])
    expect(effects.every((effect) => effect.do === 'ink')).toBe(true)
  })

  test('leaves what looks like nothing, and what is tiny, as ink', () => {
    for (const points of [[[0, 0], [80, 5], [10, 60], [90, 80], [0, 90]], [[0, 0], [9, 4]]] as [number, number][][]) {
      const tool = take('pen')
      tool.handle({ type: 'down', place: place(0, 0), mods: plain }, board)
      for (const [x, y] of points) tool.handle({ type: 'move', places: [place(x, y)], predicted: [], mods: plain }, board)
      expect(tool.handle({ type: 'hold' }, board)).toEqual([])
      expect(doing(tool.handle({ type: 'up' }, board))).toEqual(['ink-done'])
    }
  })

  test('of the highlighter stays ink, but straight', () => {
    const tool = take('highlighter')
    tool.handle({ type: 'down', place: place(0, 0), mods: plain }, board)
    for (const [x, y] of line) tool.handle({ type: 'move', places: [place(x, y)], predicted: [], mods: plain }, board)
    const [became] = tool.handle({ type: 'hold' }, board)
    expect(became).toMatchObject({ do: 'ink-became', props: { kind: 'draw', brush: 'highlighter', at: [0, 0] } })
  })
})

describe('the shape tools', () => {
  test.each([
    ['rect', [0, 30], plain, { kind: 'rect', at: [0, 10], size: [10, 20] }],
    ['rect', [40, 20], { shift: true, alt: false }, { kind: 'rect', at: [10, 10], size: [30, 30] }],
    ['rect', [40, 20], { shift: false, alt: true }, { kind: 'rect', at: [-20, 0], size: [60, 20] }],
    ['ellipse', [40, 20], plain, { kind: 'ellipse', at: [10, 10], size: [30, 10] }],
    ['outline:star', [40, 20], plain, { kind: 'star', at: [10, 10], size: [30, 10] }],
    ['outline:star', [40, 20], { shift: true, alt: false }, { kind: 'star', at: [10, 10], size: [30, 30] }],
    ['circle', [0, 40], plain, { kind: 'ellipse', at: [-20, 10], size: [30, 30] }],
  ] as const)('%s to %j with %j', (tool, [x, y], mods, want) => {
    expect(outlineOf(tool, world(10, 10), world(x, y), mods)).toEqual(want)
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
    expect(doing(drag(take('rect'), [[5, 5], [6, 6]]))).not.toContain('edit')
  })

  test('follow Shift while the pointer rests', () => {
    const tool = take('rect')
    tool.handle({ type: 'down', place: place(0, 0), mods: plain }, board)
    tool.handle({ type: 'move', places: [place(40, 10)], predicted: [], mods: plain }, board)
    const [preview] = tool.handle({ type: 'mods', mods: { shift: true, alt: false, mod: false } }, board)
    expect(preview).toMatchObject({ do: 'preview', edits: [[expect.any(String), { size: [40, 40] }]] })
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
