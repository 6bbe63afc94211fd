import type { Patch } from '../board/types'
import { height, width, type Box } from '../geometry/box'
import { boxAround } from '../geometry/oriented'
import { world, type World } from '../geometry/point'
import { outlined } from './outlined'
import { Path } from './picture'
import { flipOf } from './shape'
import { OUTLINE } from './style'

/** The share of a side that a round corner takes away from it at each end. */
const ROUNDNESS = 0.2
const MAX_CUT = 32
/** The room for a label is looked for on a grid of so many rows. */
const ROWS = 24

/** A regular polygon that fills its box, with a corner at the top. */
export const polygon = outlined({
  path: (box, shape) => pathOf(cornersIn(box, sidesOf(shape), flipOf(shape)), shape),
  inside: (box, shape) => part(box, flipped(roomIn(sidesOf(shape)), [1, flipOf(shape)[1]])),
  shown: [...OUTLINE, 'corners', 'sides'],
  mirrors: true,
  next: { kind: 'rect' },
})

/** A square on its corner that fills its box. */
export const diamond = outlined({
  path: (box, shape) => pathOf(cornersIn(box, 4, [1, 1]), shape),
  inside: (box) => part(box, { minX: 0.25, minY: 0.25, maxX: 0.75, maxY: 0.75 }),
  shown: [...OUTLINE, 'corners'],
  next: { kind: 'polygon' },
})

/** A part of a box, given as shares of it. */
export function part(box: Box, { minX, minY, maxX, maxY }: Box): Box {
  const [w, h] = [width(box), height(box)]
  return { minX: box.minX + minX * w, minY: box.minY + minY * h, maxX: box.minX + maxX * w, maxY: box.minY + maxY * h }
}

function sidesOf({ sides }: Patch): number {
  return typeof sides === 'number' ? Math.min(Math.max(Math.round(sides), 3), 12) : 6
}

function cornersIn(box: Box, sides: number, [fx, fy]: readonly [number, number]): World[] {
  return unitCorners(sides).map(({ x, y }) =>
    world(box.minX + (fx < 0 ? 1 - x : x) * width(box), box.minY + (fy < 0 ? 1 - y : y) * height(box)),
  )
}

function pathOf(corners: readonly World[], shape: Patch): Path {
  return shape['corners'] === 'round' ? roundPath(corners) : new Path().polyline(corners, true)
}

/** A closed line through corners, which are rounded. */
export function roundPath(corners: readonly World[]): Path {
  const path = new Path()
  corners.forEach((corner, i) => {
    const from = cut(corner, corners.at(i - 1)!)
    const to = cut(corner, corners[(i + 1) % corners.length]!)
    if (i === 0) path.move(from.x, from.y)
    else path.line(from.x, from.y)
    path.quadratic(corner.x, corner.y, to.x, to.y)
  })
  return path.close()
}

/** The point at which a round corner leaves the side to another corner. */
function cut(corner: World, other: World): World {
  const side = Math.hypot(other.x - corner.x, other.y - corner.y)
  const share = Math.min(ROUNDNESS, MAX_CUT / Math.max(side, 1e-9))
  return world(corner.x + (other.x - corner.x) * share, corner.y + (other.y - corner.y) * share)
}

const units = new Map<number, readonly World[]>()

/** The corners in the box from 0 to 1, which they fill. */
function unitCorners(sides: number): readonly World[] {
  const known = units.get(sides)
  if (known) return known
  const circle = Array.from({ length: sides }, (_, i) => {
    const angle = (2 * Math.PI * i) / sides
    return world(Math.sin(angle), -Math.cos(angle))
  })
  const box = boxAround(circle)!
  const corners = circle.map(({ x, y }) => world((x - box.minX) / width(box), (y - box.minY) / height(box)))
  units.set(sides, corners)
  return corners
}

const rooms = new Map<number, Box>()

/** The largest rectangle in the middle of the polygon that fills the box from 0 to 1. */
function roomIn(sides: number): Box {
  const known = rooms.get(sides)
  if (known) return known
  const corners = unitCorners(sides)
  let room: Box = { minX: 0.5, minY: 0.5, maxX: 0.5, maxY: 0.5 }
  let most = 0
  for (let top = 0; top < ROWS; top++) {
    for (let bottom = top + 1; bottom <= ROWS; bottom++) {
      const half = Math.min(halfWidthAt(corners, top / ROWS), halfWidthAt(corners, bottom / ROWS))
      const area = half * (bottom - top)
      if (area <= most + 1e-6) continue
      most = area
      room = { minX: 0.5 - half, minY: top / ROWS, maxX: 0.5 + half, maxY: bottom / ROWS }
    }
  }
  rooms.set(sides, room)
  return room
}

/** How far the polygon reaches to the nearer side at a height. */
function halfWidthAt(corners: readonly World[], y: number): number {
  let [left, right] = [Infinity, -Infinity]
  corners.forEach((a, i) => {
    const b = corners[(i + 1) % corners.length]!
    if (Math.min(a.y, b.y) > y + 1e-9 || Math.max(a.y, b.y) < y - 1e-9) return
    const level = Math.abs(a.y - b.y) < 1e-9
    const x = level ? b.x : a.x + ((b.x - a.x) * (y - a.y)) / (b.y - a.y)
    left = Math.min(left, x, level ? a.x : x)
    right = Math.max(right, x, level ? a.x : x)
  })
  return Math.max(Math.min(0.5 - left, right - 0.5), 0)
}

/** A part of the box from 0 to 1, mirrored about its middle. */
export function flipped({ minX, minY, maxX, maxY }: Box, [fx, fy]: readonly [number, number]): Box {
  return {
    ...(fx < 0 ? { minX: 1 - maxX, maxX: 1 - minX } : { minX, maxX }),
    ...(fy < 0 ? { minY: 1 - maxY, maxY: 1 - minY } : { minY, maxY }),
  }
}
