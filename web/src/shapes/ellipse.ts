import { boxOf, grow, height, width, type Box } from '../geometry/box'
import { toEllipse } from '../geometry/distance'
import type { World } from '../geometry/point'
import { colorOf, cornersOf, fillOf, widthOf, type Kind } from './shape'

/** An ellipse inscribed in the rectangle of `at` and `at` + `size`; a circle when its sides are equal. */
export const ellipse: Kind = {
  box(shape) {
    const corners = cornersOf(shape)
    return corners && grow(boxOf(corners.a, corners.b), widthOf(shape) / 2)
  },

  touches(shape, segment, radius) {
    const corners = cornersOf(shape)
    if (!corners) return false
    const box = boxOf(corners.a, corners.b)
    if (fillOf(shape) && isInside(box, segment.a)) return true
    return toEllipse(segment, box) <= radius + widthOf(shape) / 2
  },

  paint(shape, { pen, css }) {
    const corners = cornersOf(shape)
    if (!corners) return
    const box = boxOf(corners.a, corners.b)
    const fill = fillOf(shape)
    pen.beginPath()
    pen.ellipse(...centre(box), width(box) / 2, height(box) / 2, 0, 0, 2 * Math.PI)
    if (fill) {
      pen.fillStyle = css(fill)
      pen.fill()
    }
    pen.strokeStyle = css(colorOf(shape))
    pen.lineWidth = widthOf(shape)
    pen.stroke()
  },
}

function isInside(box: Box, p: World): boolean {
  const [cx, cy] = centre(box)
  return ((p.x - cx) / (width(box) / 2)) ** 2 + ((p.y - cy) / (height(box) / 2)) ** 2 <= 1
}

function centre({ minX, minY, maxX, maxY }: Box): [number, number] {
  return [(minX + maxX) / 2, (minY + maxY) / 2]
}
