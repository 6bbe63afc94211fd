import { beforeAll, describe as suite, expect, test } from 'vitest'
import type { Patch } from '../board/types'
import { en } from '../i18n/en/all'
import { format, lookup } from '../i18n/format'
import { outlineName, prepareNames } from '../i18n/outlines'
import type { Shape } from '../shapes'
import { describe, nameOf, targetOf, type Say } from './describe'

const say: Say = (key, params = {}) => outlineName(key, 'en') ?? format(lookup(en, key)!, params, 'en')

beforeAll(prepareNames)

function shape(id: string, props: Patch): Shape {
  return { id, z: 'a', box: { minX: 0, minY: 0, maxX: 1, maxY: 1 }, props } as unknown as Shape
}

const bind = (to: string) => ({ to, at: [0.5, 0.5], inside: false })
const board = [
  shape('api', { kind: 'rect', color: 'deepskyblue', text: ' API\n' }),
  shape('db', { kind: 'ellipse', color: '#aabbcc', fill: 'yellow', text: 'DB', frame: 'f', groups: ['g'], locked: true }),
  shape('link', { kind: 'arrow', color: 'black', startbind: bind('api'), endbind: bind('db') }),
  shape('loose', { kind: 'line', color: 'red', startbind: bind('gone') }),
  shape('f', { kind: 'frame', color: 'grey', name: 'Storage' }),
  shape('ink', { kind: 'draw', color: 'green', brush: 'highlighter' }),
  shape('pic', { kind: 'image', alt: 'A cat' }),
  shape('idea', { kind: 'cloud', color: 'black', fill: 'white' }),
  shape('long', { kind: 'text', color: 'black', text: 'word '.repeat(40) }),
]
const around = {
  get: (id: string) => board.find((one) => one.id === id),
  boundTo: (id: string) => board.filter(({ props }) => [targetOf(props['startbind']), targetOf(props['endbind'])].includes(id)),
}
const shapeOf = (id: string) => around.get(id)!

suite('a shape is described', () => {
  test.each([
    ['api', 'Rectangle, sky blue, text “API”, connected to Ellipse “DB”'],
    ['db', 'Ellipse, #aabbcc, filled yellow, text “DB”, connected to Rectangle “API”, in Frame “Storage”, in a group, locked'],
    ['link', 'Arrow, black, from Rectangle “API”, to Ellipse “DB”'],
    ['loose', 'Line, red'],
    ['f', 'Frame, grey, text “Storage”'],
    ['ink', 'Highlighter stroke, green'],
    ['pic', 'Image, text “A cat”'],
    ['idea', 'Cloud, black, filled white'],
  ])('%s as %s', (id, text) => {
    expect(describe(shapeOf(id), around, say)).toBe(text)
  })

  test('with no more than the beginning of a long text', () => {
    const text = describe(shapeOf('long'), around, say)
    expect(text.length).toBeLessThan(100)
    expect(text).toContain('word…')
  })

  test('by a name of its own', () => {
    expect(nameOf(shapeOf('api'), say)).toBe('Rectangle “API”')
    expect(nameOf(shapeOf('link'), say)).toBe('Arrow')
  })
})
