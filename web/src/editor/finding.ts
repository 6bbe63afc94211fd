import type { RecordId } from '../board/types'
import type { Shape } from '../shapes'

/** Where words of a shape are. */
const WORDS = ['text', 'name', 'alt', 'link'] as const

/** The shapes whose words hold the query, whatever its case and accents, in reading order. */
export function find(shapes: readonly Shape[], query: string): RecordId[] {
  const wanted = plain(query.trim())
  if (wanted === '') return []
  return shapes
    .filter(({ props }) => WORDS.some((prop) => typeof props[prop] === 'string' && plain(props[prop]).includes(wanted)))
    .sort((a, b) => a.frame.minY - b.frame.minY || a.frame.minX - b.frame.minX)
    .map(({ id }) => id)
}

function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}
