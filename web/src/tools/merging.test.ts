import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { sameJson } from '../board/history'
import type { Patch } from '../board/types'
import { arbitraryShape, propsOf, TYPICAL_KINDS, valueOf } from '../testing/shapes'
import { Hand, ToolBoard } from '../testing/toolboard'
import { prepare, take } from '.'
import { handlesOf, type Handle } from './handles'

beforeAll(prepare)

type Grip = Handle['name'] | 'inside'
const GRIPS: readonly Grip[] = ['inside', 'e', 'w', 's', 'n', 'se', 'rotate', 'point', 'middle', 'piece']

/** A hand that holds the shape by a grip, and has begun to pull; undefined if the shape has no such grip. */
function pulling(shape: Patch, grip: Grip): Hand | undefined {
  const hand = new Hand(take('select'), new ToolBoard({ a: shape }))
  hand.board.selection = new Set(['a'])
  const it = hand.board.get('a')!
  const { minX, minY, maxX, maxY } = it.box
  const middle = { x: (minX + maxX) / 2, y: (minY + maxY) / 2 }
  const at = grip === 'inside' ? middle : handlesOf([it], 1, 'mouse').find(({ name }) => name === grip)?.at
  if (!at) return undefined
  hand.down(at.x, at.y).move(at.x + 30, at.y + 23)
  return hand.tool.isBusy && hand.board.preview.has('a') ? hand : undefined
}

/** What somebody else does to the shape meanwhile. */
function meanwhile({ board }: Hand, patch: Patch): void {
  board.records.set('a', { ...board.records.get('a'), ...patch })
}

/** Shapes large enough to have all grips that the kind has, some of them turned. */
function shapesOf(kind: string): Patch[] {
  const plain = { startbind: null, endbind: null, locked: false, hidden: false, groups: [], at: [100, 100], size: [200, 140] }
  const own = Object.fromEntries(Object.entries(plain).filter(([prop]) => propsOf(kind).includes(prop)))
  const some = fc.sample(arbitraryShape(kind), { numRuns: 20, seed: 3 }).map((shape) => ({ ...shape, ...own }))
  return isLine(kind) ? [...some, { ...some[0], kind, rotation: 0, closed: false, bends: [], route: 'elbow' }] : some
}

describe.each(TYPICAL_KINDS)('a %s that one pulls and another changes', (kind) => {
  const shapes = shapesOf(kind)

  test.each(GRIPS)('by %s keeps every property that the pulling does not change', (grip) => {
    const some = shapes.filter((one) => pulling(one, grip)).slice(0, 6)
    expect(some.length > 0).toBe(hasGrip(kind, grip))
    for (const shape of some) {
      const alone = pulling(shape, grip)!.up().board.records.get('a')!
      for (const prop of propsOf(kind)) {
        const value = fc.sample(valueOf(kind, prop), { numRuns: 50, seed: 4 }).find((one) => !sameJson(one, shape[prop]))
        // What the pulling changes is the puller's; of `deleted` there is one value.
        if (value === undefined || !sameJson(alone[prop], shape[prop])) continue
        const hand = pulling(shape, grip)!
        meanwhile(hand, { [prop]: value })
        hand.up()
        expect(hand.board.records.get('a'), prop).toMatchObject({ [prop]: value })
      }
    }
  })
})

function hasGrip(kind: string, grip: Grip): boolean {
  if (grip === 'inside') return true
  if (['point', 'middle', 'piece'].includes(grip) || isLine(kind)) return ['point', 'middle', 'piece'].includes(grip) === isLine(kind)
  return !(kind === 'frame' && grip === 'rotate') && !(kind === 'text' && (grip === 'n' || grip === 's'))
}

function isLine(kind: string): boolean {
  return kind === 'line' || kind === 'arrow'
}

test('who moves and who makes larger both have their way', () => {
  const hand = pulling({ kind: 'rect', at: [100, 100], size: [200, 100] }, 'e')!
  meanwhile(hand, { at: [50, 60] })
  hand.up()
  expect(hand.board.records.get('a')).toMatchObject({ at: [50, 60], size: [230, 100] })
})

describe('a shape that goes while a hand is on its handle', () => {
  test.each(['e', 'point', 'middle'] as const)('is left alone, held by %s', (grip) => {
    const shape: Patch = { kind: grip === 'e' ? 'rect' : 'line', at: [100, 100], size: [200, 100] }
    const hand = new Hand(take('select'), new ToolBoard({ a: shape }))
    hand.board.selection = new Set(['a'])
    const { at } = handlesOf([hand.board.get('a')!], 1, 'mouse').find(({ name }) => name === grip)!
    hand.down(at.x, at.y)
    hand.board.records.delete('a')
    hand.board.selection = new Set()
    hand.move(at.x + 30, at.y + 20).up()
    expect(hand.tool.isBusy).toBe(false)
  })
})
