import { readFileSync } from 'node:fs'
import { inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { Path, type FontName, type Picture } from '../../shapes/picture'
import type { Drawn } from '../drawn'
import { join } from '../png'
import { writePdf, type PdfImage, type PdfOptions } from './pdf'
import { TrueType } from './truetype'

const ttf = (name: string) => new Uint8Array(readFileSync(new URL(`../../../../whiteboard/draw/fonts/${name}.ttf`, import.meta.url)))
const fonts = new Map<FontName, Uint8Array>([['hand', ttf('hand')]])
const css = (color: string) => ({ black: '#1e1f24', red: 'rgb(255 0 0)' })[color] ?? color

const box = { minX: 0, minY: 0, maxX: 200, maxY: 100 }
const drawn = (picture: Picture, more: Partial<Drawn> = {}): Drawn => ({ picture, opacity: 1, rotation: 0, centre: { x: 100, y: 50 }, box, ...more })
const words = (text: string): Picture => [{ do: 'text', text, x: 10, y: 30, font: 'hand', size: 20, color: 'black', width: 100 }]
const square: Picture = [{ do: 'path', path: new Path().polyline([{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 10, y: 10 }] as never, true), fill: 'red', stroke: { color: 'black', width: 2, dash: [4, 2], cap: 'round', join: 'miter' }, alpha: 0.5 }]

const options = (o: Partial<PdfOptions> = {}): PdfOptions => ({ pages: [{ box }], css, fonts, images: new Map(), title: 'Ärger', ...o })

/** The file as a reader takes it apart: its objects, checked against the table of where they are. */
async function parse(shapes: Drawn[], o: PdfOptions): Promise<{ text: string; streams: string[]; raw: Uint8Array[]; objects: Map<number, string> }> {
  const bytes = join(await writePdf(shapes, o))
  const text = Buffer.from(bytes).toString('latin1')
  expect(text.startsWith('%PDF-1.7\n')).toBe(true)
  const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)![1])
  expect(text.slice(table, table + 5)).toBe('xref\n')
  const offsets = [...text.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)].map(([, offset]) => Number(offset))
  const objects = new Map<number, string>()
  const raw: Uint8Array[] = []
  offsets.forEach((offset, i) => {
    expect(text.slice(offset, offset + String(i + 1).length + 6)).toBe(`${i + 1} 0 obj`)
    const object = text.slice(offset, text.indexOf('\nendobj\n', offset))
    objects.set(i + 1, object)
    const stream = /\/Length (\d+) >>\nstream\n/.exec(object)
    if (!stream) return
    const from = offset + stream.index + stream[0].length
    raw.push(bytes.subarray(from, from + Number(stream[1])))
    expect(text.slice(from + Number(stream[1]), from + Number(stream[1]) + 10)).toBe('\nendstream')
  })
  for (const [, number] of text.matchAll(/ (\d+) 0 R/g)) expect(objects.has(Number(number))).toBe(true)
  const streams = raw.map((data) => (data[0] === 0x78 ? inflateSync(data) : Buffer.from(data)).toString('latin1'))
  return { text, streams, raw, objects }
}

