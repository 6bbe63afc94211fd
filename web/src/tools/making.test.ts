import { beforeAll, describe, expect, test } from 'vitest'
import type { Patch, RecordId } from '../board/types'
import { Hand, ToolBoard } from '../testing/toolboard'
import { prepare, take, type ToolName } from '.'

beforeAll(prepare)

const box = (x: number, y: number, more: Patch = {}): Patch => ({ kind: 'rect', at: [x, y], size: [100, 100], ...more })

function using(tool: ToolName, records: { readonly [id: RecordId]: Patch } = {}, pointer: 'mouse' | 'touch' = 'mouse'): Hand {
  return new Hand(take(tool), new ToolBoard(records), pointer)
}

/** What a gesture made: the first new record. */
const made = ({ board }: Hand): Patch | undefined => board.records.get('new1')
const effects = (hand: Hand, name: string) => hand.board.take().filter((effect) => effect.do === name)

describe('a line', () => {
  test('goes from where it was pressed to where it was let go', () => {
    expect(made(using('line').drag([10, 10], [60, 20]))).toMatchObject({ kind: 'line', at: [10, 10], size: [50, 10], bends: [] })
  })

  test('keeps to steps of 15° under Shift', () => {
    expect(made(using('line').press({ shift: true }).drag([10, 10], [60, 14]))).toMatchObject({ size: [50, 0] })
  })

  test('has no heads; an arrow has one, whatever else the style says', () => {
    const style = { color: 'red', width: 2, endhead: 'triangle', starthead: 'dot', route: 'curved' }
    const [line, arrow] = [using('line'), using('arrow')]
    line.board.style = arrow.board.style = style
    expect(made(line.drag([0, 0], [90, 0]))).toEqual(expect.not.objectContaining({ endhead: expect.anything() }))
    expect(made(arrow.drag([0, 0], [90, 0]))).toMatchObject({ endhead: 'triangle', starthead: 'dot', route: 'curved' })
    expect(made(using('arrow').drag([0, 0], [90, 0]))).toMatchObject({ endhead: 'arrow' })
  })

  const clicks = (tool: ToolName = 'line') => using(tool).click(0, 0).hover(50, 10).click(100, 0).hover(100, 50).click(100, 100)

  test('goes through clicks, follows the pointer between them, and ends with Enter', () => {
    const hand = clicks().hover(400, 400)
    expect(hand.board.preview.get('new1')).toMatchObject({ bends: [[100, 0], [100, 100]], size: [400, 400] })
    expect(made(hand)).toBeUndefined()
    expect(made(hand.finish())).toMatchObject({ at: [0, 0], bends: [[100, 0]], size: [100, 100] })
    expect(hand.tool.isBusy).toBe(false)
  })

  test('ends with a double click', () => {
    expect(made(clicks().click(0, 100).click(0, 100, 2))).toMatchObject({ bends: [[100, 0], [100, 100]], size: [0, 100] })
  })

  test('ends with a click on its last point', () => {
    expect(made(clicks().click(103, 101))).toMatchObject({ bends: [[100, 0]], size: [100, 100] })
  })

  test('is closed by a click on its first point, for which a finger need not be exact', () => {
    expect(made(clicks().click(4, 4))).toMatchObject({ closed: true, bends: [[100, 0]], size: [100, 100] })
    const finger = using('line', {}, 'touch').click(0, 0).click(100, 0).click(100, 100).click(12, 10)
    expect(made(finger)).toMatchObject({ closed: true })
  })

  test('of one click is none', () => {
    const hand = using('line').click(0, 0).finish()
    expect(made(hand)).toBeUndefined()
    expect(hand.tool.isBusy).toBe(false)
  })

  test('is given up as a whole', () => {
    const hand = clicks().hover(7, 7).cancel()
    expect([hand.board.records.size, hand.board.preview.size, hand.tool.isBusy]).toEqual([0, 0, false])
  })

  test('stands on the grid, unless Ctrl or ⌘ is down', () => {
    const hand = using('line')
    hand.board.snap = { objects: false, grid: 20 }
    expect(made(hand.drag([12, 9], [77, 48]))).toMatchObject({ at: [20, 0], size: [60, 40] })
    const free = using('line')
    free.board.snap = { objects: false, grid: 20 }
    expect(made(free.press({ mod: true }).drag([12, 9], [77, 48]))).toMatchObject({ at: [12, 9], size: [65, 39] })
  })
})

