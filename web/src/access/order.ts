import type { RecordId } from '../board/types'
import type { Box } from '../geometry/box'
import { centreOf } from '../geometry/oriented'
import type { Shape } from '../shapes'
import { sortSteps, whole, type Steps } from './steps'

export type Direction = 'left' | 'right' | 'up' | 'down'

/** How much worse a unit aside is than a unit ahead, on the way to a neighbour. */
const ASIDE = 2

/** Shapes as one would read them: each frame with what is in it, then the others; row by row, in a row from left to right. */
export function readingOrder(shapes: readonly Shape[]): Shape[] {
  return whole(readingSteps(shapes))
}

/** The same, a little at a time. */
export function* readingSteps(shapes: readonly Shape[]): Steps<Shape[]> {
  const frames = shapes.filter(isFrame)
  const inside = new Map<RecordId, Shape[]>(frames.map(({ id }) => [id, []]))
  const outside: Shape[] = []
  for (const shape of shapes) if (!isFrame(shape)) (inside.get(shape.props['frame'] as RecordId) ?? outside).push(shape)
  const read: Shape[] = []
  for (const frame of yield* rows(frames)) read.push(frame, ...(yield* rows(inside.get(frame.id)!)))
  return frames.length > 0 ? [...read, ...(yield* rows(outside))] : yield* rows(outside)
}

const isFrame = ({ props }: Shape) => props['kind'] === 'frame'

/** A row is what has its middle beside the row's first shape. */
function* rows(shapes: readonly Shape[]): Steps<Shape[]> {
  const left = yield* sortSteps(shapes, (a, b) => a.box.minY - b.box.minY || a.box.minX - b.box.minX)
  const read: Shape[] = []
  while (read.length < left.length) {
    const first = left[read.length]!
    let end = read.length + 1
    while (end < left.length && centreOf(left[end]!.box).y <= first.box.maxY) end++
    const row = yield* sortSteps(left.slice(read.length, end), (a, b) => a.box.minX - b.box.minX || a.box.minY - b.box.minY)
    for (const shape of row) read.push(shape)
    yield
  }
  return read
}

/** The nearest shape in a direction, the ones straight ahead first; undefined if there is none. */
export function neighbour(shapes: readonly Shape[], from: Shape, direction: Direction): Shape | undefined {
  let best: Shape | undefined
  let least = Infinity
  for (const shape of shapes) {
    const cost = shape.id === from.id ? Infinity : wayTo(shape.box, from.box, direction)
    if (cost >= least) continue
    least = cost
    best = shape
  }
  return best
}

/** How far it is from one box to another in a direction; infinite if it does not lie there. */
function wayTo(to: Box, from: Box, direction: Direction): number {
  const [a, b] = [centreOf(from), centreOf(to)]
  const sign = direction === 'left' || direction === 'up' ? -1 : 1
  const flat = direction === 'left' || direction === 'right'
  const ahead = sign * (flat ? b.x - a.x : b.y - a.y)
  const aside = Math.abs(flat ? b.y - a.y : b.x - a.x)
  return ahead > 1e-6 && aside <= ASIDE * ahead ? ahead + ASIDE * aside : Infinity
}
