import type { Patch } from '../board/types'
import type { Lookup } from '../shapes/picture'
import { cornersOf } from '../shapes/shape'
import { boxOf, height, width, type Box } from '../geometry/box'
import { world, type World } from '../geometry/point'

/** What a shape in a frame is cut off at. */
export interface Frame {
  /** Before rotation. */
  readonly box: Box
  readonly rotation: number
}

/** The frame that a shape is in; undefined if it is in none. */
export function frameOf({ frame: id }: Patch, lookup: Lookup): Frame | undefined {
  if (typeof id !== 'string') return undefined
  const record = lookup(id) as Patch | undefined
  const corners = record?.['kind'] === 'frame' ? cornersOf(record) : undefined
  if (!record || !corners) return undefined
  const { rotation } = record
  return { box: boxOf(corners.a, corners.b), rotation: typeof rotation === 'number' ? rotation : 0 }
}

/** Whether a point is inside a frame. */
export function isInside({ box, rotation }: Frame, at: World): boolean {
  const c = middle(box)
  const [sin, cos] = [Math.sin(-rotation), Math.cos(-rotation)]
  const [dx, dy] = [at.x - c.x, at.y - c.y]
  return Math.abs(dx * cos - dy * sin) <= width(box) / 2 && Math.abs(dx * sin + dy * cos) <= height(box) / 2
}

/** Runs `paint` while a canvas in world units is confined to a frame; without a frame it is not. */
export function inFrame(pen: CanvasRenderingContext2D, frame: Frame | undefined, paint: () => void): void {
  if (!frame) return paint()
  const { box, rotation } = frame
  const { x, y } = middle(box)
  const [sin, cos] = [Math.sin(rotation), Math.cos(rotation)]
  pen.save()
  pen.beginPath()
  for (const [px, py] of [[box.minX, box.minY], [box.maxX, box.minY], [box.maxX, box.maxY], [box.minX, box.maxY]] as const) {
    pen.lineTo(x + (px - x) * cos - (py - y) * sin, y + (px - x) * sin + (py - y) * cos)
  }
  pen.clip()
  paint()
  pen.restore()
}

function middle({ minX, minY, maxX, maxY }: Box): World {
  return world((minX + maxX) / 2, (minY + maxY) / 2)
}