describe('the ends of an arrow', () => {
  const two = { a: box(0, 0), b: box(300, 0) }

  test('are bound to the shapes under them: at the middle when near it, else where they are', () => {
    expect(made(using('arrow', two).drag([50, 50], [310, 90]))).toMatchObject({
      startbind: { to: 'a', at: [0.5, 0.5], inside: false },
      endbind: { to: 'b', at: [0.1, 0.9], inside: false },
    })
  })

  test('mark what they would be bound to, already before the pointer is down', () => {
    const hand = using('arrow', two).hover(50, 50)
    expect(hand.board.hint).toEqual({ target: 'a' })
    hand.hover(200, 50)
    expect(hand.board.hint).toEqual({})
    hand.down(200, 50).move(350, 50)
    expect(hand.board.hint).toEqual({ target: 'b' })
    hand.press({ mod: true })
    expect(hand.board.hint).toEqual({})
    hand.press().up()
    expect(hand.board.hint).toEqual({})
  })

  test('are free with Ctrl or ⌘', () => {
    const free = made(using('arrow', two).press({ mod: true }).drag([50, 50], [350, 50]))!
    expect([free['startbind'], free['endbind']]).toEqual([undefined, undefined])
  })

  test('within one shape stay where they are in it, wherever it goes', () => {
    const hand = using('arrow', two).drag([20, 20], [60, 50])
    expect(made(hand)).toMatchObject({ startbind: { to: 'a', at: [0.2, 0.2] }, endbind: { to: 'a', at: [0.6, 0.5] } })
    hand.board.records.set('a', box(500, 300))
    expect(hand.board.get('new1')!.props).toMatchObject({ at: [520, 320], size: [40, 30] })
  })

  test('lead from a shape back to it by clicks beside it', () => {
    const loop = using('arrow', two).click(90, 50).click(150, 50).click(150, 150).click(50, 95)
    expect(made(loop)).toMatchObject({ startbind: { to: 'a' }, endbind: { to: 'a' }, bends: [[60, 0], [60, 100]] })
    const within = using('arrow', two).click(20, 20).click(80, 20).click(80, 80)
    expect(made(within)).toBeUndefined()
    expect(made(within.finish())).toMatchObject({ startbind: { to: 'a' }, bends: [[60, 0]], endbind: { to: 'a', at: [0.8, 0.8] } })
  })

  test('of lines are not bound', () => {
    expect(made(using('line', two).drag([50, 50], [350, 50]))).toEqual(expect.not.objectContaining({ startbind: expect.anything() }))
  })

  test('are bound anew by dragging them, and let go beside shapes', () => {
    const arrow: Patch = { kind: 'arrow', at: [500, 300], size: [200, 0], startbind: null }
    const hand = using('select', { ...two, c: arrow })
    hand.board.selection = new Set(['c'])
    hand.drag([500, 300], [350, 50])
    expect(hand.board.records.get('c')!['startbind']).toEqual({ to: 'b', at: [0.5, 0.5], inside: false })
    const { x, y } = { x: Number((hand.board.get('c')!.props['at'] as number[])[0]), y: Number((hand.board.get('c')!.props['at'] as number[])[1]) }
    hand.drag([x, y], [500, 500])
    expect(hand.board.records.get('c')!['startbind']).toBeNull()
  })

  test('are let go when the arrow alone is moved, kept when a shape goes along', () => {
    const bound = { ...two, c: { kind: 'arrow', at: [100, 50], size: [200, 0], startbind: { to: 'a', at: [0.5, 0.5], inside: false } } }
    const alone = using('select', bound).drag([200, 50], [200, 150])
    expect(alone.board.records.get('c')!['startbind']).toBeNull()
    expect(alone.board.get('c')!.props['size']).toEqual([expect.closeTo(194, 0), 0])
    const both = using('select', bound)
    both.board.selection = new Set(['a', 'c'])
    both.drag([200, 50], [200, 150])
    expect(both.board.records.get('c')!['startbind']).toMatchObject({ to: 'a' })
  })

  test('that both go along take the bends between them with them', () => {
    const bind = (to: string) => ({ to, at: [0.5, 0.5], inside: false })
    const arrow: Patch = { kind: 'arrow', at: [106, 50], size: [188, 0], bends: [[94, 80]], startbind: bind('a'), endbind: bind('b') }
    const bendOf = ({ board }: Hand) => {
      const { at, bends } = board.get('c')!.props as unknown as { at: [number, number]; bends: [number, number][] }
      return bends.map(([x, y]) => [Math.round(at[0] + x), Math.round(at[1] + y)])
    }
    const one = using('select', { ...two, c: arrow }).drag([0, 20], [10, 40])
    expect(bendOf(one)).toEqual([[200, 130]])
    const both = using('select', { ...two, c: arrow })
    both.board.selection = new Set(['a', 'b'])
    expect(bendOf(both.drag([0, 20], [10, 40]))).toEqual([[210, 150]])
    const copies = using('select', { ...two, c: arrow }).press({ alt: true })
    copies.board.selection = new Set(['a', 'b'])
    expect(bendOf(copies.drag([0, 20], [10, 40]))).toEqual([[200, 130]])
    const loop = using('select', { ...two, c: { ...arrow, endbind: bind('a') } }).drag([0, 20], [10, 40])
    expect(bendOf(loop)).toEqual([[210, 150]])
  })

  test('of copies lead to copies', () => {
    const bound = { ...two, c: { kind: 'arrow', at: [100, 50], size: [200, 0], startbind: { to: 'a', at: [0.5, 0.5], inside: false }, endbind: { to: 'b', at: [0.5, 0.5], inside: false } } }
    const hand = using('select', bound)
    hand.board.selection = new Set(['a', 'c'])
    hand.press({ alt: true }).drag([200, 50], [200, 250])
    const copies = [...hand.board.selection].map((id) => [id, hand.board.records.get(id)!] as const)
    const [copyOfA] = copies.find(([, { kind }]) => kind === 'rect')!
    const [, copyOfC] = copies.find(([, { kind }]) => kind === 'arrow')!
    expect(copyOfC['startbind']).toMatchObject({ to: copyOfA })
    expect(copyOfC['endbind']).toBeNull()
    expect(copyOfC).not.toHaveProperty('via')
  })
})

