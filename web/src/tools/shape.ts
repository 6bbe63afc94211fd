import { POINTS_PER_UNIT } from '../geometry/points'
import { world, type Screen, type World } from '../geometry/point'
import type { RecordId } from '../board/types'
import { styleFor } from '../editor/style'
import type { Board, Edit, Modifiers, Place, Step } from './tool'

/** A shape's kind and place. */
export interface Outline {
  readonly kind: string
  readonly at: readonly [number, number]
  readonly size: readonly [number, number]
}

/** The tools that span a shape between two points. */
export type Spanned = 'line' | 'rect' | 'ellipse' | 'circle'

export type ShapeState =
  | { readonly at: 'idle' }
  | { readonly at: 'dragging'; readonly id: RecordId; readonly z: string; readonly from: Place; readonly to: Place; readonly mods: Modifiers }

/** A drag shorter than this, in pixels, makes no shape: it was a click. */
export const LEAST_DRAG = 3

const STEPS_PER_TURN = 24
const idle: ShapeState = { at: 'idle' }

/** Spans a line, rectangle, ellipse or circle while the pointer is dragged. */
export function spanning(tool: Spanned): Step<ShapeState> {
  return (state, event, board) => {
    if (state.at === 'idle') {
      if (event.type !== 'down') return [state, []]
      const { place, mods } = event
      return [{ at: 'dragging', id: board.newId(), z: board.newKey(), from: place, to: place, mods }, []]
    }
    switch (event.type) {
      case 'move':
        return preview(tool, { ...state, to: event.places.at(-1) ?? state.to, mods: event.mods }, board)
      case 'mods':
        return preview(tool, { ...state, mods: event.mods }, board)
      case 'up':
        if (dragged(state.from.on, state.to.on) < LEAST_DRAG) return [idle, [{ do: 'give-up' }]]
        return [idle, [{ do: 'edit', edits: [editOf(tool, state, board)], then: { made: true } }]]
      case 'cancel':
        return [idle, [{ do: 'give-up' }]]
      default:
        return [state, []]
    }
  }
}

/** The shape between two points, on the grid of an eighth of a unit. */
export function outlineOf(tool: Spanned, from: World, to: World, { shift, alt }: Pick<Modifiers, 'shift' | 'alt'>): Outline {
  const corner = shift || tool === 'circle' ? constrained(tool, from, to) : to
  const start = alt ? world(2 * from.x - corner.x, 2 * from.y - corner.y) : from
  if (tool === 'line') return spanned('line', start, corner)
  const least = world(Math.min(start.x, corner.x), Math.min(start.y, corner.y))
  const most = world(Math.max(start.x, corner.x), Math.max(start.y, corner.y))
  return spanned(tool === 'circle' ? 'ellipse' : tool, least, most)
}

type Dragging = Extract<ShapeState, { at: 'dragging' }>

function preview(tool: Spanned, state: Dragging, board: Board): ReturnType<Step<ShapeState>> {
  return [state, [{ do: 'preview', edits: [editOf(tool, state, board)] }]]
}

function editOf(tool: Spanned, { id, z, from, to, mods }: Dragging, { style }: Board): Edit {
  const { kind, at, size } = outlineOf(tool, from.at, to.at, mods)
  return [id, { kind, at: [...at], size: [...size], z, ...styleFor(kind, style) }]
}

function constrained(tool: Spanned, from: World, to: World): World {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  if (tool !== 'line') {
    const side = Math.max(Math.abs(dx), Math.abs(dy))
    return world(from.x + side * sign(dx), from.y + side * sign(dy))
  }
  const turn = (2 * Math.PI) / STEPS_PER_TURN
  const angle = Math.round(Math.atan2(dy, dx) / turn) * turn
  const length = dx * Math.cos(angle) + dy * Math.sin(angle)
  return world(from.x + length * Math.cos(angle), from.y + length * Math.sin(angle))
}

function spanned(kind: string, a: World, b: World): Outline {
  const at = [toGrid(a.x), toGrid(a.y)] as const
  return { kind, at, size: [toGrid(b.x - at[0]), toGrid(b.y - at[1])] }
}

function dragged(a: Screen, b: Screen): number {
  return Math.hypot(b.x - a.x, b.y - a.y)
}

function sign(value: number): 1 | -1 {
  return value < 0 ? -1 : 1
}

function toGrid(value: number): number {
  return Math.round(value * POINTS_PER_UNIT) / POINTS_PER_UNIT + 0
}
