import { beforeAll, describe, expect, test } from 'vitest'
import { screen } from '../geometry/point'
import { OUTLINES } from '../shapes/outlines'
import { prepare, take, TOOL_NAMES, type Board, type Effect, type ToolName } from '../tools'
import { KeyHand } from './hand'

beforeAll(prepare)

const view = { minX: 0, minY: 0, maxX: 1000, maxY: 800 }

/** A hand with a tool over an empty board; collects what the tool wants. */
function handWith(name: ToolName): { hand: KeyHand; effects: Effect[] } {
  const effects: Effect[] = []
  const tool = take(name)
  const board = {
    ...{ zoom: 1, view, selection: new Set<string>(), style: { color: 'black', width: 4 }, snap: { objects: false, grid: undefined } },
    ...{ newKey: () => 'a1', newKeys: () => ['a1'], newId: () => 'new', unit: (id: string) => [id] },
    ...{ get: () => undefined, hit: () => undefined, within: () => [], children: () => [] },
  } as unknown as Board
  const hand = new KeyHand({
    ...{ tool: name, board, toScreen: ({ x, y }) => screen(x, y), reveal: () => {} },
    drive: (event) => effects.push(...tool.handle(event, board)),
  })
  return { hand, effects }
}

const made = (effects: readonly Effect[]) => effects.flatMap((effect) => (effect.do === 'edit' ? effect.edits.map(([, patch]) => patch) : []))

describe('a hand that uses keys', () => {
  test('places a shape in the middle, moves and resizes it, and keeps it', () => {
    const { hand, effects } = handWith('rect')
    expect(hand.begin()).toBe('began')
    hand.key({ do: 'move', dx: 10, dy: 0 })
    hand.key({ do: 'resize', dx: 0, dy: 20 })
    expect(made(effects)).toEqual([])
    expect(hand.key({ do: 'press' })).toBe('kept')
    expect(made(effects)).toMatchObject([{ kind: 'rect', at: [410, 340], size: [200, 140] }])
    expect(hand.doing).toBeUndefined()
  })

  test('places an outline of the library as large as it is usual', () => {
    for (const [kind, { size }] of OUTLINES) {
      const { hand, effects } = handWith(`outline:${kind}`)
      expect(hand.begin(), kind).toBe('began')
      hand.key({ do: 'press' })
      expect(made(effects)).toMatchObject([{ kind, size }])
    }
    expect(handWith('outline:nosuch').hand.begin()).toBeUndefined()
  })

  test('leaves nothing of what it gives up', () => {
    const { hand, effects } = handWith('ellipse')
    hand.begin()
    expect(hand.key({ do: 'give-up' })).toBe('gave-up')
    expect(made(effects)).toEqual([])
    expect(effects.at(-1)?.do).toBe('give-up')
    expect(hand.key({ do: 'press' })).toBeUndefined()
  })

  test('draws with the pen between press and lift', () => {
    const { hand, effects } = handWith('pen')
    hand.begin()
    hand.key({ do: 'move', dx: 10, dy: 0 })
    expect(effects).toEqual([])
    expect(hand.key({ do: 'press' })).toBe('pressed')
    hand.key({ do: 'move', dx: 10, dy: 0 })
    expect(hand.key({ do: 'press' })).toBe('lifted')
    expect(effects.map((effect) => effect.do)).toEqual(['ink', 'ink', 'ink-done'])
    expect(hand.pointer).toMatchObject({ x: 520, y: 400 })
  })

  test('has a use for every tool but those that only look or select', () => {
    const useless = TOOL_NAMES.filter((name) => handWith(name).hand.begin() === undefined)
    expect(useless).toEqual(['hand', 'select'])
  })
})
