import { describe, expect, it } from 'vitest'
import { TOOL_NAMES } from '../../tools'
import { layoutFor } from './layout'

describe('the tool bar', () => {
  it('keeps every tool within reach, whatever the room', () => {
    for (let slots = 0; slots <= 20; slots++) {
      const { cells, rest } = layoutFor(slots)
      expect(cells.length).toBeLessThanOrEqual(slots)
      expect([...cells.flatMap(({ tools }) => tools), ...rest].sort(), `${slots} slots`).toEqual([...TOOL_NAMES].sort())
    }
  })

  it('gives every common tool a button of its own where there is room', () => {
    const { cells, rest } = layoutFor(15)
    expect(rest).toEqual(['frame', 'laser', 'comment'])
    expect(cells.map(({ tools }) => tools[0])).toEqual(
      ['hand', 'select', 'rect', 'diamond', 'ellipse', 'circle', 'polygon', 'arrow', 'line', 'pen', 'highlighter', 'text', 'note', 'image', 'eraser'],
    )
  })

  it('keeps pen, eraser, shapes and selection on the smallest phones', () => {
    expect(layoutFor(4).cells.map(({ tools }) => tools[0]).sort()).toEqual(['eraser', 'pen', 'rect', 'select'])
  })
})
