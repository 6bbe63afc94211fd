import type { FontName } from '../picture'
import { advanceOf, isWide } from './advance'
import { ASCENTS } from './ascents'

/** The height of a line, in ems. */
export const LINE_HEIGHT = 1.25

/** Makes one emoji of two. */
const JOINER = 0x200d

/** How text is set. */
export interface TextStyle {
  readonly font: FontName
  /** World units an em. */
  readonly size: number
}

export interface Line {
  readonly text: string
  /** Spaces at the end not included. */
  readonly width: number
}

/** Text in lines; width and height in world units. */
export interface Layout {
  readonly lines: readonly Line[]
  /** Of the widest line. */
  readonly width: number
  readonly height: number
}

/** Where the baseline is below the top of a line. */
export function baselineOf({ font, size }: TextStyle): number {
  return (ASCENTS[font] * size) / 1000
}

/** Sets text in lines no wider than `width`, if given. Everywhere the same: it knows widths from tables. */
export function layoutText(text: string, style: TextStyle, width = Infinity): Layout {
  const lines: Line[] = []
  for (const paragraph of text.replace(/\r\n?/g, '\n').split('\n')) {
    if (width === Infinity) lines.push(wholeLine(paragraph, style))
    else addLines(lines, paragraph, style, width)
  }
  const widest = lines.reduce((most, line) => Math.max(most, line.width), 0)
  return { lines, width: widest, height: lines.length * LINE_HEIGHT * style.size }
}

/** Whether the first letter of a text is of a script that is written from right to left. */
export function isRightToLeft(text: string): boolean {
  const letter = /\p{L}/u.exec(text)?.[0]
  return letter !== undefined && /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/.test(letter)
}

/** Breaks after spaces and beside ideographs; in a word only if it is wider than the line. */
function addLines(lines: Line[], paragraph: string, style: TextStyle, width: number): void {
  const chars = [...paragraph.replaceAll('\t', ' ')]
  const advances = chars.map((char, i) => advance(chars, i, char, style))
  let start = 0
  let length = 0
  let breakAt = 0
  for (let i = 0; i < chars.length; i++) {
    const by = advances[i]!
    const isSpace = chars[i] === ' '
    if (!isSpace && by > 0 && i > start && length + by > width + 0.001) {
      const next = breakAt > start ? breakAt : i
      lines.push(lineOf(chars, advances, start, next))
      start = next
      length = sum(advances, start, i)
    }
    length += by
    if (isSpace || mayBreakAfter(chars, i)) breakAt = i + 1
  }
  lines.push(lineOf(chars, advances, start, chars.length))
}

/** A line that need not be broken. */
function wholeLine(paragraph: string, { font, size }: TextStyle): Line {
  const text = paragraph.replaceAll('\t', ' ').replace(/ +$/, '')
  let thousandths = 0
  let joined = false
  for (const char of text) {
    const codePoint = char.codePointAt(0)!
    if (!joined) thousandths += advanceOf(font, codePoint)
    joined = codePoint === JOINER
  }
  return { text, width: (thousandths * size) / 1000 }
}

function advance(chars: readonly string[], i: number, char: string, { font, size }: TextStyle): number {
  // What follows a zero-width joiner is part of the same emoji.
  if (i > 0 && chars[i - 1]!.codePointAt(0) === JOINER) return 0
  return (advanceOf(font, char.codePointAt(0)!) * size) / 1000
}

function lineOf(chars: readonly string[], advances: readonly number[], start: number, end: number): Line {
  while (end > start && chars[end - 1] === ' ') end--
  return { text: chars.slice(start, end).join(''), width: sum(advances, start, end) }
}

/** Between ideographs, but not before punctuation that belongs to what is before it. */
function mayBreakAfter(chars: readonly string[], i: number): boolean {
  const next = chars[i + 1]
  if (next === undefined || CLOSING.includes(next)) return false
  const [a, b] = [chars[i]!.codePointAt(0)!, next.codePointAt(0)!]
  if (!isWide(a) && !isWide(b)) return false
  return advanceOf('sans', b) > 0 && a !== JOINER
}

const CLOSING = ',.!?:;)]}、。，．！？：；）」』】〉》ー…'

function sum(values: readonly number[], from: number, to: number): number {
  let total = 0
  for (let i = from; i < to; i++) total += values[i]!
  return total
}
