import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { screen } from '../geometry/point'
import { HOLD } from '../tools'
import { LONG_PRESS, Rest } from './rest'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function watched() {
  const seen: string[] = []
  return { seen, rest: new Rest({ hold: () => seen.push('hold'), longPress: () => seen.push('long press') }) }
}

test('a pointer holds once it has rested, however often it moved before', () => {
  const { seen, rest } = watched()
  rest.down(screen(0, 0), false)
  for (let x = 10; x <= 200; x += 10) {
    vi.advanceTimersByTime(50)
    rest.move(screen(x, 0))
  }
  vi.advanceTimersByTime(HOLD - 10)
  expect(seen).toEqual([])
  vi.advanceTimersByTime(20)
  expect(seen).toEqual(['hold'])
  vi.advanceTimersByTime(10 * HOLD)
  rest.move(screen(200, 50))
  vi.advanceTimersByTime(HOLD + 10)
  expect(seen).toEqual(['hold', 'hold'])
})

test('what trembles rests; what is up, or down again, begins anew', () => {
  const { seen, rest } = watched()
  rest.down(screen(0, 0), false)
  vi.advanceTimersByTime(HOLD / 2)
  rest.move(screen(3, 0))
  vi.advanceTimersByTime(HOLD / 2 + 10)
  expect(seen).toEqual(['hold'])
  rest.down(screen(0, 0), false)
  vi.advanceTimersByTime(HOLD / 2)
  rest.stop()
  vi.advanceTimersByTime(HOLD)
  expect(seen).toEqual(['hold'])
})

test('a finger that never moved asks for a menu', () => {
  const { seen, rest } = watched()
  rest.down(screen(0, 0), true)
  vi.advanceTimersByTime(LONG_PRESS)
  expect(seen).toEqual(['hold', 'long press'])
  rest.down(screen(0, 0), true)
  rest.move(screen(20, 0))
  vi.advanceTimersByTime(LONG_PRESS + HOLD)
  expect(seen).toEqual(['hold', 'long press', 'hold'])
})
