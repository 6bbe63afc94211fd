import { describe, expect, test } from 'vitest'
import type { Patch, RecordId } from '../board/types'
import { Hand, ToolBoard } from '../testing/toolboard'
import { comment, type CommentState } from './comment'
import { begin, NO_HINT } from './tool'

const RECT: Patch = { kind: 'rect', at: [100, 100], size: [200, 100], fill: 'red' }

function using(records: { readonly [id: RecordId]: Patch } = {}): Hand {
  return new Hand(begin<CommentState>({ at: 'idle' }, comment), new ToolBoard(records))
}

const asked = ({ board }: Hand) => board.take().filter((effect) => effect.do === 'comment')

describe('the comment tool', () => {
  test('asks for words where it was clicked, on the plane', () => {
    expect(asked(using().click(40, 50))).toEqual([{ do: 'comment', at: { x: 40, y: 50 } }])
  })

  test('asks for words on the shape beneath', () => {
    expect(asked(using({ r: RECT }).click(120, 150))).toEqual([{ do: 'comment', at: { x: 120, y: 150 }, on: 'r' }])
  })

  test('takes the place where the pointer is let go', () => {
    expect(asked(using({ r: RECT }).drag([120, 150], [500, 500]))).toEqual([{ do: 'comment', at: { x: 500, y: 500 } }])
  })

  test('shows which shape it would be on', () => {
    const hand = using({ r: RECT }).hover(120, 150)
    expect(hand.board.hint).toEqual({ target: 'r' })
    hand.hover(500, 500)
    expect(hand.board.hint).toEqual(NO_HINT)
    hand.down(120, 150).move(130, 150)
    expect(hand.board.hint).toEqual({ target: 'r' })
    hand.up()
    expect(hand.board.hint).toEqual(NO_HINT)
  })

  test('without a pointer is at the corner of what was selected last, turned as that is', () => {
    const hand = using({ r: RECT, s: { ...RECT, rotation: Math.PI } })
    hand.board.selection = new Set(['r'])
    expect(asked(hand.finish())).toEqual([{ do: 'comment', at: { x: 300, y: 100 }, on: 'r' }])
    hand.board.selection = new Set(['r', 's'])
    expect(asked(hand.finish())).toMatchObject([{ at: { x: expect.closeTo(100), y: expect.closeTo(200) }, on: 's' }])
  })

  test('without a pointer and a selection is in the middle of the view, on what is there', () => {
    expect(asked(using().finish())).toEqual([{ do: 'comment', at: { x: 640, y: 400 } }])
    expect(asked(using({ r: { ...RECT, at: [600, 380] } }).finish())).toEqual([{ do: 'comment', at: { x: 640, y: 400 }, on: 'r' }])
  })

  test('given up asks for nothing', () => {
    const hand = using({ r: RECT }).down(120, 150).cancel().up()
    expect(asked(hand)).toEqual([])
    expect(hand.board.hint).toEqual(NO_HINT)
  })
})
