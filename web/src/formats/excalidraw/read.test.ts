import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Json, Patch } from '../../board/types'
import { isRecordId } from '../../board/validate'
import { kindOf, KINDS, TABLES } from '../../shapes/kinds'
import { MAX_FILE, MAX_SHAPES, type Fragment } from '../fragment'
import type { Element } from './fields'
import { TYPES } from './fields'
import { readExcalidraw, readScene } from '../../testing/excalidraw'
import { writeExcalidraw } from './write'

const css = (color: string) => (color.startsWith('#') ? color : '#123456')
const folder = new URL('../fixtures/excalidraw/', import.meta.url)

const file = (...elements: unknown[]) => JSON.stringify({ type: 'excalidraw', version: 2, elements })
const rectangle = { id: 'r', type: 'rectangle', x: 0, y: 0, width: 10, height: 10 }

function read(text: string): Fragment {
  const result = readExcalidraw(text, { css })
  if ('error' in result) throw result.error
  return result.ok
}

function write(shapes: readonly (readonly [string, Patch])[]): Element[] {
  return writeExcalidraw(shapes, { css, source: 'https://example.com' })['elements'] as Element[]
}

describe('what can not be read', () => {
  test.each([
    ['', 'malformed', 'file', undefined],
    ['[]', 'malformed', 'file', undefined],
    ['{"type":"tldraw"}', 'unknown', 'type', undefined],
    ['{"type":"excalidraw","version":3,"elements":[]}', 'version', 'version', 2],
    ['{"type":"excalidraw","elements":{}}', 'malformed', 'elements', undefined],
    ['{"type":"excalidrawlib","library":7}', 'malformed', 'libraryItems', undefined],
    [`{"type":"excalidraw","elements":[${'0,'.repeat(MAX_SHAPES)}0]}`, 'too_many', 'elements', MAX_SHAPES],
    [' '.repeat(MAX_FILE + 1), 'too_large', 'file', MAX_FILE],
  ])('%.40s', (text, code, field, limit) => {
    const result = readExcalidraw(text, { css })
    expect('error' in result && result.error).toMatchObject({ code, field, limit })
  })
})

test('what is deleted, unknown, doubled or empty is left out, and counted', () => {
  const fragment = read(
    file(
      { ...rectangle, id: 'gone', isDeleted: true },
      { ...rectangle, type: 'selection', id: 's' },
      { ...rectangle, type: 'hologram', id: 'h' },
      rectangle,
      { ...rectangle, x: 50 },
      { id: 't', type: 'text', x: 0, y: 0, width: 1, height: 1, text: ' ' },
      7,
    ),
  )
  expect(fragment.shapes.map(([id]) => id)).toEqual(['r'])
  expect(fragment.warnings).toEqual([{ code: 'skipped', n: 5 }])
})

test('a change of ours counts more than what was read', () => {
  const text = file({ ...rectangle, strokeColor: '#abc', opacity: 0, backgroundColor: '#11223344', seed: 7 })
  const [[id, record]] = read(text).shapes as [[string, Patch]]
  expect(write([[id, record]])[0]).toMatchObject({ strokeColor: '#abc', opacity: 0, backgroundColor: '#11223344', seed: 7 })
  const changed = { ...record, color: '#ff0000', opacity: 0.5, fill: null }
  expect(write([[id, changed]])[0]).toMatchObject({ strokeColor: '#ff0000', opacity: 50, backgroundColor: 'transparent', seed: 7 })
})

test('links that may not be followed are dropped for good', () => {
  for (const link of ['javascript:alert(1)', 'data:text/html,x', '/path-of-mine', ['arr'], `https://example.com/${'x'.repeat(3000)}`]) {
    const { shapes } = read(file({ ...rectangle, link }))
    expect(shapes[0]![1]['link']).toBeUndefined()
    expect(JSON.stringify(write(shapes))).not.toContain(String(link))
  }
})