describe('a PDF', () => {
  test('has a page of its size for each box, with its name', async () => {
    const { text } = await parse([], options({ pages: [{ box, name: 'Första' }, { box: { minX: 0, minY: 0, maxX: 400, maxY: 40 } }] }))
    expect(text).toContain('/Count 2')
    expect(text).toContain('/MediaBox [0 0 150 75]')
    expect(text).toContain('/MediaBox [0 0 300 30]')
    expect(text).toContain('/Title <FEFF004600F60072007300740061>')
  })

  test('is no larger than readers take', async () => {
    const { text } = await parse([], options({ pages: [{ box: { minX: 0, minY: 0, maxX: 1e6, maxY: 1e5 } }] }))
    expect(text).toContain('/MediaBox [0 0 14400 1440]')
  })

  test('draws paths with dashes and opacity, turned and clipped', async () => {
    const clip = [{ x: 0, y: 0 }, { x: 50, y: 0 }, { x: 50, y: 50 }]
    const { streams, text } = await parse([drawn(square, { rotation: Math.PI / 2, clip })], options())
    const [content] = streams
    expect(content).toContain('0 0 m 50 0 l 50 50 l h W n')
    expect(content).toContain('0 1 -1 0 150 -50 cm')
    expect(content).toContain('1 0 0 rg\n0 0 m 10 0 l 10 10 l h f')
    expect(content).toContain('2 w 1 J 0 j [4 2] 0 d\n0 0 m 10 0 l 10 10 l h S')
    expect(text).toContain('<< /ca 0.5 /CA 0.5 >>')
  })

  test('leaves a page without what is elsewhere', async () => {
    const elsewhere = drawn(square, { box: { minX: 900, minY: 0, maxX: 910, maxY: 10 } })
    const { streams } = await parse([elsewhere], options())
    expect(streams[0]).not.toContain(' S')
  })

  test('embeds the letters of a font that it shows, and says what they are', async () => {
    const { streams, objects } = await parse([drawn(words('Grüße'))], options())
    const shown = /<([0-9a-f]+)> Tj/.exec(streams[0]!)![1]!
    expect(shown.length).toBe(5 * 4)
    const unicode = streams.find((stream) => stream.includes('beginbfchar'))!
    expect(unicode).toMatch(/<[0-9a-f]{4}> <00FC>/)
    expect([...objects.values()].some((object) => object.includes('/CIDFontType2'))).toBe(true)
    const program = streams.find((stream) => stream.startsWith('\0\u0001\0\0'))!
    const font = new TrueType(Uint8Array.from(Buffer.from(program, 'latin1')).slice()) as never as { outline(glyph: number): Uint8Array; width(glyph: number): number }
    const whole = new TrueType(fonts.get('hand')!) as never as typeof font & { glyph(code: number): number }
    const [g, unused] = [whole.glyph(0x47), whole.glyph(0x5a)]
    expect(Buffer.from(font.outline(g)).subarray(0, whole.outline(g).length)).toEqual(Buffer.from(whole.outline(g)))
    expect(font.outline(unused).length).toBe(0)
    expect(font.width(unused)).toBe(whole.width(unused))
  })

  test('shows a text for which the font has no letters as a picture that can be searched', async () => {
    const image: PdfImage = { width: 1, height: 1, pixels: Uint8Array.of(1, 2, 3, 128) }
    const { streams, text } = await parse([drawn(words('漢字'))], options({ textImage: async () => ({ image, box }) }))
    expect(streams.some((stream) => stream.includes('/i0 Do'))).toBe(true)
    const wide = 100 / 20 / (new TrueType(fonts.get('hand')!).width(new TrueType(fonts.get('hand')!).glyph(0x20)) / 1000)
    const [, stretch] = /\/Span << \/ActualText <FEFF6F225B57> >> BDC q BT 3 Tr ([\d.]+) Tz \/hand 20 Tf 1 0 0 -1 10 30 Tm <[0-9a-f]{4}> Tj ET Q EMC/.exec(streams.join('\n'))!
    expect(Number(stretch)).toBeCloseTo(100 * wide, 1)
    expect(text).toContain('/SMask')
  })

  test('has pictures once, JPEGs as they are, cut and mirrored', async () => {
    const jpeg = Uint8Array.of(0xff, 0xd8, 1, 2, 3)
    const item = { do: 'image', asset: 'a', box, flip: [-1, 1], crop: [0.5, 0, 0.5, 1] } as const
    const images = new Map<string, PdfImage>([['a', { width: 4, height: 2, jpeg }]])
    const { streams, text, raw } = await parse([drawn([item]), drawn([item])], options({ images }))
    expect(text.match(/DCTDecode/g)).toHaveLength(1)
    expect(raw.some((data) => Buffer.from(data).equals(Buffer.from(jpeg)))).toBe(true)
    expect(streams.some((stream) => stream.includes('-1 0 0 1 100 50 cm'))).toBe(true)
    expect(streams.some((stream) => stream.includes('400 0 0 -100 -300 50 cm'))).toBe(true)
  })

  test('leads where links lead, and nowhere else', async () => {
    const { text } = await parse([drawn(square, { link: 'https://example.com/(a)' }), drawn(square, { link: 'javascript:alert(1)' })], options())
    expect(text).toContain('/URI (https://example.com/\\(a\\))')
    expect(text).not.toContain('javascript')
  })
})

test.each(['hand', 'sans', 'serif', 'mono'])('the font %s has Latin letters of some width and no Chinese ones', (name) => {
  const font = new TrueType(ttf(name))
  for (const letter of 'aZ9é') {
    expect(font.glyph(letter.codePointAt(0)!)).toBeGreaterThan(0)
    expect(font.width(font.glyph(letter.codePointAt(0)!))).toBeGreaterThan(100)
  }
  expect(font.glyph(0x6f22)).toBe(0)
})
