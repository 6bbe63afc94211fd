import { expect, test } from 'vitest'
import { resized } from './resize'

const rect = { kind: 'rect', at: [10, 10], size: [100, 40] }

test.each([
  [10, 0, { size: [110, 40] }],
  [0, -10, { size: [100, 30] }],
  [0, -500, { size: [100, 1] }],
])('a rectangle resized by %i, %i', (dx, dy, want) => {
  expect({ ...rect, ...resized(rect, dx, dy) }).toEqual({ ...rect, ...want })
})

test('a label keeps its room', () => {
  const labelled = { ...rect, text: 'label' }
  expect(resized(labelled, 0, -500)).toMatchObject({ at: [10, 10], size: [100, 39] })
})

test('a line keeps where it begins', () => {
  const line = { kind: 'line', at: [0, 0], size: [100, 50] }
  expect({ ...line, ...resized(line, 10, 0) }).toMatchObject({ at: [0, 0], size: [110, 50] })
})
