import type { Json, Patch, RecordId } from '../board/types'
import type { Box } from '../geometry/box'
import { commonPart } from '../geometry/convex'
import type { Segment } from '../geometry/distance'
import { boxAround, centreOf, cornersIn, turn } from '../geometry/oriented'
import type { World } from '../geometry/point'
import { boundTo, resolve } from './bind'
import { cornersOfBox } from './boxed'
import { isWithin, toChain } from './outlined'
import { kindOf } from './kinds'
import type { Lookup } from './picture'
import { rotationOf, type Kind, type Shape } from './shape'

export { recordOf, resolve } from './bind'
export { detailAt, paint, pictureOf, type Brush } from './paint'
export type { Lookup, Picture } from './picture'
export type { Detail, Kind, Shape } from './shape'
export { measureText } from './text/label'

const NOTHING: Lookup = () => undefined
const NONE: readonly RecordId[] = []

/**
 * The shape of a record; undefined if it is none, deleted or malformed. `lookup` gives the records it may
 * depend on: what it is bound to, its frame, its layer.
 */
export function shapeOf(id: RecordId, stored: Patch | undefined, lookup: Lookup = NOTHING): Shape | undefined {
  if (!stored || stored['deleted'] === true) return undefined
  const kind = kindOf(stored)
  if (!kind) return undefined
  const props = resolve(id, stored, lookup)
  const frame = kind.frame(props)
  if (!frame) return undefined
  const z = typeof stored['z'] === 'string' ? stored['z'] : ''
  const rotation = rotationOf(props)
  const box = boxOf(kind, props, frame, rotation)
  const layer = recordIn(stored['layer'], lookup)
  const order = `${typeof layer?.['z'] === 'string' ? layer['z'] : ''} ${z}`
  const clip = clipIn(stored['frame'], lookup)
  const shape = { id, z, order, kind, box, frame, rotation, props, uses: usesOf(stored, lookup) }
  return clip ? { ...shape, clip } : shape
}

/** Whether what is visible of a shape comes within `radius` of a segment. */
export function touches({ kind, props, frame, rotation, clip }: Shape, segment: Segment, radius: number): boolean {
  if (clip && !isNear(clip, segment, radius)) return false
  if (rotation === 0) return kind.touches(props, segment, radius)
  const middle = centreOf(frame)
  return kind.touches(props, { a: turn(segment.a, middle, -rotation), b: turn(segment.b, middle, -rotation) }, radius)
}

function isNear(clip: readonly World[], segment: Segment, radius: number): boolean {
  return isWithin(segment.a, clip) || isWithin(segment.b, clip) || toChain(segment, [...clip, clip[0]!]) <= radius
}

function boxOf(kind: Kind, props: Patch, frame: Box, rotation: number): Box {
  const bounds = kind.bounds(props)
  if (rotation === 0) return bounds
  const middle = centreOf(frame)
  return boxAround(cornersOfBox(bounds).map((corner) => turn(corner, middle, rotation)))!
}

/** Other records, of which each change may change this shape. */
function usesOf(stored: Patch, lookup: Lookup): readonly RecordId[] {
  const { frame, layer, startbind, endbind } = stored
  if (!frame && !layer && !startbind && !endbind) return NONE
  const uses = boundTo(stored, lookup)
  if (typeof frame === 'string') uses.add(frame)
  if (typeof layer === 'string') uses.add(layer)
  return [...uses]
}

function recordIn(id: Json | undefined, lookup: Lookup): Patch | undefined {
  const record = typeof id === 'string' ? (lookup(id) as Patch | undefined) : undefined
  return record?.['deleted'] === true ? undefined : record
}

/** So many frames are looked at that are in each other; more, and those in a circle, are not. */
export const MOST_FRAMES = 16

/** What a frame shows of the shapes in it, itself in other frames perhaps, as the corners of a convex polygon; undefined for no frame. */
export function clipIn(frame: Json | undefined, lookup: Lookup): readonly World[] | undefined {
  let clip: readonly World[] | undefined
  for (let i = 0; i < MOST_FRAMES; i++) {
    const record = recordIn(frame, lookup)
    const box = record?.['kind'] === 'frame' ? kindOf(record)?.frame(record) : undefined
    if (!box) return clip
    const corners = cornersIn({ box, rotation: rotationOf(record!) })
    clip = clip ? commonPart(clip, corners) : corners
    frame = record!['frame']
  }
  return clip
}
