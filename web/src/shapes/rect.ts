import type { Patch } from '../board/types'
import { height, width, type Box } from '../geometry/box'
import { outlined } from './outlined'
import { Path } from './picture'
import { OUTLINE } from './style'

/** A quarter of the shorter side is round, but no more than this. */
const MAX_RADIUS = 32

/** A rectangle; its corners may be round. */
export const rect = outlined({
  path: (box, shape) => new Path().rect(box, cornerRadius(box, shape)),
  inside: (box) => box,
  shown: [...OUTLINE, 'corners'],
  next: { kind: 'ellipse' },
})

export function cornerRadius(box: Box, { corners }: Patch): number {
  return corners === 'round' ? Math.min(width(box) / 4, height(box) / 4, MAX_RADIUS) : 0
}
