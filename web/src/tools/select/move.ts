import type { RecordId } from '../../board/types'
import type { Box } from '../../geometry/box'
import { centreOf } from '../../geometry/oriented'
import { world, type World } from '../../geometry/point'
import type { Shape } from '../../shapes'
import { extentOf, isPath, moved, orientedOf } from '../../shapes/transform'
import { copiesOf, planCopies, type CopyPlan } from '../copies'
import { wayOf, type Hand, type Outcome } from '../drag'
import { frameAround, framesIn } from '../frames'
import type { Board, Edit } from '../tool'
import { bindingsLeft } from '../binding'

/** Shapes on their way. What is in a frame goes with it; arrows that are bound follow by themselves. */
export interface Moving {
  readonly at: 'moving'
  readonly shapes: readonly Shape[]
  /** The shapes in the frames among them. */
  readonly followers: readonly Shape[]
  /** Around them all, where they were. */
  readonly bounds: Box
  /** The frames they may be dropped into, bottom first. */
  readonly frames: readonly Shape[]
  /** What copies are made with, once Alt was down. */
  readonly plan?: CopyPlan
}

/** Undefined when nothing of the selection can be moved. */
export function beginMove(ids: Iterable<RecordId>, board: Board): Moving | undefined {
  const shapes = [...ids].flatMap((id) => board.get(id) ?? []).filter(({ props }) => props['locked'] !== true)
  const bounds = extentOf(shapes.map(({ props }) => props))
  if (!bounds) return undefined
  const taken = new Set(shapes.map(({ id }) => id))
  const followers = shapes.filter(isFrame).flatMap(({ id }) => board.children(id)).filter(({ id }) => !taken.has(id))
  const frames = framesIn(board).filter(({ id }) => !taken.has(id))
  return { at: 'moving', shapes, followers, bounds, frames }
}

/** Makes the ids of copies when they are needed for the first time. */
export function withPlan(moving: Moving, { mods }: Hand, board: Board): Moving {
  if (!mods.alt || moving.plan) return moving
  return { ...moving, plan: planCopies([...moving.shapes, ...moving.followers], board) }
}

export function movedBy(moving: Moving, hand: Hand): Outcome {
  const by = constrained(wayOf(hand), hand)
  const { shapes, followers, plan } = moving
  const dropped = shapes.map((shape): Edit => [shape.id, drop(moving, shape, by)])
  const carried = followers.map((shape): Edit => [shape.id, moved(shape.props, by.x, by.y)])
  const edits = [...dropped, ...carried]
  const target = targetOf(dropped)
  const hint = target === undefined ? {} : { target }
  if (!hand.mods.alt || !plan) return { edits: by.x === 0 && by.y === 0 ? [] : edits, hint }
  return { edits: copiesOf(plan, edits), hint, then: { select: shapes.map(({ id }) => plan.ids.get(id)!) } }
}

/** The patch that moves a shape, into or out of a frame too. */
function drop({ frames, shapes, followers }: Moving, { props }: Shape, by: World): Edit[1] {
  const patch = { ...moved(props, by.x, by.y), ...(isPath(props) && bindingsLeft(props, [...shapes, ...followers])) }
  if (props['kind'] === 'frame') return patch
  const box = orientedOf(props)?.box
  if (!box) return patch
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
