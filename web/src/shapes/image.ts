import type { Json } from '../board/types'
import { isTuple, orNull, string } from '../board/validate'
import { height, width, type Box } from '../geometry/box'
import { cornersOfBox } from './boxed'
import { isWithin, toChain } from './outlined'
import { Path, type Item } from './picture'
import { flipOf, sizedBox, type Kind } from './shape'
import { isExtent, isFlip, SHAPE } from './tables'

/** What stands for a picture that is not there yet. */
export const PLACEHOLDER = { color: 'grey', alpha: 0.2 } as const

/** An uploaded picture, or a part of it. */
export const image: Kind = {
  form: 'box',
  table: {
    ...SHAPE,
    size: isExtent,
    asset: orNull((value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)),
    flip: isFlip,
    crop: orNull((value) => isTuple(value, 4, (n) => n >= 0 && n <= 1)),
    alt: string(1000),
  },
  shown: ['opacity'],
  mirrors: true,

  frame: sizedBox,

  bounds(shape) {
    return sizedBox(shape)!
  },

  touches(shape, segment, radius) {
    const corners = cornersOfBox(sizedBox(shape)!)
    return isWithin(segment.a, corners) || toChain(segment, corners) <= radius
  },

  picture(shape) {
    const box = sizedBox(shape)!
    const { asset } = shape
    if (typeof asset !== 'string') return placeholder(box)
    const crop = cropOf(shape['crop'])
    return [{ do: 'image', asset, box, ...(crop && { crop }), flip: flipOf(shape) }]
  },
}

/** A grey sheet with mountains and a sun. */
function placeholder(box: Box): Item[] {
  const side = Math.min(width(box), height(box), 96) / 2
  const [x, y] = [(box.minX + box.maxX) / 2 - side / 2, (box.minY + box.maxY) / 2 - side / 2]
  const { color, alpha } = PLACEHOLDER
  const hills = new Path()
    .move(x, y + side)
    .line(x + 0.35 * side, y + 0.45 * side)
    .line(x + 0.55 * side, y + 0.7 * side)
    .line(x + 0.7 * side, y + 0.55 * side)
    .line(x + side, y + side)
    .close()
  const sun = { minX: x + 0.65 * side, minY: y + 0.1 * side, maxX: x + 0.9 * side, maxY: y + 0.35 * side }
  return [
    { do: 'path', path: new Path().rect(box), fill: color, alpha },
    { do: 'path', path: hills.ellipse(sun), fill: color, alpha: 2 * alpha },
  ]
}

function cropOf(value: Json | undefined): readonly [number, number, number, number] | undefined {
  if (!Array.isArray(value)) return undefined
  const [x, y, w, h] = value as Json[]
  if (typeof x !== 'number' || typeof y !== 'number' || typeof w !== 'number' || typeof h !== 'number') return undefined
  return w > 0 && h > 0 ? [x, y, w, h] : undefined
}

