import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Patch } from '../board/types'
import { seededRandom } from '../testing/random'
import { readBoard, writeBoard } from './boardfile'
import { fromHtml, readClipboard, textsOf, toHtml, writeClipboard } from './clipboard'
import { sceneInPng, sceneInSvg } from './excalidraw/embedded'
import type { Fragment } from './fragment'
import { place } from './place'
import { textFragment, WRAP_AT } from './textshape'

const bytes = new Uint8Array([1, 2, 3])
const hash = createHash('sha256').update(bytes).digest('hex')
const records: [string, Patch][] = [
  ['board', { title: 'Plan', paper: '#fffce8', background: { asset: hash, at: [0, 0], size: [10, 10] } }],
  ['layer1', { kind: 'layer', name: 'Ink', z: 'a1', hidden: false, locked: false }],
  ['top', { kind: 'rect', at: [0, 0], size: [10, 10], z: 'a0', layer: 'layer1' }],
  ['under', { kind: 'image', at: [5, 5], size: [10, 10], z: 'a5', asset: hash }],
  ['long', { kind: 'draw', at: [0, 0], z: 'a6', ...Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`p${i}`, 'AAAA'.repeat(300)])) }],
  ['gone', { kind: 'rect', at: [0, 0], size: [1, 1], z: 'a1', deleted: true }],
  ['thread', { kind: 'thread', at: [1, 2], bind: { to: 'top', at: [0.5, 1], inside: true }, resolved: true }],
  ['c1', { kind: 'comment', thread: 'thread', text: 'Here?', user: 'u1', name: 'Ann', time: 5 }],
  ['c2', { kind: 'comment', thread: 'thread', text: 'There.', user: 'u2', name: 'Ben', time: 6 }],
  ['lost', { kind: 'thread', at: [1, 2], bind: { to: 'gone', at: [1, 1], inside: true } }],
  ['c3', { kind: 'comment', thread: 'lost', text: 'Gone?', user: 'u2', name: 'Ben', by: 'Cy', time: 7 }],
  ['talk', { kind: 'chat', text: 'hello', user: 'u', name: 'U', time: 1 }],
]
const written = () =>
  [...writeBoard({ board: 'b'.repeat(12), user: { id: 'u1', name: 'Ann' }, actor: 'actor00001', now: 1_700_000_000_000, records, assets: new Map([[hash, { type: 'image/png', bytes }]]) })].join('')

function ok<T>(result: { ok: T } | { error: Error }): T {
  if ('error' in result) throw result.error
  return result.ok
}

describe('a board file', () => {
  test('comes back: shapes in order, layers, paper, background and pictures', () => {
    const fragment = ok(readBoard(written()))
    expect(fragment).toMatchObject({ title: 'Plan', paper: '#fffce8', warnings: [] })
    expect(fragment.shapes.map(([id]) => id)).toEqual(['under', 'long', 'top'])
    expect(Object.fromEntries(fragment.shapes)).toMatchObject(Object.fromEntries(records.filter(([id]) => ['top', 'under', 'long'].includes(id))))
    expect(fragment.layers).toEqual([records[1]])
    expect(fragment.talk).toMatchObject([
      { at: { x: 5, y: 10 }, on: { to: 'top' }, isResolved: true, comments: [{ text: 'Here?', user: 'u1' }, { text: 'There.', user: 'u2' }] },
      { at: { x: 1, y: 1 }, on: undefined, comments: [{ text: 'Gone?', by: 'Cy' }] },
    ])
    expect(fragment.files).toEqual([{ type: 'image/png', bytes, shapes: ['under', 'board'] }])
  })

  test('has batches that the server would take, with rising stamps', () => {
    const entries = written().split('\n').filter((line) => line.includes('"entry"')).map((line) => (JSON.parse(line) as { entry: { n: number; q: number; ops: [string, string, Patch][] } }).entry)
    expect(entries.length).toBeGreaterThan(1)
    const times = entries.flatMap(({ ops }) => ops.map(([time]) => time))
    expect([...times].sort()).toEqual(times)
    expect(new Set(times).size).toBe(times.length)
    entries.forEach(({ n, q, ops }, i) => {
      expect([n, q]).toEqual([i + 1, i + 1])
      expect(JSON.stringify(ops).length).toBeLessThan(64 << 10)
    })
  })

  test.each([
    ['', 'malformed', 'line 1'],
    ['{"format":"other"}', 'unknown', 'format'],
    ['{"format":"easel-board","version":2}', 'version', 'version'],
    ['{"format":"easel-board","version":1}\nnonsense', 'malformed', 'line 2'],
    ['{"format":"easel-board","version":1}\n{"entry":{"c":"actor00001","ops":[[1,2,3]]}}', 'malformed', 'line 2: ops'],
  ])('%s is refused', (text, code, field) => {
    const result = readBoard(text)
    expect('error' in result && result.error).toMatchObject({ code, field })
  })
})

describe('the clipboard', () => {
  const shapes: [string, Patch][] = [['a', { kind: 'rect', at: [0, 0], size: [10, 10], z: 'a0', text: 'one <b>', via: [[1, 1]] }], ['b', { kind: 'text', at: [0, 0], size: [10, 10], text: 'two' }]]

  test('carries shapes as JSON, also in HTML beside their words', () => {
    const json = writeClipboard(shapes)
    const html = toHtml(json, textsOf(shapes))
    expect(html).toContain('one &#60;b&#62;<br><br>two')
    expect(ok(readClipboard(fromHtml(html)!)).shapes).toEqual([['a', { kind: 'rect', at: [0, 0], size: [10, 10], text: 'one <b>' }], shapes[1]])
  })

  test('nothing is thrown by what else is on it', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => 'error' in readClipboard(text)))
    fc.assert(fc.property(fc.array(fc.tuple(fc.string(), fc.jsonValue())), (shapes) => 'ok' in readClipboard(JSON.stringify({ type: 'easel/clipboard', version: 1, shapes }))))
    expect(fromHtml('<p data-easel="%"')).toBeUndefined()
  })
})

