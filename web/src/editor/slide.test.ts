import { expect, test } from 'vitest'
import type { Patch } from '../board/types'
import { Slide } from './slide'

/** A hand over a board of so many shapes, with frames that come when the test says so. */
function hand(shapes: number) {
  const did: [string, Patch][] = []
  let waiting: ((now: number) => void) | undefined
  const slide = new Slide({
    preview: (change) => (did.push(['preview', change]), shapes),
    commit: (change) => did.push(['commit', change]),
    frame: (fn) => {
      waiting = fn
      return () => (waiting = undefined)
    },
  })
  const tick = (now: number) => {
    const fn = waiting
    waiting = undefined
    fn?.(now)
  }
  return { slide, did, tick }
}

test('is shown once a frame and made once in the end', () => {
  const { slide, did, tick } = hand(10)
  for (let width = 1; width <= 40; width++) {
    slide.move({ width })
    if (width % 10 === 0) tick(width)
  }
  slide.end({ width: 41 })
  tick(50)
  expect(did).toEqual([...[10, 20, 30, 40].map((width) => ['preview', { width }]), ['commit', { width: 41 }]])
  expect(slide.pending).toBeUndefined()
})

test('of very many shapes is shown less often, but does end with the newest', () => {
  const { slide, did, tick } = hand(5000)
  for (let now = 0; now <= 320; now += 16) {
    slide.move({ opacity: now })
    tick(now)
  }
  expect(did.map(([, { opacity }]) => opacity)).toEqual([0, 160, 320])
  slide.end()
  expect(did.at(-1)).toEqual(['commit', { opacity: 320 }])
})

test('without a move makes what it ends with, and nothing of nothing', () => {
  const { slide, did } = hand(1)
  slide.end({ color: 'red' })
  slide.end()
  expect(did).toEqual([['commit', { color: 'red' }]])
})
