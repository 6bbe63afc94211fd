import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Patch, RecordId } from '../../board/types'
import { Hand, ToolBoard } from '../../testing/toolboard'
import { prepare, take } from '..'

beforeAll(prepare)

const rect = (x: number, y: number, more: Patch = {}): Patch => ({ kind: 'rect', at: [x, y], size: [100, 100], ...more })

function hand(records: { readonly [id: RecordId]: Patch }, pointer: 'mouse' | 'touch' = 'mouse'): Hand {
  return new Hand(take('select'), new ToolBoard(records), pointer)
}

const selected = ({ board }: Hand) => [...board.selection].sort()
const at = ({ board }: Hand, id: RecordId) => board.records.get(id)?.['at']

describe('a click', () => {
  const two = { a: rect(0, 0), b: rect(200, 0) }

  test('selects the shape, and nothing where nothing is', () => {
    const h = hand(two).click(0, 30)
    expect(selected(h)).toEqual(['a'])
    expect(selected(h.click(200, 30))).toEqual(['b'])
    expect(selected(h.click(600, 600))).toEqual([])
  })

  test('with Shift adds a shape or takes it out', () => {
    const h = hand(two).click(0, 30).press({ shift: true }).click(200, 30)
    expect(selected(h)).toEqual(['a', 'b'])
    expect(selected(h.click(0, 30))).toEqual(['b'])
    expect(selected(h.click(600, 600))).toEqual(['b'])
  })

  test('on one of several selected leaves that one', () => {
    const h = hand(two)
    h.board.selection = new Set(['a', 'b'])
    h.down(0, 30)
    expect(selected(h)).toEqual(['a', 'b'])
    expect(selected(h.up())).toEqual(['a'])
  })

  test('does not reach what is locked', () => {
    expect(selected(hand({ a: rect(0, 0, { locked: true }) }).click(0, 30))).toEqual([])
  })

  test('makes no change', () => {
    const h = hand(two).click(0, 30).click(200, 30)
    expect(h.board.take().filter((effect) => effect.do === 'edit')).toEqual([])
  })
})

describe('groups', () => {
  const nested = {
    a: rect(0, 0, { groups: ['in', 'out'] }),
    b: rect(200, 0, { groups: ['in', 'out'] }),
    c: rect(400, 0, { groups: ['out'] }),
  }

  test('are selected as a whole', () => {
    expect(selected(hand(nested).click(0, 30))).toEqual(['a', 'b', 'c'])
  })

  test('open level by level by double click; then clicks stay within', () => {
    const h = hand(nested).doubleClick(0, 30)
    expect(selected(h)).toEqual(['a', 'b'])
    expect(selected(h.click(400, 30))).toEqual(['c'])
    h.click(0, 30)
    expect(selected(h)).toEqual(['a', 'b'])
    expect(selected(h.click(0, 30).click(0, 30, 2))).toEqual(['a'])
    expect(selected(h.click(200, 30))).toEqual(['b'])
    expect(selected(h.click(700, 700).click(0, 30))).toEqual(['a', 'b', 'c'])
  })

  test('are passed over with Ctrl or ⌘', () => {
    expect(selected(hand(nested).press({ mod: true }).click(200, 30))).toEqual(['b'])
  })
})

describe('a double click', () => {
  const writes = (h: Hand) => h.board.take().filter((effect) => effect.do === 'write')

  test('writes in a shape, on its line or inside it', () => {
    const h = hand({ a: rect(0, 0) })
    expect(writes(h.doubleClick(0, 30))).toEqual([{ do: 'write', id: 'a' }])
    expect(writes(h.click(700, 700).doubleClick(50, 30))).toEqual([{ do: 'write', id: 'a' }])
  })

  test('writes on the plane where nothing is', () => {
    const [write] = writes(hand({}).doubleClick(500, 300))
    expect(write).toMatchObject({ do: 'write', id: 'new1', props: { kind: 'text' } })
  })
})

