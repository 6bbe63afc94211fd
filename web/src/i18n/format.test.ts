import { describe, expect, test } from 'vitest'
import { format } from './format'

describe('a text', () => {
  test.each([
    ['Hello {name}', { name: 'Ana' }, 'en', 'Hello Ana'],
    ['{n} of {m}', { n: 1234, m: 2 }, 'de', '1.234 of 2'],
    [{ one: '{n} shape', other: '{n} shapes' }, { n: 1 }, 'en', '1 shape'],
    [{ one: '{n} shape', other: '{n} shapes' }, { n: 0 }, 'en', '0 shapes'],
    [{ one: '{n} forme', other: '{n} formes' }, { n: 0 }, 'fr', '0 forme'],
    [{ few: '{n} few', other: '{n} other' }, { n: 3 }, 'ar', '3 few'],
    ['{missing}', {}, 'en', '{missing}'],
  ])('%j with %j in %s', (text, params, language, want) => {
    expect(format(text, params, language)).toBe(want)
  })
})
