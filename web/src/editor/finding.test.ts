import { expect, test } from 'vitest'
import { Bench, box } from '../testing/desk'
import { find } from './finding'

const board = new Bench().put({
  low: box(0, 500, 10, 10, { text: 'Café au lait' }),
  right: box(300, 0, 10, 10, { text: 'two\nCAFÉS' }),
  left: box(0, 0, 10, 10, { text: 'the cafe' }),
  other: box(50, 0, 10, 10, { text: 'tea' }),
})

test('words are found whatever their case and accents, in reading order', () => {
  expect(find(board.shapes(), ' cafe')).toEqual(['left', 'right', 'low'])
  expect(find(board.shapes(), 'CAFÉ A')).toEqual(['low'])
})

test('nothing finds nothing', () => {
  expect(find(board.shapes(), '  ')).toEqual([])
  expect(find(board.shapes(), 'coffee')).toEqual([])
})
