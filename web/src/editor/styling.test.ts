import { expect, test } from 'vitest'
import { TABLES } from '../shapes/kinds'
import { Bench, box } from '../testing/desk'
import { biggerText, fillWith, pasteStyle, smallerText, styleOf } from './styling'

const board = () =>
  new Bench().put({
    a: box(0, 0, 10, 10, { color: 'red', fill: 'yellow', dash: 'dashed', text: 'hello', fontsize: 36 }),
    b: box(50, 0, 10, 10, { corners: 'round' }),
    l: { kind: 'line', at: [0, 0], size: [50, 50], z: 'a2' },
    t: { kind: 'text', at: [0, 0], size: [100, 25], z: 'a3', text: 'x' },
  })

test('a style is copied whole, what is absent too', () => {
  const bench = board().select('a')
  const style = styleOf(bench.desk)!
  expect(style).toMatchObject({ color: 'red', fill: 'yellow', width: 2, dash: 'dashed', corners: 'sharp', fontsize: 36, opacity: 1 })
  bench.select('b', 'l').act(pasteStyle(style))
  expect(bench.document.get('b')).toMatchObject({ color: 'red', fill: 'yellow', dash: 'dashed', corners: 'sharp' })
  expect(bench.document.get('l')).toMatchObject({ color: 'red', dash: 'dashed' })
  expect(bench.prop('l', 'corners')).toBeUndefined()
  expect(bench.document.get('b')!['text']).toBeUndefined()
})

test('every style property of every kind is accepted by that kind', () => {
  for (const kind of Object.keys(TABLES)) {
    const bench = new Bench().put({ s: { kind, at: [0, 0], z: 'a1', text: 'x' } }).select('s')
    for (const [prop, value] of Object.entries(styleOf(bench.desk)!)) expect(TABLES[kind]![prop]!(value), `${kind} ${prop}`).toBe(true)
  }
})

test('without words, the font is nobody’s style', () => {
  expect(styleOf(board().select('b').desk)).not.toHaveProperty('font')
})

test('the bucket fills what has an inside', () => {
  const bench = board().select('b', 'l')
  bench.act(fillWith('green'))
  expect([bench.prop('b', 'fill'), bench.prop('l', 'fill')]).toEqual(['green', undefined])
})

test('text grows and shrinks by steps; its box with it', () => {
  const bench = board().select('a', 'b', 't')
  bench.act(biggerText)
  expect([bench.prop('a', 'fontsize'), bench.prop('b', 'fontsize'), bench.prop('t', 'fontsize')]).toEqual([48, undefined, 24])
  const height = () => (bench.prop('t', 'size') as number[])[1]
  expect([bench.prop('t', 'at'), height()]).toEqual([[0, 0], 30])
  bench.act(smallerText)
  expect([bench.prop('a', 'fontsize'), height()]).toEqual([36, 25])
})
