import { visible, type Camera, type Size } from '../geometry/camera'
import type { Box } from '../geometry/box'

/** Device pixels of a tile's side. */
export const TILE = 512
/** How far a tile's pixels may be stretched before the next finer bucket is used: not so that one sees it. */
const STRETCH = 1.01
/** More visible tiles than this, and a coarser bucket is used. */
const MOST_VISIBLE = 64

/** A square of the plane at a scale of 2^bucket device pixels per world unit. */
export interface TileAddress {
  readonly bucket: number
  readonly tx: number
  readonly ty: number
}

export const keyOf = ({ bucket, tx, ty }: TileAddress): string => `${bucket}/${tx}/${ty}`

/** Device pixels per world unit. */
export const scaleOf = (bucket: number): number => 2 ** bucket

export function boxOfTile({ bucket, tx, ty }: TileAddress): Box {
  const side = TILE / scaleOf(bucket)
  return { minX: tx * side, minY: ty * side, maxX: (tx + 1) * side, maxY: (ty + 1) * side }
}

/** The bucket in which a view is sharp. */
export function bucketFor(camera: Camera, view: Size, dpr: number): number {
  let bucket = Math.ceil(Math.log2((camera.zoom * dpr) / STRETCH))
  while (countTiles(camera, view, bucket) > MOST_VISIBLE) bucket--
  return bucket
}

/** The tiles that cover a view, with `ring` more around it, nearest to its centre first. */
export function tilesOf(camera: Camera, view: Size, bucket: number, ring = 0): TileAddress[] {
  const side = TILE / scaleOf(bucket)
  const box = visible(camera, view)
  const tiles: TileAddress[] = []
  for (let ty = Math.floor(box.minY / side) - ring; ty * side < box.maxY + ring * side; ty++) {
    for (let tx = Math.floor(box.minX / side) - ring; tx * side < box.maxX + ring * side; tx++) {
      tiles.push({ bucket, tx, ty })
    }
  }
  const cx = (box.minX + box.maxX) / 2 / side - 0.5
  const cy = (box.minY + box.maxY) / 2 / side - 0.5
  const far = ({ tx, ty }: TileAddress) => (tx - cx) ** 2 + (ty - cy) ** 2
  return tiles.sort((a, b) => far(a) - far(b))
}

/** The tile of a coarser bucket that covers this one. */
export function parentOf({ bucket, tx, ty }: TileAddress, levels: number): TileAddress {
  return { bucket: bucket - levels, tx: Math.floor(tx / 2 ** levels), ty: Math.floor(ty / 2 ** levels) }
}

/** The four tiles of the next finer bucket. */
export function childrenOf({ bucket, tx, ty }: TileAddress): TileAddress[] {
  return [0, 1, 2, 3].map((i) => ({ bucket: bucket + 1, tx: 2 * tx + (i & 1), ty: 2 * ty + (i >> 1) }))
}

function countTiles({ zoom }: Camera, view: Size, bucket: number): number {
  const side = (TILE / scaleOf(bucket)) * zoom
  return (Math.ceil(view.width / side) + 1) * (Math.ceil(view.height / side) + 1)
}
