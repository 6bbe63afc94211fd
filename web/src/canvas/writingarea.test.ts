import { beforeAll, expect, test } from 'vitest'
import type { Patch } from '../board/types'
import { measureText, shapeOf, type Shape } from '../shapes'
import { loadWidths } from '../shapes/text/advance'
import { OUTLINES } from '../shapes/outlines'
import { height } from '../geometry/box'
import { cornersIn } from '../geometry/oriented'
import { grown, writingArea } from './writingarea'

beforeAll(() => loadWidths())

const words = 'More words than fit into a shape as small as this one is'
const shape = (props: Patch) => shapeOf('a', { color: 'black', width: 4, at: [0, 0], size: [120, 60], text: words, ...props })!

test.each(['rect', 'ellipse', 'diamond', 'polygon', ...OUTLINES.keys()])('%s grows downwards until its label fits', (kind) => {
  const patch = grown(shape({ kind }))
  expect(patch).toMatchObject({ at: [0, 0], size: [120, expect.any(Number)] })
  const tall = shape({ kind, ...patch })
  const { box, breakAt } = writingArea(tall)!
  expect(height(box)).toBeGreaterThanOrEqual(measureText(tall.props, breakAt).height - 1)
  expect(grown(tall)).toEqual({})
})

test('what has room enough, or grows by itself, is left as it is', () => {
  expect(grown(shape({ kind: 'rect', text: 'word' }))).toEqual({})
  expect(grown(shape({ kind: 'rect', text: '' }))).toEqual({})
  expect(grown(shape({ kind: 'text' }))).toEqual({})
  expect(grown(shape({ kind: 'note' }))).toEqual({})
  expect(grown(shape({ kind: 'arrow' }))).toEqual({})
})

test('a turned shape keeps its upper side where it is', () => {
  const before = shape({ kind: 'rect', rotation: Math.PI / 2 })
  const after = shape({ kind: 'rect', rotation: Math.PI / 2, ...grown(before) })
  const corners = (shape: Shape) => cornersIn({ box: shape.frame, rotation: shape.rotation }).map(({ x, y }) => [Math.round(x), Math.round(y)])
  expect(corners(after).slice(0, 2)).toEqual(corners(before).slice(0, 2))
  expect(height(after.frame)).toBeGreaterThan(height(before.frame))
})

test('the field of a note is within the paper, however far that has grown', () => {
  const note = shape({ kind: 'note', text: words.repeat(4) })
  const { box } = writingArea(note)!
  expect([box.minY, box.maxY]).toEqual([12, note.frame.maxY - 12])
})
