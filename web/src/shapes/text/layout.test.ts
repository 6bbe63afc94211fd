import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { measureText } from '..'
import type { FontName } from '../picture'
import { advanceOf } from './advance'
import { isRightToLeft, layoutText, LINE_HEIGHT, type TextStyle } from './layout'

const mono: TextStyle = { font: 'mono', size: 10 }
const linesOf = (text: string, width?: number, style = mono) => layoutText(text, style, width).lines.map((line) => line.text)

describe('lines', () => {
  test.each([
    ['break at spaces, which are dropped', 'aaa bbb ccc', 45, ['aaa bbb', 'ccc']],
    ['break where they are told to', 'a\nb\r\nc\rd', 100, ['a', 'b', 'c', 'd']],
    ['may be empty', 'a\n\nb\n', 100, ['a', '', 'b', '']],
    ['break in a word that is too long', 'aaaaaaaa b', 30, ['aaaaa', 'aaa b']],
    ['keep spaces at the start', '  a', 100, ['  a']],
    ['let spaces at the end hang over', 'aaaaa      bb', 30, ['aaaaa', 'bb']],
    ['hold one letter at least', 'abc', 1, ['a', 'b', 'c']],
    ['break between ideographs', '日本語日本語', 35, ['日本語', '日本語']],
    ['do not begin with closing marks', '日本語。日本', 35, ['日本', '語。日', '本']],
    ['break between a word and an ideograph', 'abc日本', 30, ['abc日', '本']],
    ['keep joined emoji together', '👩‍👩‍👧👩‍👩‍👧', 15, ['👩‍👩‍👧', '👩‍👩‍👧']],
    ['take tabs for spaces', 'a\tb', 100, ['a b']],
  ])('%s', (_, text, width, want) => {
    expect(linesOf(text, width)).toEqual(want)
  })

  test('are never wider than they may be, but for one letter, and keep every letter', () => {
    const style = fc.record({ font: fc.constantFrom<FontName>('hand', 'sans', 'serif', 'mono'), size: fc.constantFrom(4, 20, 77) })
    const text = fc.array(fc.constantFrom('a', 'W', 'long-word', ' ', '  ', '\n', '日', '。', 'ß', 'é', 'Ж', '😀'), { maxLength: 40 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, style, fc.double({ min: 0, max: 600, noNaN: true }), (text, style, width) => {
        const layout = layoutText(text, style, width)
        for (const line of layout.lines) {
          const own = [...line.text].reduce((sum, char) => sum + (advanceOf(style.font, char.codePointAt(0)!) * style.size) / 1000, 0)
          expect(line.width).toBeCloseTo(own, 6)
          expect(line.width <= width + 0.01 || [...line.text].length === 1).toBe(true)
        }
        expect(layout.lines.map((line) => line.text).join('').replaceAll(' ', '')).toBe(text.replace(/[\n ]/g, ''))
        expect(layout.height).toBeCloseTo(layout.lines.length * LINE_HEIGHT * style.size)
      }),
    )
  })
})

test('text that is not broken is as wide as its widest line', () => {
  const props = { kind: 'text', at: [0, 0], size: [0, 0], text: 'ab\nabcd', font: 'mono', fontsize: 10 }
  expect(measureText(props)).toMatchObject({ width: 24, height: 25 })
})

test.each([
  ['hello', false],
  ['12 שלום', true],
  ['مرحبا', true],
  ['', false],
  ['a שלום', false],
])('%s is written from right to left: %s', (text, want) => {
  expect(isRightToLeft(text)).toBe(want)
})

describe('characters', () => {
  test.each([
    ['as in the font', 'mono', 'a', 600],
    ['an ideograph that no font has', 'sans', '日', 1000],
    ['an emoji', 'sans', '😀', 1000],
    ['a letter that no font has', 'sans', 'ش', 600],
    ['a joiner', 'sans', '\u200d', 0],
    ['an accent of its own', 'sans', '\u0301', 0],
  ] as [string, FontName, string, number][])('%s', (_, font, char, want) => {
    expect(advanceOf(font, char.codePointAt(0)!)).toBe(want)
  })

  test('have the widths of the fonts that the server draws with', () => {
    for (const font of ['hand', 'sans', 'serif', 'mono'] as const) {
      const advances = readAdvances(readFileSync(new URL(`../../../../whiteboard/draw/fonts/${font}.ttf`, import.meta.url)))
      for (const [codePoint, advance] of advances) if (codePoint >= 0x20) expect(advanceOf(font, codePoint), `${font} ${codePoint}`).toBe(advance)
      expect(advances.size).toBeGreaterThan(700)
    }
  })
})

/** The advances of a TrueType font in thousandths of an em, by code point: tables head, hhea, hmtx, cmap format 4. */
function readAdvances(file: Buffer): Map<number, number> {
  const table = (tag: string) => {
    for (let i = 0; i < file.readUInt16BE(4); i++) {
      const at = 12 + 16 * i
      if (file.toString('latin1', at, at + 4) === tag) return file.readUInt32BE(at + 8)
    }
    throw new Error(tag)
  }
  const em = file.readUInt16BE(table('head') + 18)
  const count = file.readUInt16BE(table('hhea') + 34)
  const advance = (glyph: number) => Math.floor((2000 * file.readUInt16BE(table('hmtx') + 4 * Math.min(glyph, count - 1)) + em) / (2 * em))
  const cmap = table('cmap')
  let sub = 0
  for (let i = 0; i < file.readUInt16BE(cmap + 2); i++) {
    const at = cmap + file.readUInt32BE(cmap + 4 + 8 * i + 4)
    if (file.readUInt16BE(at) === 4) sub = at
  }
  const segments = file.readUInt16BE(sub + 6) / 2
  const advances = new Map<number, number>()
  for (let i = 0; i < segments; i++) {
    const end = file.readUInt16BE(sub + 14 + 2 * i)
    const start = file.readUInt16BE(sub + 16 + 2 * (segments + i))
    const delta = file.readInt16BE(sub + 16 + 2 * (2 * segments + i))
    const offsetAt = sub + 16 + 2 * (3 * segments + i)
    const offset = file.readUInt16BE(offsetAt)
    for (let c = start; c <= end && c !== 0xffff; c++) {
      const glyph = offset === 0 ? (c + delta) & 0xffff : file.readUInt16BE(offsetAt + offset + 2 * (c - start))
      if (glyph !== 0) advances.set(c, advance(glyph))
    }
  }
  return advances
}
