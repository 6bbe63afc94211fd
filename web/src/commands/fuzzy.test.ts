import { expect, test } from 'vitest'
import { fits } from './fuzzy'

const NAMES = ['Align left', 'Align bottom', 'Bring to front', 'Bring forward', 'Flip horizontally', 'Select all', 'Rectangle', 'Ungroup', 'Group']

const best = (query: string) =>
  NAMES.map((name) => ({ name, score: fits(query, name) }))
    .filter(({ score }) => score !== undefined)
    .sort((a, b) => b.score! - a.score!)
    .map(({ name }) => name)

test.each([
  ['align', ['Align left', 'Align bottom']],
  ['front', ['Bring to front']],
  ['btf', ['Bring to front']],
  ['left al', ['Align left']],
  ['GROUP', ['Group', 'Ungroup']],
  ['réct', ['Rectangle']],
  ['xyz', []],
])('%s finds %j', (query, want) => {
  expect(best(query)).toEqual(want)
})

test('an empty query fits everything', () => {
  expect(best('')).toHaveLength(NAMES.length)
})