test('more than meta holds is dropped, the largest first, and counted', () => {
  const fragment = read(file({ ...rectangle, seed: 5, customData: { big: 'é'.repeat(5000) } }))
  expect(fragment.warnings).toEqual([{ code: 'details-lost', n: 1 }])
  expect(write(fragment.shapes)[0]).toMatchObject({ seed: 5 })
})

test('a binding in the old way is where the end is, in the turned box', () => {
  const target = { ...rectangle, width: 100, height: 100, angle: Math.PI / 2 }
  const arrow = { id: 'a', type: 'arrow', x: 0, y: 0, width: 50, height: 50, points: [[0, 0], [50, 100]], endBinding: { elementId: 'r', focus: 0, gap: 1 } }
  const { shapes } = read(file(target, arrow))
  const { at, to, inside } = shapes[1]![1]['endbind'] as { at: number[]; to: string; inside: boolean }
  expect([to, inside]).toEqual(['r', false])
  expect(at[0]).toBeCloseTo(1)
  expect(at[1]).toBeCloseTo(0.5)
})

test('what is not there is not bound to', () => {
  const arrow = { id: 'a', type: 'arrow', x: 0, y: 0, width: 50, height: 50, points: [[0, 0], [50, 50]], endBinding: { elementId: 'no', fixedPoint: [0, 0] }, frameId: 'no' }
  const { shapes } = read(file(arrow))
  expect(shapes[0]![1]).not.toHaveProperty('endbind')
  expect(write(shapes)[0]).toMatchObject({ endBinding: null, frameId: null })
})

test('libraries of both versions come side by side', () => {
  const item = [rectangle, { ...rectangle, id: 'q', x: 5 }]
  for (const library of [
    { type: 'excalidrawlib', version: 1, library: [item, [{ ...rectangle, id: 'z', x: 900 }]] },
    { type: 'excalidrawlib', version: 2, libraryItems: [{ id: '1', status: 'published', elements: item }, { id: '2', elements: [{ ...rectangle, id: 'z' }] }] },
  ]) {
    const { shapes } = read(JSON.stringify(library))
    expect(shapes.map(([, { at }]) => at)).toEqual([[0, 0], [5, 0], [55, 0]])
  }
})

test('the clipboard goes both ways', () => {
  const scene = writeExcalidraw([['r', { kind: 'rect', at: [0, 0], size: [10, 20], z: 'a0' }]], { css, source: '', type: 'excalidraw/clipboard' })
  expect(scene).toMatchObject({ type: 'excalidraw/clipboard', elements: [{ type: 'rectangle', width: 10, height: 20 }] })
  expect(readScene(scene, { css }).shapes).toMatchObject([['r', { kind: 'rect', at: [0, 0], size: [10, 20] }]])
})

test('what Excalidraw has no word for comes back from our own files', () => {
  const shapes: [string, Patch][] = [
    ['note', { kind: 'note', at: [0, 0], size: [100, 100], fill: 'yellow', text: 'Remember', font: 'serif' }],
    ['hexa', { kind: 'polygon', at: [10, 20], size: [100, 80], sides: 5 }],
    ['mark', { kind: 'draw', at: [0, 0], p0: 'AAAACAg=', brush: 'highlighter' }],
    ['way', { kind: 'arrow', at: [0, 0], size: [100, 50], route: 'elbow', endhead: 'arrow' }],
    ['named', { kind: 'line', at: [0, 0], size: [100, 50], text: 'label' }],
  ]
  const scene = writeExcalidraw(shapes, { css, source: '' })
  const back = readScene(JSON.parse(JSON.stringify(scene)), { css })
  for (const [i, [id, record]] of shapes.entries()) {
    const [backId, { fill: _, ...props }] = back.shapes[i]! as [string, Patch]
    const { fill: __, p0: ___, at: [x, y] = [], size, ...rest } = record as Patch & { at: number[] }
    expect(backId).toBe(id)
    expect(props).toMatchObject(rest)
    expect((props['at'] as number[])[0]).toBeCloseTo(x!)
    expect((props['at'] as number[])[1]).toBeCloseTo(y!)
    if (size) expect((props['size'] as number[])[0]).toBeCloseTo((size as number[])[0]!)
  }
})

