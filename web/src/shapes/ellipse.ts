import { outlined } from './outlined'
import { Path } from './picture'
import { part } from './polygon'

const HALF = Math.SQRT1_2 / 2

/** An ellipse inscribed in its box; a circle when its sides are equal. */
export const ellipse = outlined({
  path: (box) => new Path().ellipse(box),
  inside: (box) => part(box, { minX: 0.5 - HALF, minY: 0.5 - HALF, maxX: 0.5 + HALF, maxY: 0.5 + HALF }),
  next: { kind: 'diamond' },
})
