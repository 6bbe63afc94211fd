import type { Patch } from '../board/types'
import type { Box } from '../geometry/box'
import { pictureOf, type Shape } from '../shapes'
import type { FontName, TextItem } from '../shapes/picture'
import { colorOf, pointOf } from '../shapes/shape'
import { baselineOf, LINE_HEIGHT } from '../shapes/text/layout'
import { textStyleOf } from '../shapes/text/label'
import { isPath } from '../shapes/transform'

/** Where and how the text of a shape is written. */
export interface WritingArea {
  /** What the lines are set in; of a line's label only its middle. */
  readonly box: Box
  /** The width at which lines are broken. */
  readonly breakAt: number
  readonly align: 'left' | 'center' | 'right'
  readonly valign: 'top' | 'middle' | 'bottom'
  readonly font: FontName
  readonly size: number
  readonly color: string
}

/** A label's lines are no longer than this share of a line, or so many ems if that is more. */
const LABEL_SHARE = 0.6
const LABEL_EMS = 8

/** Asks the shape itself: where a letter stands that is set at the top left, and at the bottom right. */
export function writingArea(shape: Shape): WritingArea | undefined {
  const { props } = shape
  const { kind } = props
  const style = textStyleOf(props)
  const color = typeof props['textcolor'] === 'string' ? props['textcolor'] : colorOf(props)
  if (kind === 'text') {
    const breakAt = props['wrap'] === true ? shape.frame.maxX - shape.frame.minX : Infinity
    return { box: shape.frame, breakAt, ...placing(props, 'left', 'top'), ...style, color }
  }
  const first = letter(shape, { align: 'left', valign: 'top' })
  const last = letter(shape, { align: 'right', valign: 'bottom' })
  if (!first || !last) return undefined
  const base = baselineOf(style)
  const line = LINE_HEIGHT * style.size
  const box = { minX: first.x, minY: first.y - base, maxX: last.x + last.width, maxY: last.y - base + line }
  if (!isPath(props)) return { box, breakAt: box.maxX - box.minX, ...placing(props, 'center', 'middle'), ...style, color }
  const size = pointOf(props['size']) ?? { x: 0, y: 0 }
  const breakAt = Math.max(LABEL_SHARE * Math.hypot(size.x, size.y), LABEL_EMS * style.size)
  return { box, breakAt, align: 'center', valign: 'middle', ...style, color }
}

function placeOf({ minX, minY, maxX, maxY }: Box): Patch {
  return { at: [minX, minY], size: [maxX - minX, maxY - minY] }
}

function letter(shape: Shape, place: Patch): TextItem | undefined {
  const { kind, props, frame } = shape
  const picture = pictureOf({ kind, props: { ...props, ...(!isPath(props) && placeOf(frame)), ...place, text: 'x' } })
  return picture.findLast((item) => item.do === 'text')
}

function placing({ align, valign }: Patch, along: WritingArea['align'], down: WritingArea['valign']): Pick<WritingArea, 'align' | 'valign'> {
  return {
    align: align === 'left' || align === 'center' || align === 'right' ? align : along,
    valign: valign === 'top' || valign === 'middle' || valign === 'bottom' ? valign : down,
  }
}
