import type { RecordId } from '../../board/types'
import { grow, type Box } from '../../geometry/box'
import type { Segment } from '../../geometry/distance'
import { centreOf } from '../../geometry/oriented'
import { world, type World } from '../../geometry/point'
import type { Shape } from '../../shapes'
import { isPath, moved } from '../../shapes/transform'
import { copiesOf, planCopies, type CopyPlan } from '../copies'
import { wayOf, type Hand, type Outcome } from '../drag'
import { frameAround, framesIn } from '../frames'
import { boundsOf } from '../handles'
import { bindingsLeft, type Binding } from '../binding'
import { snapBox, snappingOn, type Snapping } from '../snapping'
import type { Board, Edit, Hint } from '../tool'

/** Shapes on their way. What is in a frame goes with it; arrows that are bound follow by themselves. */
export interface Moving {
  readonly at: 'moving'
  readonly shapes: readonly Shape[]
  /** The shapes in the frames among them. */
  readonly followers: readonly Shape[]
  /** Arrows whose ends are both taken along: their bends go with them. */
  readonly between: readonly Shape[]
  /** Around them all, where they were. */
  readonly bounds: Box
  /** The frames they may be dropped into, bottom first. */
  readonly frames: readonly Shape[]
  readonly snapping: Snapping
  /** What copies are made with, once Alt was down. */
  readonly plan?: CopyPlan
}

/** Undefined when nothing of the selection can be moved. */
export function beginMove(ids: Iterable<RecordId>, board: Board): Moving | undefined {
  const shapes = [...ids].flatMap((id) => board.get(id) ?? []).filter(({ props }) => props['locked'] !== true)
  const bounds = boundsOf(shapes)
  if (!bounds) return undefined
  const taken = new Set(shapes.map(({ id }) => id))
  const followers = shapes.filter(isFrame).flatMap(({ id }) => board.children(id)).filter(({ id }) => !taken.has(id))
  const frames = framesIn(board).filter(({ id }) => !taken.has(id))
  const except = new Set([...taken, ...followers.map(({ id }) => id)])
  return { at: 'moving', shapes, followers, between: between(except, bounds, board), bounds, frames, snapping: snappingOn(board, except) }
}

/** So far from a shape, in world units, an arrow that is bound to it ends at most. */
const NEXT_TO = 100

function between(ids: ReadonlySet<RecordId>, bounds: Box, board: Board): readonly Shape[] {
  const follows = ({ props }: Shape) => ['startbind', 'endbind'].every((end) => ids.has((props[end] as Binding | null | undefined)?.to ?? ''))
  return board.within(grow(bounds, NEXT_TO)).filter((shape) => !ids.has(shape.id) && isPath(shape.props) && follows(shape))
}

/** Makes the ids of copies when they are needed for the first time. */
export function withPlan(moving: Moving, { mods }: Hand, board: Board): Moving {
  if (!mods.alt || moving.plan) return moving
  return { ...moving, plan: planCopies([...moving.shapes, ...moving.followers], board) }
}

export function movedBy(moving: Moving, hand: Hand): Outcome {
  const { by, guides } = wayFor(moving, hand)
  const { shapes, followers, between, plan } = moving
  const dropped = shapes.map((shape): Edit => [shape.id, drop(moving, shape, by)])
  const carried = followers.map((shape): Edit => [shape.id, moved(shape.props, by.x, by.y)])
  const bent = between.map(({ id, props }): Edit => [id, moved(props, by.x, by.y)])
  const edits = [...dropped, ...carried, ...bent]
  const target = targetOf(dropped)
  const hint: Hint = { ...(guides.length > 0 && { guides }), ...(target !== undefined && { target }) }
  if (!hand.mods.alt || !plan) return { edits: by.x === 0 && by.y === 0 ? [] : edits, hint }
  return { edits: copiesOf(plan, edits), hint, then: { select: shapes.map(({ id }) => plan.ids.get(id)!) } }
}

/** How far to move: under Shift along one axis, else in line with other shapes or the grid. */
function wayFor({ bounds, snapping }: Moving, hand: Hand): { by: World; guides: readonly Segment[] } {
  const way = constrained(wayOf(hand), hand)
  const box = { minX: bounds.minX + way.x, maxX: bounds.maxX + way.x, minY: bounds.minY + way.y, maxY: bounds.maxY + way.y }
  const axes = { x: !hand.mods.shift || way.x !== 0, y: !hand.mods.shift || way.y !== 0 }
  const { by, guides } = snapBox(snapping, box, hand.mods.mod, axes)
  return { by: world(way.x + by.x, way.y + by.y), guides }
}

/** The patch that moves a shape, into or out of a frame too. */
function drop({ frames, shapes, followers }: Moving, { props, frame: box }: Shape, by: World): Edit[1] {
  const patch = { ...moved(props, by.x, by.y), ...bindingsLeft(props, [...shapes, ...followers]) }
  if (props['kind'] === 'frame') return patch
  const { x, y } = centreOf(box)
  const frame = frameAround(frames, world(x + by.x, y + by.y))?.id ?? null
  return frame === (props['frame'] ?? null) ? patch : { ...patch, frame }
}

/** The frame that all are dropped into, which is marked. */
function targetOf(edits: readonly Edit[]): RecordId | undefined {
  const frames = new Set(edits.map(([, { frame }]) => frame))
  const [only] = frames
  return frames.size === 1 && typeof only === 'string' ? only : undefined
}

function constrained(way: World, { mods }: Hand): World {
  if (!mods.shift) return way
  return Math.abs(way.x) >= Math.abs(way.y) ? world(way.x, 0) : world(0, way.y)
}

function isFrame({ props }: Shape): boolean {
  return props['kind'] === 'frame'
}
