import type { Patch, RecordId } from '../board/types'
import { height, width } from '../geometry/box'
import { centreOf, isInside, turn } from '../geometry/oriented'
import type { World } from '../geometry/point'
import { touches, type Shape } from '../shapes'
import { reachOf } from './drag'
import type { Board, Pointer } from './tool'

/** Nearer to the middle than this share of the box, an end aims at the middle itself. */
const NEAR_MIDDLE = 0.2

export interface Binding {
  readonly to: RecordId
  readonly at: readonly [number, number]
  readonly inside: boolean
}

/** The topmost shape at a point that an end can be bound to; of frames only the border. */
export function bindable(at: World, pointer: Pointer, board: Board): Shape | undefined {
  const reach = reachOf(pointer, board)
  const near = board.within({ minX: at.x - reach, minY: at.y - reach, maxX: at.x + reach, maxY: at.y + reach })
  return near.findLast((shape) => {
    const { kind, props, frame: box, rotation } = shape
    if (kind.form !== 'box') return false
    return props['kind'] === 'frame' ? touches(shape, { a: at, b: at }, reach) : isInside({ box, rotation }, at, reach)
  })
}

/** The binding of an end at a point to a shape: it aims at that point, or at the middle when it is near. */
export function bindingTo(shape: Shape, at: World): Binding {
  const exact = bindingAt(shape, at)
  const [u, v] = exact.at
  return Math.hypot(u - 0.5, v - 0.5) < NEAR_MIDDLE ? { ...exact, at: [0.5, 0.5] } : exact
}

/** The same, aiming at that very point. */
export function bindingAt({ id, frame: box, rotation }: Shape, at: World): Binding {
  const { x, y } = turn(at, centreOf(box), -rotation)
  return { to: id, at: [share((x - box.minX) / (width(box) || 1)), share((y - box.minY) / (height(box) || 1))], inside: false }
}

/** Lets go of what a line is bound to, unless that is moved along: then the line follows it. */
export function bindingsLeft(props: Patch, movedAlong: readonly Shape[]): Patch {
  const ends = ['startbind', 'endbind'].filter((end) => props[end])
  if (ends.length === 0) return {}
  const along = new Set(movedAlong.map(({ id }) => id))
  if (ends.some((end) => along.has((props[end] as unknown as Binding).to))) return {}
  return Object.fromEntries(ends.map((end) => [end, null]))
}

function share(value: number): number {
  return Math.round(Math.min(Math.max(value, 0), 1) * 1e4) / 1e4
}