describe.each(KINDS.filter((kind) => kindOf({ kind })!.mirrors && !('asset' in TABLES[kind]!)))('a %s is a closed line there', (kind) => {
  const record: Patch = { kind, at: [10, -20.5], size: [140, 90], flip: [-1, 1], corners: 'round', rotation: 0.5, fill: 'red', z: 'a0', color: 'black', width: 2 }
  const written = (p: Patch) => writeExcalidraw([['s', p]], { css, source: '' })['elements'] as Element[]
  const back = (element: Element) => readScene({ type: 'excalidraw', elements: [element] }, { css }).shapes[0]![1]

  test('of few points, and comes back as it was', () => {
    const [element] = written(record)
    expect(element).toMatchObject({ type: 'line', polygon: true, angle: 0.5 })
    const points = element!['points'] as [number, number][]
    expect(points.length).toBeLessThan(80)
    expect(points.at(-1)).toEqual([0, 0])
    const { kind: _, at, size, flip, corners } = back(structuredClone(element!))
    expect([at, size, flip, corners, back(element!)['kind']]).toEqual([record['at'], record['size'], [-1, 1], 'round', kind])
  })

  test('and follows when it is moved and resized there', () => {
    const [element] = written({ ...record, rotation: 0 })
    const points = (element!['points'] as [number, number][]).map(([x, y]) => [2 * x, 3 * y])
    const { at, size } = back({ ...element!, x: Number(element!['x']) + 5, points, width: 280, height: 270 })
    const [larger] = written({ ...record, rotation: 0, size: [280, 270] })
    expect(size).toEqual([280, 270])
    expect((at as number[])[0]! + Number(larger!['x']) - 10).toBeCloseTo(Number(element!['x']) + 5, 5)
  })

  test('of no size if it has none', () => {
    const [element] = written({ ...record, size: [0, 50], rotation: 0 })
    expect(back(element!)).toMatchObject({ kind, at: [10, -20.5], size: [0, 50] })
  })
})

describe('whatever comes', () => {
  const fixtures = readdirSync(folder).filter((name) => name.endsWith('.excalidraw')).map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { elements: Element[] })
  const names = ['id', 'points', 'x', 'fileId', 'containerId', 'frameId', 'groupIds', 'startBinding', 'text', 'customData', 'crop', 'scale', 'angle', 'fontSize', 'link', '__proto__', 'constructor']
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom<Json>(1e999, -1e300, 'r', 'constructor', [[1, 2], [1e9]], { elementId: 'r', fixedPoint: [1e9, 'x'] }, '\ud800'))
  const random = fc.record({ type: fc.constantFrom<string>(...TYPES), id: fc.constantFrom('r', 's', 't', 'u'), x: fc.integer(), points: fc.array(fc.array(fc.double(), { maxLength: 3 })), text: fc.string() }, { requiredKeys: ['type'] })
  const broken = fc.tuple(fc.constantFrom(...fixtures.flatMap(({ elements }) => elements)), fc.dictionary(fc.constantFrom(...names), value)).map(([element, change]) => ({ ...element, ...change }))

  test('nothing is thrown, and what comes out is valid', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(random, broken, fc.jsonValue()), { maxLength: 12 }), (elements) => {
        const result = readExcalidraw(file(...elements), { css })
        if ('error' in result) throw result.error
        for (const [id, record] of result.ok.shapes) {
          expect(isRecordId(id)).toBe(true)
          const table = TABLES[String(record['kind'])]!
          for (const prop in record) if (!/^p\d+$/.test(prop)) expect([prop, table[prop]?.(record[prop]!)]).toEqual([prop, true])
        }
        write(result.ok.shapes)
      }),
      { numRuns: 150 },
    )
  }, 60_000)

  test('nothing is thrown by a text that is no file', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => 'error' in readExcalidraw(text, { css })))
  })
})
