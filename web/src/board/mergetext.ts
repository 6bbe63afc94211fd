import { MAX_TEXT } from './validate'

/** Lines that take the place of those from one line up to another. */
interface Span {
  readonly from: number
  readonly to: number
  readonly lines: readonly string[]
}

/**
 * A text that two people have changed since it was `base`: with the lines of both. Of lines that both have changed, theirs
 * come before mine. A text that would be too long is mine.
 */
export function mergeText(base: string, mine: string, theirs: string): string {
  if (mine === base) return theirs
  if (theirs === base || theirs === mine) return mine
  const lines = linesOf(base)
  const [a, b] = [spanOf(lines, linesOf(theirs)), spanOf(lines, linesOf(mine))]
  const merged = (a.to <= b.from ? replaced(lines, a, b) : b.to <= a.from ? replaced(lines, b, a) : both(lines, a, b)).join('\n')
  return [...merged].length > MAX_TEXT ? mine : merged
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split('\n')
}

/** The only piece in which two texts differ. */
function spanOf(before: readonly string[], after: readonly string[]): Span {
  const most = Math.min(before.length, after.length)
  let from = 0
  while (from < most && before[from] === after[from]) from++
  let end = 0
  while (end < most - from && before.at(-1 - end) === after.at(-1 - end)) end++
  return { from, to: before.length - end, lines: after.slice(from, after.length - end) }
}

/** The lines with two spans in their places, of which the first ends before the second. */
function replaced(lines: readonly string[], first: Span, second: Span): string[] {
  return [...lines.slice(0, first.from), ...first.lines, ...lines.slice(first.to, second.from), ...second.lines, ...lines.slice(second.to)]
}

/** The piece of which each has changed some, as each has it. */
function both(lines: readonly string[], a: Span, b: Span): string[] {
  const [from, to] = [Math.min(a.from, b.from), Math.max(a.to, b.to)]
  const whole = (span: Span) => [...lines.slice(from, span.from), ...span.lines, ...lines.slice(span.to, to)]
  return [...lines.slice(0, from), ...whole(a), ...whole(b), ...lines.slice(to)]
}
