import type { Patch } from '../board/types'
import { height, width } from '../geometry/box'
import { fitted } from '../shapes/fit'
import { orientedOf, stretched, stretchOf } from '../shapes/transform'

/** The shape with its right and lower sides moved by so many units; no smaller than one unit, nor than its label. */
export function resized(props: Patch, dx: number, dy: number): Patch {
  const box = orientedOf(props)?.box
  if (!box) return {}
  const maxX = box.minX + Math.max(width(box) + dx, width(box) === 0 ? 0 : 1)
  const maxY = box.minY + Math.max(height(box) + dy, height(box) === 0 ? 0 : 1)
  return fitted(props, stretched(props, stretchOf(box, { ...box, maxX, maxY })), [0, 0])
}
