import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Json, Patch } from '../../board/types'
import { isRecordId } from '../../board/validate'
import { encodeStroke, Points } from '../../geometry/points'
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
  const record: Patch = { kind, at: [10, -20.5], size: [140, 90], flip: [-1, 1], corners: 'round', rotation: 0.5, fill: 'red', z: 'a0', color: 'black', width: 2, groups: ['mine'] }
  const written = (p: Patch) => writeExcalidraw([['s', p]], { css, source: '' })['elements'] as Element[]
  const back = (elements: readonly Element[]) => readScene({ type: 'excalidraw', elements }, { css }).shapes
  /** As Excalidraw does with a group: everything stretched about a point. */
  const stretched = (elements: readonly Element[], sx: number, sy: number): Element[] =>
    elements.map((e) => {
      const [x, y, w, h] = ['x', 'y', 'width', 'height'].map((field) => Number(e[field])) as [number, number, number, number]
      if (e['type'] === 'text') return { ...e, x: sx * (x + w / 2) - w / 2, y: sy * (y + h / 2) - h / 2 }
      const points = (e['points'] as [number, number][]).map(([px, py]) => [sx * px, sy * py])
      return { ...e, x: x * sx, y: y * sy, width: w * Math.abs(sx), height: h * Math.abs(sy), points }
    })

  test('of few points, and comes back as it was', () => {
    const elements = written(record)
    expect(elements[0]).toMatchObject({ type: 'line', polygon: true, angle: 0.5 })
    const points = elements[0]!['points'] as [number, number][]
    expect(points.length).toBeLessThan(80)
    expect(points.at(-1)).toEqual([0, 0])
    const [[id, p], ...others] = back(structuredClone(elements)) as [[string, Patch]]
    expect([id, p, others]).toMatchObject(['s', { kind, at: record['at'], size: record['size'], flip: [-1, 1], corners: 'round', groups: ['mine'] }, []])
  })

  test('with its words, in one group; all of it follows when it is moved, stretched and mirrored there', () => {
    const labelled = { ...record, rotation: 0, text: 'in it' }
    const elements = written(labelled)
    const groups = new Set(elements.map(({ groupIds }) => JSON.stringify(groupIds)))
    expect([...groups]).toEqual(['["s-parts","mine"]'])
    expect(elements.at(-1)).toMatchObject({ type: 'text', containerId: null })
    const [[, p], ...others] = back(stretched(elements, -2, 3)) as [[string, Patch]]
    expect(others).toEqual([])
    const { flip = [1, 1], at, size, groups: kept, ...rest } = p
    expect({ at, size, groups: kept, ...rest }).toMatchObject({ kind, at: [-300, -61.5], size: [280, 270], text: 'in it', groups: ['mine'] })
    // One that looks the same in the mirror may be said in two ways.
    const [first] = written({ ...labelled, at: at!, size: size!, flip })
    expect(first!['points']).toEqual(written({ ...labelled, at: at!, size: size!, flip: [1, 1] })[0]!['points'])
  })

  test('is a line when its outline was changed there, with all else as it is seen', () => {
    const elements = written({ ...record, text: 'in it' })
    const [outline, ...others] = elements as [Element]
    const points = structuredClone(outline['points']) as [number, number][]
    points[1]![0] += 40
    points[1]![1] -= 25
    const shapes = back([{ ...outline, points }, ...others])
    expect(shapes.map(([, p]) => p['kind'])).toEqual(['line', ...others.map(({ type }) => type)])
    expect(shapes[0]![1]).toMatchObject({ closed: true })
    expect(shapes[0]![1]).not.toHaveProperty('text')
  })

  test('copied there, is two', () => {
    const elements = written({ ...record, text: 'in it' })
    const copies = elements.map((e): Element => ({ ...e, id: `${String(e['id'])}2`, groupIds: ['g2', 'mine2'], x: Number(e['x']) + 500 }))
    expect(back([...elements, ...copies]).map(([id, p]) => [id, p['kind'], p['text'], p['groups']])).toEqual([['s', kind, 'in it', ['mine']], ['s2', kind, 'in it', ['mine2']]])
  })

  test('of no size if it has none', () => {
    expect(back(written({ ...record, size: [0, 50], rotation: 0 }))).toMatchObject([['s', { kind, at: [10, -20.5], size: [0, 50] }]])
  })
})

