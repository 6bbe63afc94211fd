import type { RecordId } from '../../board/types'
import { contains, type Box } from '../../geometry/box'
import { cornersIn } from '../../geometry/oriented'
import { touches, type Shape } from '../../shapes'
import { bandOf, type Hand, type Outcome } from '../drag'
import type { Board } from '../tool'

/** A rubber band: selects what it touches, with Shift in addition to what was selected. */
export interface Boxing {
  readonly at: 'boxing'
  readonly before: readonly RecordId[]
}

export function boxed({ before }: Boxing, hand: Hand, board: Board): Outcome {
  const band = bandOf(hand)
  const touched = board.within(band).filter((shape) => isTouched(shape, band))
  return { hint: { band }, select: unitsOf(touched, hand.mods.shift ? before : [], board) }
}

/** The units of shapes, besides those selected already. */
export function unitsOf(shapes: readonly Shape[], besides: readonly RecordId[], board: Board): readonly RecordId[] {
  const ids = new Set(besides)
  for (const { id } of shapes) if (!ids.has(id)) for (const member of board.unit(id)) ids.add(member)
  return [...ids]
}

/** Frames are selected only when they are within the band as a whole: it often begins inside of one. */
function isTouched(shape: Shape, band: Box): boolean {
  if (contains(band, shape.box)) return true
  if (shape.props['kind'] === 'frame') return false
  const corners = cornersIn({ box: band, rotation: 0 })
  return corners.some((a, i) => touches(shape, { a, b: corners[(i + 1) % 4]! }, 0))
}