describe('frames', () => {
  const frame: Patch = { kind: 'frame', at: [300, 300], size: [300, 300] }

  test('take in the shapes wholly inside of them', () => {
    const hand = using('frame', { a: box(10, 10), b: box(150, 10), c: box(20, 20, { frame: 'other' }) }).drag([0, 0], [200, 200])
    expect([...'abc'].map((id) => hand.board.records.get(id)!['frame'])).toEqual(['new1', undefined, 'other'])
  })

  test('take in what is dropped into them, and let out what is dragged out', () => {
    const hand = using('select', { f: frame, a: box(0, 0) }).down(0, 20).move(380, 400)
    expect(hand.board.hint).toEqual({ target: 'f' })
    hand.up()
    expect(hand.board.records.get('a')).toMatchObject({ at: [380, 380], frame: 'f' })
    hand.drag([380, 400], [0, 20])
    expect(hand.board.records.get('a')).toMatchObject({ at: [0, 0], frame: null })
  })

  test('take their shapes along, and into copies', () => {
    const records = { f: frame, a: box(350, 350, { frame: 'f' }) }
    const hand = using('select', records).drag([300, 400], [310, 420])
    expect(hand.board.records.get('a')!['at']).toEqual([360, 370])
    const copied = using('select', records).press({ alt: true }).drag([300, 400], [310, 420])
    const [copy] = [...copied.board.selection]
    expect(copied.board.children(copy!).map(({ props }) => props['at'])).toEqual([[360, 370]])
  })

  test('take in what is made in them', () => {
    for (const tool of ['rect', 'line', 'note'] as const) {
      expect(made(using(tool, { f: frame }).drag([350, 350], [450, 450]))).toMatchObject({ frame: 'f' })
    }
  })
})

describe('text', () => {
  test('is written on and on from a click, within a width after a drag', () => {
    const [click] = effects(using('text').click(100, 100), 'write')
    expect(click).toMatchObject({ id: 'new1', props: { kind: 'text', at: [100, 87.5] } })
    expect(click).not.toHaveProperty('props.wrap')
    const [drag] = effects(using('text').drag([100, 100], [300, 160]), 'write')
    expect(drag).toMatchObject({ props: { kind: 'text', at: [100, 100], size: [200, 60], wrap: true } })
  })

  test('that is clicked is written on', () => {
    const hand = using('text', { a: { kind: 'text', at: [0, 0], size: [80, 25], text: 'some words' } }).click(10, 10)
    expect(effects(hand, 'write')).toEqual([{ do: 'write', id: 'a' }])
  })

  test('has no background of its own', () => {
    const hand = using('text')
    hand.board.style = Object.assign({ color: 'red', width: 2 }, { fill: 'yellow' })
    expect(effects(hand.click(0, 0), 'write')).toEqual([expect.objectContaining({ props: expect.not.objectContaining({ fill: 'yellow' }) })])
  })

  test('makes nothing when it is given up', () => {
    expect(effects(using('text').down(0, 0).move(50, 50).cancel(), 'write')).toEqual([])
  })
})