describe('a cylinder', () => {
  const record: Patch = { kind: 'cylinder', at: [0, 0], size: [100, 120], z: 'a0', color: 'black', text: 'Data' }
  const elements = write([['s', record]])
  const back = (elements: readonly Element[]) => readScene({ type: 'excalidraw', elements }, { css }).shapes.map(([, p]) => [p['kind'], p['text']])
  const [outline, rim, label] = elements as [Element, Element, Element]

  test('has its rim there', () => {
    expect(elements.map(({ type }) => type)).toEqual(['line', 'line', 'text'])
    expect(rim['y']).toBeCloseTo(14.4)
    expect(rim).toMatchObject({ x: 0, width: 100, backgroundColor: 'transparent', polygon: false })
    expect(back(elements)).toEqual([['cylinder', 'Data']])
  })

  test.each<[what: string, elements: Element[], shapes: unknown]>([
    ['without its rim it is a line', [outline, label], [['line', undefined], ['text', 'Data']]],
    ['a rim that was moved is a line', [outline, { ...rim, y: 60 }, label], [['line', undefined], ['line', undefined], ['text', 'Data']]],
    ['a rim in another colour is a line', [outline, { ...rim, strokeColor: '#ff0000' }, label], [['line', undefined], ['line', undefined], ['text', 'Data']]],
    ['a rim that is turned is a line', [outline, { ...rim, angle: 1 }, label], [['line', undefined], ['line', undefined], ['text', 'Data']]],
    ['without its words it has none', [outline, rim], [['cylinder', undefined]]],
    ['words are changed', [outline, rim, { ...label, text: 'More', originalText: 'More' }], [['cylinder', 'More']]],
    ['words that were moved out are a text', [outline, rim, { ...label, y: 300 }], [['cylinder', undefined], ['text', 'Data']]],
    ['parts without their outline are themselves', [rim, label], [['line', undefined], ['text', 'Data']]],
    ['files of earlier versions have no parts', [{ ...outline, customData: { easel: { kind: 'cylinder' } } }, { ...label, containerId: 's', customData: {} }], [['cylinder', 'Data']]],
  ])('%s', (_, elements, shapes) => expect(back(elements)).toEqual(shapes))

  test('a shape that was drawn into its group stays in it', () => {
    const { shapes } = readScene({ type: 'excalidraw', elements: [...elements, { ...rectangle, groupIds: ['s-parts'] }] }, { css })
    expect(shapes).toMatchObject([['s', { kind: 'cylinder', text: 'Data', groups: ['s-parts'] }], ['r', { groups: ['s-parts'] }]])
  })
})

describe('words', () => {
  test('have their lines as they are drawn, and all of them', () => {
    const text = '\nwords that do not fit on one line\n\n'
    const shapes: [string, Patch][] = [
      ['box', { kind: 'rect', at: [0, 0], size: [120, 200], text }],
      ['free', { kind: 'text', at: [0, 0], size: [120, 20], text, wrap: true }],
      ['star', { kind: 'star', at: [0, 0], size: [200, 200], text, fontsize: 10 }],
    ]
    const elements = write(shapes).filter(({ type }) => type === 'text')
    expect(elements.map(({ originalText }) => originalText)).toEqual([text, text, text])
    for (const element of elements) {
      const lines = (element['text'] as string).split('\n')
      expect([lines[0], ...lines.slice(-2)]).toEqual(['', '', ''])
      expect(lines.length).toBeGreaterThan(4)
      expect(lines.join(' ').trim()).toBe(text.trim())
    }
    expect(elements.map(({ autoResize }) => autoResize)).toEqual([true, false, false])
    expect(read(file(...write(shapes))).shapes.map(([, p]) => p['text'])).toEqual([text, text, text])
  })

  test('stand where Excalidraw would write them, in what is turned too', () => {
    const at = (p: Patch) => {
      const { x, y, width, height } = write([['s', { at: [0, 0], size: [200, 100], text: 'word', ...p }]]).at(-1) as { [field: string]: number }
      return [x! + width! / 2, y! + height! / 2]
    }
    expect(at({ kind: 'rect' })).toEqual([100, 50])
    expect(at({ kind: 'rect', valign: 'top' })[1]).toBe(5 + 12.5)
    expect(at({ kind: 'diamond', valign: 'top' })[1]).toBe(25 + 5 + 12.5)
    expect(at({ kind: 'ellipse', valign: 'bottom' })[1]).toBeCloseTo(50 + 50 * Math.SQRT1_2 - 5 - 12.5)
    const [x, y] = at({ kind: 'rect', valign: 'top', rotation: Math.PI / 2 }) as [number, number]
    expect(x).toBeCloseTo(100 + 50 - 17.5)
    expect(y).toBeCloseTo(50)
  })
})

