import { boxOf, grow, height, overlaps, width } from '../geometry/box'
import { toOutline } from '../geometry/distance'
import { colorOf, cornersOf, fillOf, widthOf, type Kind } from './shape'

/** A rectangle with the corners `at` and `at` + `size`. */
export const rect: Kind = {
  box(shape) {
    const corners = cornersOf(shape)
    return corners && grow(boxOf(corners.a, corners.b), widthOf(shape) / 2)
  },

  touches(shape, segment, radius) {
    const corners = cornersOf(shape)
    if (!corners) return false
    const box = boxOf(corners.a, corners.b)
    if (fillOf(shape) && overlaps(box, boxOf(segment.a, segment.a))) return true
    return toOutline(segment, box) <= radius + widthOf(shape) / 2
  },

  paint(shape, { pen, css }) {
    const corners = cornersOf(shape)
    if (!corners) return
    const box = boxOf(corners.a, corners.b)
    const fill = fillOf(shape)
    pen.lineJoin = 'round'
    pen.lineWidth = widthOf(shape)
    if (fill) {
      pen.fillStyle = css(fill)
      pen.fillRect(box.minX, box.minY, width(box), height(box))
    }
    pen.strokeStyle = css(colorOf(shape))
    pen.strokeRect(box.minX, box.minY, width(box), height(box))
  },
}
