import { centreOf, type OrientedBox } from '../../geometry/oriented'
import type { Shape } from '../../shapes'
import { turned } from '../../shapes/transform'
import type { Hand, Outcome } from '../drag'
import type { Edit } from '../tool'

/** A selection that is turned about its middle. */
export interface Rotating {
  readonly at: 'rotating'
  readonly shapes: readonly Shape[]
  readonly box: OrientedBox
}

/** With Shift a selection stands at multiples of this angle: 15°. */
const STEP = Math.PI / 12

export function rotatedBy({ shapes, box }: Rotating, { from, to, mods }: Hand): Outcome {
  const centre = centreOf(box.box)
  const free = Math.atan2(to.at.y - centre.y, to.at.x - centre.x) - Math.atan2(from.at.y - centre.y, from.at.x - centre.x)
  const angle = mods.shift ? Math.round((box.rotation + free) / STEP) * STEP - box.rotation : free
  if (angle === 0) return { edits: [] }
  return { edits: shapes.map(({ id, props }): Edit => [id, turned(props, centre, angle)]) }
}
