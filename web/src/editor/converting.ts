import type { Patch } from '../board/types'
import { each, working, type Action } from './desk'

/** What Tab makes of one another. */
const CYCLE = ['rect', 'ellipse', 'diamond', 'polygon'] as const

/** Makes the selected shapes ones of the next kind: boxes of the next outline, lines arrows, arrows lines. */
export const convert: Action = (desk) => {
  const { free, locked } = working(desk)
  const box = free.map(({ record }) => nextBox(record['kind'])).find((kind) => kind !== undefined)
  const edits = each(free, ({ record }) => (nextBox(record['kind']) ? { kind: box! } : nextPath(record['kind'])))
  return { edits, locked }
}

function nextBox(kind: unknown): (typeof CYCLE)[number] | undefined {
  if (kind === 'note') return 'rect'
  const at = CYCLE.findIndex((one) => one === kind)
  return at < 0 ? undefined : CYCLE[(at + 1) % CYCLE.length]
}

function nextPath(kind: unknown): Patch | undefined {
  if (kind === 'line') return { kind: 'arrow', endhead: 'arrow' }
  return kind === 'arrow' ? { kind: 'line', starthead: 'none', endhead: 'none' } : undefined
}
