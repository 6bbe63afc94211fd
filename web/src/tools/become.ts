import type { Patch } from '../board/types'
import { styleFor } from '../editor/style'
import { encodeStroke, Points } from '../geometry/points'
import type { World } from '../geometry/point'
import type { Recognised } from '../geometry/recognise'
import { pathThrough } from '../shapes/transform'
import { lineStyle } from './line'
import type { BrushName } from './pen'
import type { Board } from './tool'

/** The properties of the shape that a stroke became; undefined when its brush can't draw it. */
export function become(what: Recognised, brush: BrushName, board: Board): Patch | undefined {
  const z = board.newKey()
  if (brush === 'highlighter') return what.kind === 'line' ? { ...straightInk(what.a, what.b, board), z } : undefined
  switch (what.kind) {
    case 'line':
    case 'arrow':
      return { kind: what.kind, ...pathThrough([what.a, what.b]), ...lineStyle(what.kind, board.style), z }
    case 'triangle':
      return { kind: 'line', ...pathThrough(what.corners), closed: true, ...lineStyle('line', board.style), z }
    default: {
      const { minX, minY, maxX, maxY } = what.box.box
      const at = [round(minX), round(minY)]
      const rotation = Math.round(what.box.rotation * 1e4) / 1e4
      const size = [round(maxX - minX), round(maxY - minY)]
      return { kind: what.kind, at, size, ...(rotation !== 0 && { rotation }), ...styleFor(what.kind, board.style), z }
    }
  }
}

/** A straight stroke of the highlighter stays what it is. */
function straightInk(a: World, b: World, { style }: Board): Patch {
  const points = new Points()
  points.add({ x: 0, y: 0 })
  points.add({ x: b.x - a.x, y: b.y - a.y })
  return { kind: 'draw', ...styleFor('draw', style), at: [round(a.x), round(a.y)], ...encodeStroke(points), brush: 'highlighter' }
}

function round(value: number): number {
  return Math.round(value * 100) / 100 + 0
}
