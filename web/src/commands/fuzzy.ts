/**
 * How well a query fits a text: undefined if not at all; more is better. Its letters must come in this order, each word's
 * together or spread; beginnings of words count most.
 */
export function fits(query: string, text: string): number | undefined {
  const words = plain(query).split(/\s+/).filter(Boolean)
  const hay = plain(text)
  let sum = 0
  for (const word of words) {
    const score = wordFits(word, hay)
    if (score === undefined) return undefined
    sum += score
  }
  return sum - hay.length / 200
}

function wordFits(word: string, hay: string): number | undefined {
  const at = hay.indexOf(word)
  if (at === 0) return 100
  if (at > 0) return isStart(hay, at) || isStart(hay, hay.indexOf(` ${word}`) + 1) ? 80 : 50
  return spread(word, hay)
}

/** Letters apart from one another: the first ones of words, and those beside one another, count more. */
function spread(word: string, hay: string): number | undefined {
  let [score, from] = [0, 0]
  for (const letter of word) {
    const start = hay.indexOf(` ${letter}`, Math.max(from - 1, 0))
    const next = hay.indexOf(letter, from)
    if (next < 0) return undefined
    const at = next === from || start < 0 ? next : start + 1
    score += at === from && from > 0 ? 3 : isStart(hay, at) ? 4 : 1
    from = at + 1
  }
  return score / word.length >= 3 ? 10 + score : undefined
}

function isStart(hay: string, at: number): boolean {
  return at === 0 || /[\s(/-]/.test(hay[at - 1] ?? ' ')
}

function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim()
}
