import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { screen } from '../geometry/point'
import { PINCH_BEFORE, PINCH_WITHIN, touch, type TouchEffect, type TouchInput, type TouchState } from './touch'

const input = (type: TouchInput['type'], id: number, x: number, time: number): TouchInput => ({ type, id, on: screen(x, 0), time })

function play(...inputs: TouchInput[]): { state: TouchState; effects: TouchEffect[] } {
  let state: TouchState = { at: 'idle' }
  const effects: TouchEffect[] = []
  for (const one of inputs) {
    const [next, more] = touch(state, one)
    state = next
    effects.push(...more)
  }
  return { state, effects }
}

const told = (effects: readonly TouchEffect[]) => effects.map((effect) => (effect.do === 'tool' ? effect.type : effect.do))

describe('fingers', () => {
  test('one draws', () => {
    const { effects } = play(input('down', 1, 0, 0), input('move', 1, 50, 10), input('up', 1, 50, 20))
    expect(told(effects)).toEqual(['down', 'move', 'up'])
  })

  test.each([
    ['soon', 100, PINCH_WITHIN],
    ['late, but the first has hardly moved', PINCH_BEFORE - 1, 2000],
  ])('a second one that comes %s takes the stroke back and pinches', (_, moved, time) => {
    const { effects, state } = play(
      input('down', 1, 0, 0),
      input('move', 1, moved, 50),
      input('down', 2, 200, time),
      input('move', 2, 300, time + 10),
    )
    expect(told(effects)).toEqual(['down', 'move', 'cancel', 'pinch'])
    expect(state.at).toBe('pinching')
  })

  test('a hand that comes to rest during a stroke does nothing', () => {
    const { effects } = play(
      input('down', 1, 0, 0),
      input('move', 1, 100, 150),
      input('down', 2, 300, PINCH_WITHIN + 1),
      input('move', 1, 120, 300),
      input('up', 2, 300, 310),
      input('up', 1, 120, 320),
    )
    expect(told(effects)).toEqual(['down', 'move', 'move', 'up'])
  })

  test('the one left after a pinch draws nothing until it is lifted', () => {
    const { effects, state } = play(
      input('down', 1, 0, 0),
      input('down', 2, 100, 10),
      input('up', 1, 0, 20),
      input('move', 2, 150, 30),
      input('up', 2, 150, 40),
    )
    expect(told(effects)).toEqual(['down', 'cancel'])
    expect(state.at).toBe('idle')
  })

  test('a cancelled touch gives up the stroke', () => {
    expect(told(play(input('down', 1, 0, 0), input('cancel', 1, 0, 5)).effects)).toEqual(['down', 'cancel'])
  })

  test('however they come and go, the tool hears of a gesture as down, moves, and one end', () => {
    const event = fc.record({
      type: fc.constantFrom<TouchInput['type']>('down', 'move', 'up', 'cancel'),
      id: fc.integer({ min: 1, max: 3 }),
      x: fc.integer({ min: 0, max: 400 }),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const { effects } = play(...events.map(({ type, id, x }, i) => input(type, id, x, i * 60)))
        const heard = told(effects.filter((effect) => effect.do === 'tool')).join(' ')
        expect(heard).toMatch(/^(down( move)* (up|cancel) ?)*(down( move)*)?$/)
      }),
    )
  })
})
