import type { Patch } from '../../board/types'
import { toSegment } from '../../geometry/distance'
import { world, type World } from '../../geometry/point'
import type { Shape } from '../../shapes'
import { rightAngled } from '../../shapes/elbow'
import { routePoints } from '../../shapes/route'
import { pathThrough } from '../../shapes/transform'
import { atSteps } from '../angle'
import { bindable, bindingTo } from '../binding'
import { wayOf, type Hand, type Outcome } from '../drag'
import { isUpright, pointsOnPlane, type Handle } from '../handles'
import type { Board } from '../tool'

/** A point of a line, or a new one, on its way. */
export interface Bending {
  readonly at: 'bending'
  readonly shape: Shape
  readonly handle: Extract<Handle, { name: 'point' | 'middle' | 'piece' }>
}

/** A bend this near to the straight way, in pixels, is taken out. */
const STRAIGHT = 6

export function bentBy({ shape, handle }: Bending, hand: Hand, board: Board): Outcome {
  const { id, props } = shape
  if (handle.name === 'piece') return { edits: [[id, through(moved(routePoints(props), handle.index, hand), props)]] }
  const points = [...pointsOnPlane(shape)]
  const index = handle.name === 'middle' ? handle.index + 1 : handle.index
  if (handle.name === 'middle') points.splice(index, 0, handle.at)
  const isEnd = index === 0 || index === points.length - 1
  const at = placed(points, index, hand)
  if (!isEnd && isStraight(points, index, at, board)) {
    points.splice(index, 1)
    return handle.name === 'middle' ? { edits: [] } : { edits: [[id, through(points, props)]] }
  }
  points[index] = at
  if (!isEnd || props['kind'] !== 'arrow' || props['closed'] === true) return { edits: [[id, through(points, props)]] }
  const target = hand.mods.mod ? undefined : bindable(hand.to.at, hand.pointer, board)
  const bind = target ? { ...bindingTo(target, hand.to.at) } : null
  const edits = [[id, { ...through(points, props), [index === 0 ? 'startbind' : 'endbind']: bind } as Patch]] as const
  return target ? { edits, hint: { target: target.id } } : { edits }
}

/** A route whose piece after a point is moved sideways; from ends that stay, new pieces lead to it. */
function moved(points: readonly World[], index: number, hand: Hand): World[] {
  const way = wayOf(hand)
  const by = ({ x, y }: World) => (isUpright(points, index) ? world(x + way.x, y) : world(x, y + way.y))
  const piece = [points[index]!, points[index + 1]!].map(by)
  return rightAngled([...points.slice(0, Math.max(index, 1)), ...piece, ...points.slice(Math.min(index + 2, points.length - 1))])
}

/** Where the point is now; with Shift at a multiple of 15° from its neighbour. */
function placed(points: readonly World[], index: number, hand: Hand): World {
  const way = wayOf(hand)
  const at = world(points[index]!.x + way.x, points[index]!.y + way.y)
  const neighbour = points[index === 0 ? 1 : index - 1]
  return hand.mods.shift && neighbour ? atSteps(neighbour, at) : at
}

function isStraight(points: readonly World[], index: number, at: World, board: Board): boolean {
  return toSegment(at, { a: points[index - 1]!, b: points[index + 1]! }) * board.zoom < STRAIGHT
}

function through(points: readonly World[], props: Patch): Patch {
  return 'rotation' in props ? { ...pathThrough(points), rotation: 0 } : pathThrough(points)
}

