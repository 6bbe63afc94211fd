import { beforeAll, expect, test } from 'vitest'
import type { Patch } from '../board/types'
import { shapeOf } from '../shapes'
import { loadWidths } from '../shapes/text/advance'
import { writingArea } from './writingarea'

beforeAll(() => loadWidths())

const words = 'More words than fit into a shape as small as this one is'
const shape = (props: Patch) => shapeOf('a', { color: 'black', width: 4, at: [0, 0], size: [120, 60], text: words, ...props })!

test('the field of a note is within the paper, however far that has grown', () => {
  const note = shape({ kind: 'note', text: words.repeat(4) })
  const { box } = writingArea(note)!
  expect([box.minY, box.maxY]).toEqual([12, note.frame.maxY - 12])
})
