import type { RecordId } from '../board/types'
import { snap, snapTable, type Edge, type Edges, type Snapped, type SnapTable } from '../geometry/snap'
import type { Box } from '../geometry/box'
import { around } from '../geometry/oriented'
import { world, type World } from '../geometry/point'
import { isPath } from '../shapes/transform'
import { placeOf, type Side } from './handles'
import type { Board } from './tool'

/** What a gesture's boxes snap to: gathered when it begins. */
export interface Snapping {
  readonly table?: SnapTable
  readonly grid: number | undefined
  readonly reach: number
}

/** How near counts, in pixels. */
const REACH = 8
const NOT: Snapped = { by: world(0, 0), guides: [] }
const POINT: Edges = { x: ['min'], y: ['min'] }
const BOTH: readonly Edge[] = ['min', 'mid', 'max']

/** To shapes on the screen but those that are moved themselves, and lines, whose boxes nobody sees. */
export function snappingOn(board: Board, except: ReadonlySet<RecordId> = new Set()): Snapping {
  const { snap: wanted, zoom, view } = board
  const reach = REACH / zoom
  if (!wanted.objects) return { grid: wanted.grid, reach }
  const others = board.within(view).filter(({ id, props }) => !except.has(id) && !isPath(props))
  return { table: snapTable(others.map((shape) => around(placeOf(shape)))), grid: wanted.grid, reach }
}

/** How a moved box comes in line; `axes` are those it may move along. */
export function snapBox(snapping: Snapping, box: Box, off: boolean, axes = { x: true, y: true }): Snapped {
  return off ? NOT : snap(box, snapping, { x: axes.x ? BOTH : [], y: axes.y ? BOTH : [] })
}

/** How the edges that a handle drags come in line. */
export function snapEdges(snapping: Snapping, box: Box, side: Side, off: boolean): Snapped {
  if (off) return NOT
  const x: readonly Edge[] = side.includes('w') ? ['min'] : side.includes('e') ? ['max'] : []
  const y: readonly Edge[] = side.includes('n') ? ['min'] : side.includes('s') ? ['max'] : []
  return snap(box, snapping, { x, y })
}

export function snapPoint(snapping: Snapping, { x, y }: World, off: boolean): Snapped {
  return off ? NOT : snap({ minX: x, minY: y, maxX: x, maxY: y }, snapping, POINT)
}
