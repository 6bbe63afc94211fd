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

  it('gives every common tool a button of its own where there is room, and the outlines one', () => {
    const { cells, rest } = layoutFor(16)
    expect(rest).toEqual(['frame', 'laser', 'comment'])
    expect(cells.map(({ tools, hasOutlines }) => tools[0] ?? hasOutlines)).toEqual(
      ['hand', 'select', 'rect', 'diamond', 'ellipse', 'circle', 'polygon', true, 'arrow', 'line', 'pen', 'highlighter', 'text', 'note', 'image', 'eraser'],
    )
  })

  it.each([
    [16, []],
    [15, ['polygon']],
    [14, ['rect', 'diamond', 'ellipse', 'circle', 'polygon']],
    [3, ['rect', 'diamond', 'ellipse', 'circle', 'polygon']],
    [2, undefined],
  ])('with %i slots has the outlines behind the button of %j', (slots, tools) => {
    expect(layoutFor(slots).cells.filter(({ hasOutlines }) => hasOutlines).map((cell) => cell.tools)).toEqual(tools === undefined ? [] : [tools])
  })

  it('keeps pen, eraser, shapes and selection on the smallest phones', () => {
    expect(layoutFor(4).cells.map(({ tools }) => tools[0]).sort()).toEqual(['eraser', 'pen', 'rect', 'select'])
  })
})
