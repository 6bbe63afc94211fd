import type { Patch } from '../board/types'
import { height, width, type Box } from '../geometry/box'
import { centreOf, turn } from '../geometry/oriented'
import { kindOf } from './kinds'
import { rotationOf, sizedBox, textOf } from './shape'
import { measureText, textStyleOf } from './text/label'

/** A point of a box, as shares of its sides. */
export type Place = readonly [u: number, v: number]

/** Words are not broken where the room is made narrower, unless they are longer than this, in ems. */
const LEAST_EMS = 3
/** Fewer steps than this, and the shape is as large as its label, to half a unit. */
const MOST_STEPS = 40

/** The properties by which a label may come to need more room. */
const OF_ROOM: readonly string[] = ['kind', 'sides', 'size', 'width', 'text', 'font', 'fontsize']

/** A change of a shape, and what the shape grows by so that its label still fits in; the point at `fixed` of its box stays. */
export function fitted(props: Patch, patch: Patch, fixed: Place = [0.5, 0]): Patch {
  const after = { ...props, ...patch }
  const kind = kindOf(after)
  if (!kind?.room || textOf(after) === '' || !OF_ROOM.some((prop) => prop in patch)) return patch
  const [was, frame, box] = [kind.frame(props), kind.frame(after), sizedBox(after)]
  if (!was || !frame || !box) return patch
  // A note grows by itself; it is made larger only by hand.
  if (!('size' in patch) && frame.maxY > box.maxY) return patch
  const wide = Math.min(widthFor(after, box), Math.max(width(was), width(box)))
  const wider = grownTo(box, wide, height(box), fixed)
  const to = grownTo(wider, wide, heightFor(after, wider), fixed)
  if (wide === width(box) && height(to) === height(box)) return patch
  const middle = centreOf(to)
  const { x, y } = turn(middle, centreOf(frame), rotationOf(after))
  return { ...patch, at: [round(to.minX + x - middle.x), round(to.minY + y - middle.y)], size: [round(width(to)), round(height(to))] }
}

/** How wide a shape must be that its label's words may stand in it. */
function widthFor(props: Patch, box: Box): number {
  const { size } = textStyleOf(props)
  if (width(roomIn(props, box)) >= LEAST_EMS * size) return width(box)
  const words = textOf(props).split(/\s+/).map((text) => measureText({ ...props, text }).width)
  const least = Math.min(Math.max(...words), LEAST_EMS * size)
  return enlarged(width(box), (wide) => least - width(roomIn(props, { ...box, maxX: box.minX + wide })))
}

/** How high a shape must be that its label's lines may stand in it. */
function heightFor(props: Patch, box: Box): number {
  return enlarged(height(box), (high) => {
    const room = roomIn(props, { ...box, maxY: box.minY + high })
    return measureText(props, width(room)).height - height(room)
  })
}

/** A side made longer until nothing is lacking. */
function enlarged(side: number, lacking: (side: number) => number): number {
  let long = side
  for (let i = 0; i < MOST_STEPS; i++) {
    const more = lacking(long)
    if (more < 0.5) break
    long += more
  }
  return long === side ? side : Math.ceil(long)
}

function roomIn(props: Patch, { minX, minY, maxX, maxY }: Box): Box {
  return kindOf(props)!.room!({ ...props, at: [minX, minY], size: [maxX - minX, maxY - minY] })
}

function grownTo({ minX, minY, maxX, maxY }: Box, wide: number, high: number, [u, v]: Place): Box {
  const [x, y] = [wide - (maxX - minX), high - (maxY - minY)]
  return { minX: minX - u * x, minY: minY - v * y, maxX: maxX + (1 - u) * x, maxY: maxY + (1 - v) * y }
}

function round(value: number): number {
  return Math.round(value * 100) / 100 + 0
}
