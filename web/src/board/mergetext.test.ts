import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeText } from './mergetext'
import { MAX_TEXT } from './validate'

test.each([
  ['', 'Ann', 'Bob', 'Bob\nAnn'],
  ['Plan', 'Plan', 'Plan B', 'Plan B'],
  ['Plan', 'Plan A', 'Plan', 'Plan A'],
  ['Plan', 'Plan C', 'Plan C', 'Plan C'],
  ['Plan', 'Plan A', 'Plan B', 'Plan B\nPlan A'],
  ['Plan', 'Plan A', '', 'Plan A'],
  ['one\ntwo\nthree', 'ONE\ntwo\nthree', 'one\ntwo\nTHREE', 'ONE\ntwo\nTHREE'],
  ['one\ntwo\nthree', 'one\ntwo\nTHREE', 'ONE\ntwo\nthree', 'ONE\ntwo\nTHREE'],
  ['one', 'one more', 'one\ntheirs', 'one more\ntheirs'],
  ['one', 'one\nmine', 'one\ntheirs', 'one\ntheirs\nmine'],
  ['one\ntwo', 'mine\none\ntwo', 'one\ntwo\ntheirs', 'mine\none\ntwo\ntheirs'],
  ['one\ntwo\nthree', 'one\nthree', 'one\ntwo\nthree\nfour', 'one\nthree\nfour'],
])('%j, mine %j and theirs %j make %j', (base, mine, theirs, merged) => {
  expect(mergeText(base, mine, theirs)).toBe(merged)
})

test('a text that would be too long is mine', () => {
  const [mine, theirs] = ['a'.repeat(MAX_TEXT), 'b'.repeat(MAX_TEXT)]
  expect(mergeText('', mine, theirs)).toBe(mine)
})

test('no line is lost that either has written', () => {
  const text = fc.array(fc.constantFrom('', 'a', 'b', 'c', 'd'), { maxLength: 6 }).map((lines) => lines.join('\n'))
  fc.assert(
    fc.property(text, text, text, (base, mine, theirs) => {
      const merged = mergeText(base, mine, theirs).split('\n')
      const old = base.split('\n')
      const written = [mine, theirs].flatMap((one) => (one === '' ? [] : one.split('\n'))).filter((line) => !old.includes(line))
      for (const line of written) expect(merged).toContain(line)
    }),
  )
})
