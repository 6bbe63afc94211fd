import type { Patch } from '../board/types'
import { height, width } from '../geometry/box'
import { centreOf, placeIn, turn, type OrientedBox } from '../geometry/oriented'
import type { World } from '../geometry/point'
import { resolve, type Shape } from '../shapes'
import { kindOf } from '../shapes/kinds'
import type { Lookup } from '../shapes/picture'
import { rotationOf } from '../shapes/shape'
import { MAX_SHARE, type Spot, type Thread } from './talk'

/** Where a thread is now: a place on a shape goes where the shape goes, and stays where the shape was when that is deleted. */
export function placeOf({ at, on }: Pick<Thread, 'at' | 'on'>, lookup: Lookup): World {
  const oriented = on && boxOf(on.to, lookup)
  return oriented ? placeIn(oriented, on.at.x, on.at.y) : at
}

/** A place on a shape; without one, on the plane. */
export function spotAt(at: World, shape: Pick<Shape, 'id' | 'frame' | 'rotation'> | undefined): Spot {
  if (!shape) return { at, on: undefined }
  const { frame: box } = shape
  const { x, y } = turn(at, centreOf(box), -shape.rotation)
  const share = (value: number) => Math.round(Math.min(Math.max(value, -MAX_SHARE), MAX_SHARE) * 1e4) / 1e4
  return { at, on: { to: shape.id, at: { ...at, x: share((x - box.minX) / (width(box) || 1)), y: share((y - box.minY) / (height(box) || 1)) }, inside: true } }
}

function boxOf(id: string, lookup: Lookup): OrientedBox | undefined {
  const stored = lookup(id) as Patch | undefined
  if (!stored) return undefined
  const known = boxes.get(stored)
  if (known) return known
  const props = resolve(id, stored, lookup)
  const box = kindOf(props)?.frame(props)
  const oriented = box && { box, rotation: rotationOf(props) }
  // What is bound to others depends on them, too.
  if (oriented && props === stored) boxes.set(stored, oriented)
  return oriented
}

/** Of records as they are: where a stroke is takes long to find out. */
const boxes = new WeakMap<Patch, OrientedBox>()