test('a note is paper there, in its colour', () => {
  const named = (color: string) => (color === 'pink paper' ? '#f0d0e0' : css(color))
  const notes = (p: Patch) => writeExcalidraw([['n', { kind: 'note', at: [0, 0], size: [100, 20], text: 'one two three four five six', ...p }]], { css: named, source: '' })['elements'] as Element[]
  const [paper, text] = notes({ fill: 'pink' }) as [Element, Element]
  expect(paper).toMatchObject({ type: 'rectangle', backgroundColor: '#f0d0e0', strokeColor: 'transparent' })
  expect(paper['height']).toBeGreaterThan(20)
  expect(text['strokeColor']).toBe('#1e1e1e')
  const back = (e: Element) => readScene({ type: 'excalidraw', elements: [e, text] }, { css: named }).shapes[0]![1]
  const { textcolor, ...note } = back(paper)
  expect([note, textcolor]).toMatchObject([{ kind: 'note', fill: 'pink', color: 'black' }, undefined])
  expect(back({ ...paper, backgroundColor: '#00ff00' })).toMatchObject({ kind: 'note', fill: '#00ff00' })
})

test('a colour of our palette is known again', () => {
  const named = (color: string) => ({ red: '#e5383b', teal: '#12908e' })[color] ?? css(color)
  const { shapes } = readScene({ type: 'excalidraw', elements: [{ ...rectangle, strokeColor: '#E5383B', backgroundColor: '#12908e' }] }, { css: named })
  expect(shapes[0]![1]).toMatchObject({ color: 'red', fill: 'teal' })
  expect((writeExcalidraw(shapes, { css: named, source: '' })['elements'] as Element[])[0]).toMatchObject({ strokeColor: '#E5383B', backgroundColor: '#12908e' })
})

test('a dot has a length there, for what has none is no stroke', () => {
  const dotted = new Points(false)
  dotted.add({ x: 0, y: 0, pressure: 0.5 })
  const [dot] = write([['d', { kind: 'draw', at: [5, 5], ...encodeStroke(dotted) }]])
  expect(dot!['points']).toEqual([[0, 0], [0.0001, 0.0001]])
})

test('an elbow whose corners were placed keeps them there', () => {
  const way: Patch = { kind: 'arrow', at: [0, 0], size: [100, 60], route: 'elbow', bends: [[40, 0], [40, 20], [70, 20], [70, 60]], endhead: 'arrow' }
  expect(write([['w', way]])[0]).toMatchObject({
    points: [[0, 0], [40, 0], [40, 20], [70, 20], [70, 60], [100, 60]],
    fixedSegments: [{ index: 2, start: [40, 0], end: [40, 20] }, { index: 3, start: [40, 20], end: [70, 20] }, { index: 4, start: [70, 20], end: [70, 60] }],
  })
  // Places that it comes by are no corners: these are where it goes.
  const by: Patch = { ...way, bends: [[50, 30]], via: [[0, 30], [100, 30]] }
  expect(write([['w', by]])[0]).toMatchObject({ points: [[0, 0], [0, 30], [100, 30], [100, 60]], fixedSegments: [{ index: 2, start: [0, 30], end: [100, 30] }] })
})

test('ink that is filled is a loop there', () => {
  const ink = new Points(false)
  for (const [x, y] of [[0, 0], [80, 0], [80, 80]] as const) ink.add({ x, y, pressure: 0.5 })
  const points = (p: Patch) => (write([['i', { kind: 'draw', at: [0, 0], closed: true, ...p, ...encodeStroke(ink) }]])[0]!['points'] as unknown[]).length
  expect([points({}), points({ fill: 'red' })]).toEqual([3, 4])
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
