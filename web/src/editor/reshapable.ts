import type { Patch } from '../board/types'
import { kindOf } from '../shapes/kinds'

/** Whether a shape is an outline in a box, which may become any other. */
export function isReshapable(record: Patch): boolean {
  const kind = kindOf(record)
  return kind?.form === 'box' && kind.next !== undefined
}