describe('a band', () => {
  const three = { a: rect(0, 0), b: rect(200, 0), c: rect(400, 0, { groups: ['g'] }), d: rect(400, 200, { groups: ['g'] }) }

  test('selects what it touches while it grows, whole groups too', () => {
    const h = hand(three).down(150, -50).move(250, 20)
    expect(selected(h)).toEqual(['b'])
    expect(h.board.hint).toEqual({ band: { minX: 150, minY: -50, maxX: 250, maxY: 20 } })
    h.move(450, 20)
    expect(selected(h)).toEqual(['b', 'c', 'd'])
    h.move(160, -40)
    expect(selected(h)).toEqual([])
    h.move(250, 20).up()
    expect(selected(h)).toEqual(['b'])
    expect(h.board.hint).toEqual({})
  })

  test('is not drawn by a finger, which moves the plane', () => {
    const h = hand(three, 'touch').down(150, -50).move(180, -40)
    expect(h.board.take()).toEqual([{ do: 'pan', dx: 30, dy: 10 }])
    expect([h.tool.isBusy, h.tool.isPanning]).toEqual([true, true])
    h.move(190, -45).up()
    expect(h.board.take()).toEqual([{ do: 'pan', dx: 10, dy: -5 }])
    expect([h.tool.isBusy, h.board.selection.size]).toEqual([false, 0])
  })

  test('within a hollow shape touches nothing', () => {
    expect(selected(hand(three).drag([20, 20], [80, 40]))).toEqual([])
  })

  test('with Shift adds', () => {
    const h = hand(three).click(0, 30).press({ shift: true }).drag([150, -50], [250, 20])
    expect(selected(h)).toEqual(['a', 'b'])
  })

  test('given up, leaves the selection as it was', () => {
    const h = hand(three).click(0, 30).down(150, -50).move(250, 20).cancel()
    expect(selected(h)).toEqual(['a'])
    expect(h.board.hint).toEqual({})
  })
})

describe('a drag', () => {
  const two = { a: rect(0, 0), b: rect(200, 0) }

  test('moves the shape, which it selects', () => {
    const h = hand(two).click(200, 30).drag([0, 30], [30, 30], [40, 50])
    expect(at(h, 'a')).toEqual([40, 20])
    expect(at(h, 'b')).toEqual([200, 0])
    expect(selected(h)).toEqual(['a'])
  })

  test('moves all that is selected', () => {
    const h = hand(two)
    h.board.selection = new Set(['a', 'b'])
    h.drag([200, 30], [210, 45])
    expect([at(h, 'a'), at(h, 'b')]).toEqual([[10, 15], [210, 15]])
  })

  test('within the box of a selection moves it', () => {
    const h = hand(two).click(0, 30).drag([50, 30], [60, 30])
    expect(at(h, 'a')).toEqual([10, 0])
  })

  test('shows itself, and changes nothing before the pointer is up', () => {
    const h = hand(two).down(0, 30).move(40, 50)
    expect(h.board.preview.get('a')).toEqual({ at: [40, 20] })
    expect(at(h, 'a')).toEqual([0, 0])
    h.cancel()
    expect(h.board.preview.size).toBe(0)
    expect(selected(h)).toEqual([])
  })

  test('under the threshold is a click; a finger may tremble more', () => {
    expect(at(hand(two).drag([0, 30], [3, 31]), 'a')).toEqual([0, 0])
    expect(at(hand(two).drag([0, 30], [5, 30]), 'a')).toEqual([5, 0])
    expect(at(hand(two, 'touch').drag([0, 30], [5, 30]), 'a')).toEqual([0, 0])
    expect(at(hand(two, 'touch').drag([0, 30], [7, 30]), 'a')).toEqual([7, 0])
  })

  test('that comes back changes nothing', () => {
    const h = hand(two).drag([0, 30], [40, 50], [0, 30])
    expect(h.board.take().filter((effect) => effect.do === 'edit')).toEqual([])
  })

  test('stays on an axis under Shift, from the moment it is pressed', () => {
    const h = hand(two).down(0, 30).move(40, 50).press({ shift: true })
    expect(h.board.preview.get('a')).toEqual({ at: [40, 0] })
    h.press()
    expect(h.board.preview.get('a')).toEqual({ at: [40, 20] })
  })

  test('does not move what is locked', () => {
    const h = hand({ a: rect(0, 0), b: rect(200, 0, { locked: true }) })
    h.board.selection = new Set(['a', 'b'])
    h.drag([0, 30], [10, 30])
    expect([at(h, 'a'), at(h, 'b')]).toEqual([[10, 0], [200, 0]])
  })
})