describe('a note', () => {
  test('is put around a click, and then written on', () => {
    const hand = using('note').click(300, 300)
    expect(made(hand)).toMatchObject({ kind: 'note', at: [200, 200], size: [200, 200] })
    expect(effects(hand, 'edit')[0]).toMatchObject({ then: { write: 'new1', made: true } })
  })

  test('is spanned by a drag, evenly under Shift, never too small to write on', () => {
    expect(made(using('note').drag([300, 300], [200, 220]))).toMatchObject({ at: [200, 220], size: [100, 80] })
    expect(made(using('note').press({ shift: true }).drag([0, 0], [100, 80]))).toMatchObject({ size: [100, 100] })
    expect(made(using('note').drag([0, 0], [10, 8]))).toMatchObject({ size: [40, 40] })
  })
})

describe('a lasso', () => {
  const shapes = { a: box(0, 0), b: box(200, 0), c: box(400, 0) }
  const selected = ({ board }: Hand) => [...board.selection].sort()

  test('selects what it goes around and what it crosses', () => {
    const around = [[-20, -20], [120, -20], [120, 120], [-20, 120], [-20, 0]] as const
    expect(selected(using('lasso', shapes).drag(...around))).toEqual(['a'])
    expect(selected(using('lasso', shapes).drag([150, 50], [350, 50]))).toEqual(['b'])
  })

  test('selects the same when its whole way comes at once, back to where it began', () => {
    const around = [[-20, -20], [120, -20], [120, 120], [-20, 120], [-20, -20]] as const
    expect(selected(using('lasso', shapes).dash(...around))).toEqual(['a'])
    expect(selected(using('lasso', shapes).dash([150, 50], [350, 50], [150, 50]))).toEqual(['b'])
  })

  test('begins on shapes too, and moves what is selected', () => {
    const hand = using('lasso', shapes).drag([0, 20], [150, 50], [350, 50])
    expect(selected(hand)).toEqual(['a', 'b'])
    hand.drag([0, 20], [10, 20])
    expect([hand.board.records.get('a')!['at'], hand.board.records.get('b')!['at']]).toEqual([[10, 0], [210, 0]])
  })

  test('selects by a click as the hand that selects', () => {
    expect(selected(using('lasso', shapes).click(200, 50))).toEqual(['b'])
    expect(selected(using('lasso', shapes).click(200, 50).click(700, 700))).toEqual([])
  })

  test('shows its way', () => {
    const hand = using('lasso', shapes).down(0, 300).move(50, 350).move(100, 300)
    expect(hand.board.hint.loop).toHaveLength(3)
    expect(hand.cancel().board.hint).toEqual({})
  })
})

describe('snapping', () => {
  test('brings a moved shape in line with another, and shows the line', () => {
    const hand = using('select', { a: box(0, 0), b: box(300, 200) })
    hand.board.snap = { objects: true, grid: undefined }
    hand.down(300, 220).move(295, 25)
    expect(hand.board.preview.get('b')).toEqual({ at: [295, 0] })
    expect(hand.board.hint.guides).toContainEqual({ a: { x: 0, y: 0 }, b: { x: 395, y: 0 } })
    hand.press({ mod: true })
    expect(hand.board.preview.get('b')).toEqual({ at: [295, 5] })
    expect(hand.up().board.hint).toEqual({})
  })

  test('brings the dragged side of a shape in line', () => {
    const hand = using('select', { a: box(0, 0), b: box(300, 200) })
    hand.board.snap = { objects: true, grid: undefined }
    hand.board.selection = new Set(['b'])
    hand.drag([300, 250], [104, 250])
    expect(hand.board.records.get('b')).toMatchObject({ at: [100, 200], size: [300, 100] })
  })

  test('puts shapes and their corners on the grid', () => {
    const hand = using('rect')
    hand.board.snap = { objects: false, grid: 20 }
    expect(made(hand.drag([13, 9], [77, 48]))).toMatchObject({ at: [20, 0], size: [60, 40] })
  })

  test('is as near at any zoom', () => {
    const hand = using('select', { a: box(0, 0), b: box(300, 200) })
    hand.board.snap = { objects: true, grid: undefined }
    hand.board.zoom = 4
    hand.down(300, 220).move(295, 25)
    expect(hand.board.preview.get('b')).toEqual({ at: [295, 5] })
  })
})

test('the image tool asks for pictures where it was clicked', () => {
  expect(effects(using('image').click(40, 50), 'pick-image')).toEqual([{ do: 'pick-image', at: { x: 40, y: 50 } }])
})