describe('what comes to a board', () => {
  const fragment: Fragment = {
    shapes: [
      ['box', { kind: 'rect', at: [100, 100], size: [100, 100], groups: ['g', 'h'] }],
      ['arrow', { kind: 'arrow', at: [100, 300], size: [100, -100], startbind: { to: 'box', at: [0.5, 1], inside: false }, endbind: { to: 'elsewhere', at: [0, 0], inside: false }, groups: ['g', 'h'] }],
      ['frame', { kind: 'frame', at: [0, 0], size: [300, 400] }],
      ['child', { kind: 'ellipse', at: [10, 10], size: [10, 10], frame: 'frame' }],
    ],
    files: [],
    warnings: [],
  }
  const board = { taken: () => false, topKey: 'a5', random: seededRandom(1) }

  test('stays itself where there is room', () => {
    const { edits } = place(fragment, board)
    expect(edits.map(([id]) => id)).toEqual(['box', 'arrow', 'frame', 'child'])
    const keys = edits.map(([, { z }]) => z as string)
    expect([...keys].sort()).toEqual(keys)
    expect(keys[0]! > 'a5').toBe(true)
    expect(edits[1]![1]).toMatchObject({ startbind: { to: 'box' }, endbind: null })
  })

  test('gets new ids where theirs are taken, bound and grouped among itself', () => {
    const { edits, ids } = place(fragment, { ...board, fresh: true })
    const [[box, first], [, arrow], [frame], [, child]] = edits as [[string, Patch], [string, Patch], [string, Patch], [string, Patch]]
    expect(new Set([box, 'box']).size).toBe(2)
    expect(ids.get('box')).toBe(box)
    expect(arrow).toMatchObject({ startbind: { to: box, at: [0.5, 1] }, groups: first['groups'] })
    expect(first['groups']).not.toContain('g')
    expect(child).toMatchObject({ frame })
  })

  test('has its middle where it is put, and is in the frame that is there', () => {
    const { edits } = place(fragment, { ...board, at: { x: 1000, y: 1000 }, frame: 'host' })
    expect(edits[0]![1]).toMatchObject({ at: [950, 900], frame: 'host' })
    expect(edits[2]![1]['frame']).toBeUndefined()
    expect(edits[3]![1]).toMatchObject({ frame: 'frame' })
  })
})

describe('text', () => {
  const measure = ({ text }: Patch) => ({ width: 10 * (text as string).length, height: 25 })

  test('becomes a shape, broken when it is long', () => {
    expect(textFragment('Hello \r\n', measure).shapes[0]![1]).toMatchObject({ kind: 'text', text: 'Hello', size: [50, 25] })
    const long = textFragment('x'.repeat(100), measure).shapes[0]![1]
    expect(long).toMatchObject({ wrap: true, size: [WRAP_AT, 25] })
    expect(textFragment('  \n ', measure).shapes).toEqual([])
    expect(textFragment('x'.repeat(20_000), measure).warnings).toEqual([{ code: 'shortened', n: 1 }])
  })

  test('that is an address leads there', () => {
    expect(textFragment(' https://example.com/a \n', measure).shapes[0]![1]).toMatchObject({ text: 'https://example.com/a', link: 'https://example.com/a' })
    expect(textFragment('javascript:alert(1)', measure).shapes[0]![1]['link']).toBeUndefined()
    expect(textFragment('see https://example.com/a', measure).shapes[0]![1]['link']).toBeUndefined()
  })
})

describe('pictures of Excalidraw hide their scenes', () => {
  const scene = '{"type":"excalidraw","version":2,"elements":[],"x":"é漢"}'
  const compressed = deflateSync(Buffer.from(scene)).toString('latin1')
  const payload = JSON.stringify({ version: '1', encoding: 'bstring', compressed: true, encoded: compressed })

  test('in PNG', async () => {
    const data = Buffer.concat([Buffer.from('tEXtapplication/vnd.excalidraw+json\0', 'latin1'), Buffer.from(payload, 'latin1')])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length - 4)
    const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), length, data, Buffer.alloc(4), Buffer.from('\0\0\0\0IEND\0\0\0\0', 'latin1')])
    expect(ok(await sceneInPng(new Uint8Array(png)))).toBe(scene)
    expect(ok(await sceneInPng(new Uint8Array(png.subarray(0, 8))))).toBeUndefined()
    expect('error' in (await sceneInPng(new Uint8Array(png.subarray(0, png.length - 40))))).toBe(true)
  })

  test('in SVG', async () => {
    const base64 = Buffer.from(payload, 'latin1').toString('base64')
    const svg = `<svg><metadata><!-- payload-type:application/vnd.excalidraw+json --><!-- payload-version:2 --><!-- payload-start -->${base64}<!-- payload-end --></metadata></svg>`
    expect(ok(await sceneInSvg(svg))).toBe(scene)
    expect(ok(await sceneInSvg('<svg/>'))).toBeUndefined()
    expect('error' in (await sceneInSvg(svg.replace(base64, '!!!')))).toBe(true)
  })
})