describe('copies', () => {
  test('are dragged with Alt, above all, and selected', () => {
    const h = hand({ a: rect(0, 0), b: rect(200, 0) }).press({ alt: true }).drag([0, 30], [40, 50])
    expect(at(h, 'a')).toEqual([0, 0])
    expect(h.board.records.get('new1')).toMatchObject({ kind: 'rect', at: [40, 20] })
    expect(selected(h)).toEqual(['new1'])
    expect(h.board.all().at(-1)!.id).toBe('new1')
  })

  test('come and go with Alt, and are the same ones', () => {
    const h = hand({ a: rect(0, 0) }).down(0, 30).move(40, 50).press({ alt: true })
    expect([...h.board.preview.keys()]).toEqual(['new1'])
    h.press()
    expect([...h.board.preview.keys()]).toEqual(['a'])
    h.press({ alt: true }).move(50, 50)
    expect([...h.board.preview.keys()]).toEqual(['new1'])
  })

  test('are a group of their own when the whole group is copied, else they stay in it', () => {
    const group = { a: rect(0, 0, { groups: ['g'] }), b: rect(200, 0, { groups: ['g'] }) }
    const whole = hand(group).press({ alt: true }).drag([0, 30], [40, 50])
    const groups = [...whole.board.selection].map((id) => whole.board.records.get(id)!['groups'])
    expect(groups[0]).toEqual(groups[1])
    expect(groups[0]).not.toEqual(['g'])
    const part = hand(group).press({ mod: true, alt: true }).drag([0, 30], [40, 50])
    expect(part.board.records.get([...part.board.selection][0]!)!['groups']).toEqual(['g'])
  })

  test('keep their order', () => {
    const h = hand({ a: rect(0, 0), b: rect(200, 0) })
    h.board.selection = new Set(['b', 'a'])
    h.press({ alt: true }).drag([0, 30], [10, 60])
    const order = h.board.all().slice(2).map(({ props }) => props['at'])
    expect(order).toEqual([[10, 30], [210, 30]])
  })
})

describe('the selecting hand', () => {
  const records = {
    a: rect(0, 0, { groups: ['g'] }),
    b: rect(200, 0, { groups: ['g'] }),
    c: rect(100, 100, { fill: 'red' }),
    d: rect(300, 300, { locked: true }),
  }
  const n = fc.integer({ min: -50, max: 500 })
  const mods = fc.record({ shift: fc.boolean(), alt: fc.boolean(), mod: fc.boolean() })
  const step = fc.oneof(
    fc.record({ do: fc.constant('down' as const), x: n, y: n, clicks: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ do: fc.constant('move' as const), x: n, y: n }),
    fc.record({ do: fc.constant('hover' as const), x: n, y: n }),
    fc.record({ do: fc.constant('press' as const), mods }),
    fc.constant({ do: 'up' as const }),
    fc.constant({ do: 'hold' as const }),
  )
  type Doing = typeof step extends fc.Arbitrary<infer T> ? T : never

  function perform(h: Hand, doing: Doing): void {
    if (doing.do === 'down') h.down(doing.x, doing.y, doing.clicks)
    else if (doing.do === 'press') h.press(doing.mods)
    else if (doing.do === 'up') h.up()
    else if (doing.do === 'hold') h.hold()
    else h[doing.do](doing.x, doing.y)
  }

  test('rests after up, and gives everything back when it gives up', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.array(step.filter(({ do: d }) => d === 'move' || d === 'press')), (first, then) => {
        const h = hand(records)
        for (const doing of first) perform(h, doing)
        h.up()
        expect(h.tool.isBusy).toBe(false)
        const before = [JSON.stringify([...h.board.records]), selected(h)]
        h.down(30, 0)
        for (const doing of then) perform(h, doing)
        h.cancel()
        expect(h.tool.isBusy).toBe(false)
        expect([JSON.stringify([...h.board.records]), selected(h)]).toEqual(before)
        expect([h.board.preview.size, h.board.hint]).toEqual([0, {}])
      }),
    )
  })

  test('never moves what is locked, nor leaves a hint', () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const h = hand(records)
        for (const doing of steps) perform(h, doing)
        h.up()
        expect(at(h, 'd')).toEqual([300, 300])
        expect(h.board.hint).toEqual({})
      }),
    )
  })
})
