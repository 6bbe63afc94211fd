import { boxOf, grow } from '../geometry/box'
import { betweenSegments } from '../geometry/distance'
import { colorOf, cornersOf, widthOf, type Kind } from './shape'

/** A straight line with round ends, from `at` along the vector `size`. */
export const line: Kind = {
  box(shape) {
    const ends = cornersOf(shape)
    return ends && grow(boxOf(ends.a, ends.b), widthOf(shape) / 2)
  },

  touches(shape, segment, radius) {
    const ends = cornersOf(shape)
    return ends !== undefined && betweenSegments(ends, segment) <= radius + widthOf(shape) / 2
  },

  paint(shape, { pen, css }) {
    const ends = cornersOf(shape)
    if (!ends) return
    pen.strokeStyle = css(colorOf(shape))
    pen.lineWidth = widthOf(shape)
    pen.lineCap = 'round'
    pen.beginPath()
    pen.moveTo(ends.a.x, ends.a.y)
    pen.lineTo(ends.b.x, ends.b.y)
    pen.stroke()
  },
}
