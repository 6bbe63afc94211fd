import { POINTS_PER_UNIT } from '../geometry/points'
import { contains, type Box } from '../geometry/box'
import { world, type World } from '../geometry/point'
import type { Segment } from '../geometry/distance'
import type { RecordId } from '../board/types'
import { styleFor } from '../editor/style'
import { isDrag } from './drag'
import { frameAt } from './frames'
import { snapPoint, snappingOn, type Snapping } from './snapping'
import { NO_HINT, outlineIn, type Board, type Edit, type Effect, type Modifiers, type Place, type Pointer, type Step } from './tool'

/** A shape's kind and place. */
export interface Outline {
  readonly kind: string
  readonly at: readonly [number, number]
  readonly size: readonly [number, number]
}

/** The tools that span a shape between two points. */
export type Spanned = 'rect' | 'diamond' | 'ellipse' | 'circle' | 'polygon' | 'frame' | `outline:${string}`

export type ShapeState =
  | { readonly at: 'idle' }
  | {
      readonly at: 'dragging'
      readonly id: RecordId
      readonly z: string
      readonly from: Place
      readonly to: Place
      readonly mods: Modifiers
      readonly pointer: Pointer
      readonly snapping: Snapping
    }

const idle: ShapeState = { at: 'idle' }

/** Spans a shape in a box while the pointer is dragged. */
export function spanning(tool: Spanned): Step<ShapeState> {
  return (state, event, board) => {
    if (state.at === 'idle') {
      if (event.type !== 'down') return [state, []]
      const { place, mods, pointer = 'mouse' } = event
      const snapping = snappingOn(board)
      const from = { ...place, at: snapped(place.at, snapping, mods).at }
      return [{ at: 'dragging', id: board.newId(), z: board.newKey(), from, to: place, mods, pointer, snapping }, []]
    }
    switch (event.type) {
      case 'move':
        return show(tool, { ...state, to: event.places.at(-1) ?? state.to, mods: event.mods }, board)
      case 'mods':
        return show(tool, { ...state, mods: event.mods }, board)
      case 'up':
        return [idle, [{ do: 'hint', hint: NO_HINT }, made(tool, state, board)]]
      case 'cancel':
        return [idle, [{ do: 'hint', hint: NO_HINT }, { do: 'give-up' }]]
      default:
        return [state, []]
    }
  }
}

/** The shape between two points, on the grid of an eighth of a unit. */
export function outlineOf(tool: Spanned, from: World, to: World, { shift, alt }: Pick<Modifiers, 'shift' | 'alt'>): Outline {
  const corner = shift || tool === 'circle' ? square(from, to) : to
  const start = alt ? world(2 * from.x - corner.x, 2 * from.y - corner.y) : from
  const least = world(Math.min(start.x, corner.x), Math.min(start.y, corner.y))
  const most = world(Math.max(start.x, corner.x), Math.max(start.y, corner.y))
  const at = [toGrid(least.x), toGrid(least.y)] as const
  return { kind: tool === 'circle' ? 'ellipse' : (outlineIn(tool) ?? tool), at, size: [toGrid(most.x - at[0]), toGrid(most.y - at[1])] }
}

type Dragging = Extract<ShapeState, { at: 'dragging' }>

function show(tool: Spanned, state: Dragging, board: Board): ReturnType<Step<ShapeState>> {
  const { edit, guides } = spanOf(tool, state, board)
  const hint: Effect = { do: 'hint', hint: guides.length > 0 ? { guides } : NO_HINT }
  return [state, [{ do: 'preview', edits: [edit] }, hint]]
}

function made(tool: Spanned, state: Dragging, board: Board): Effect {
  // Less than a drag was a click, which makes nothing.
  if (!isDrag(state)) return { do: 'give-up' }
  const { edit } = spanOf(tool, state, board)
  const edits = tool === 'frame' ? [edit, ...taken(edit, board)] : [edit]
  return { do: 'edit', edits, then: { made: true, select: [state.id] } }
}

function spanOf(tool: Spanned, state: Dragging, board: Board): { edit: Edit; guides: readonly Segment[] } {
  const { id, z, from, to, mods, snapping } = state
  const isEven = mods.shift || tool === 'circle'
  const corner = isEven ? { at: to.at, guides: [] } : snapped(to.at, snapping, mods)
  const { kind, at, size } = outlineOf(tool, from.at, corner.at, mods)
  const frame = tool === 'frame' ? undefined : frameAt(from.at, board)
  const edit: Edit = [id, { kind, at: [...at], size: [...size], z, ...styleFor(kind, board.style), ...(frame && { frame: frame.id }) }]
  return { edit, guides: corner.guides }
}

/** The shapes that a new frame takes in: those wholly within it that are in no other. */
function taken([id, { at, size }]: Edit, board: Board): Edit[] {
  const box = boxOf(at as readonly [number, number], size as readonly [number, number])
  return board.within(box).flatMap(({ id: child, box: its, props }): Edit[] => {
    const free = props['kind'] !== 'frame' && (props['frame'] ?? null) === null
    return free && contains(box, its) ? [[child, { frame: id }]] : []
  })
}

function boxOf([x, y]: readonly [number, number], [w, h]: readonly [number, number]): Box {
  return { minX: x, minY: y, maxX: x + w, maxY: y + h }
}

function snapped(at: World, snapping: Snapping, { mod }: Modifiers): { at: World; guides: readonly Segment[] } {
  const { by, guides } = snapPoint(snapping, at, mod)
  return { at: world(at.x + by.x, at.y + by.y), guides }
}

function square(from: World, to: World): World {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const side = Math.max(Math.abs(dx), Math.abs(dy))
  return world(from.x + side * sign(dx), from.y + side * sign(dy))
}

function sign(value: number): 1 | -1 {
  return value < 0 ? -1 : 1
}

function toGrid(value: number): number {
  return Math.round(value * POINTS_PER_UNIT) / POINTS_PER_UNIT + 0
}
