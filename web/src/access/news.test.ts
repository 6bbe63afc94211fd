import { describe, expect, test } from 'vitest'
import type { Patch } from '../board/types'
import { en } from '../i18n/en/all'
import { format, lookup } from '../i18n/format'
import type { Say } from './describe'
import { News } from './news'

const say: Say = (key, params = {}) => format(lookup(en, key)!, params, 'en')
const rect: Patch = { kind: 'rect', at: [0, 0], size: [1, 1], color: 'red' }

function after(...changes: [id: string, before: Patch | undefined, after: Patch | undefined][]): News {
  const news = new News()
  for (const [id, before, after] of changes) news.take([{ id, before, after }])
  return news
}

describe('what happened', () => {
  test.each([
    [[['a', undefined, rect], ['b', undefined, rect]], '2 shapes added'],
    [[['a', rect, { ...rect, deleted: true }]], '1 shape deleted'],
    [[['a', { ...rect, deleted: true }, rect]], '1 shape added'],
    [[['a', rect, { ...rect, at: [5, 5] }]], '1 shape moved'],
    [[['a', rect, { ...rect, at: [5, 5], size: [2, 2] }]], '1 shape resized'],
    [[['a', rect, { ...rect, color: 'blue' }]], '1 shape changed'],
    [[['a', undefined, rect], ['a', rect, { ...rect, at: [5, 5] }]], '1 shape added'],
    [[['a', undefined, rect], ['a', rect, { ...rect, deleted: true }]], ''],
    [[['line', undefined, { kind: 'chat', text: 'hi' }]], ''],
  ] as const)('%j is "%s"', (changes, text) => {
    const news = after(...(changes as unknown as Parameters<typeof after>))
    expect(news.own(say)).toBe(text)
    expect(news.isEmpty).toBe(text === '')
  })

  test('is told with the name of who did it', () => {
    const news = after(['a', undefined, rect], ['b', rect, { ...rect, at: [3, 3] }], ['c', rect, { ...rect, deleted: true }])
    expect(news.of('Ana', say)).toBe('Ana added 1 shape, Ana deleted 1 shape, Ana changed 1 shape')
  })
})
