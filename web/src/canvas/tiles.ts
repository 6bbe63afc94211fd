import { grow, overlaps, union, type Box } from '../geometry/box'
import type { Camera, Size } from '../geometry/camera'
import type { Shape } from '../shapes'
import { Overview } from './overview'
import { PaintJob, paintShape, penOf, project, type PaintOptions } from './surface'
import { boxOfTile, bucketFor, childrenOf, keyOf, parentOf, scaleOf, TILE, tilesOf, type TileAddress } from './tilegrid'

/** How many tiles have pixels at most: 96 MB of them. */
const MAX_TILES = 96
/** Bytes of a tile's pixels. */
const TILE_BYTES = 4 * TILE * TILE
/** How many tiles are known at most, most of them empty. */
const MAX_KNOWN = 4096
/** After the last change of zoom, in ms, tiles are painted at the new scale. */
const SETTLE = 120
/** How many buckets up a stand-in for a missing tile is looked for. */
const STAND_IN_LEVELS = 4

interface Tile extends TileAddress {
  readonly box: Box
  /** Undefined when nothing is in it. */
  canvas: HTMLCanvasElement | undefined
  /** What must be painted anew; the old pixels are shown until then. */
  dirty: Box | undefined
  /** False until it has been painted once. */
  painted: boolean
  used: number
}

/** A view of the plane on a canvas of device pixels. */
export interface View {
  readonly camera: Camera
  /** CSS pixels. */
  readonly size: Size
  readonly dpr: number
}

/**
 * The picture of the scene as a cache of square bitmaps, painted a few milliseconds at a time,
 * nearest to the centre of the view first.
 */
export class Tiles {
  private readonly tiles = new Map<string, Tile>()
  private readonly spare: HTMLCanvasElement[] = []
  private readonly overview: Overview
  private job: { tile: Tile; paint: PaintJob } | undefined
  private bucket: number | undefined
  private zoom = 0
  private zoomed = 0
  private turn = 0

  constructor(private readonly o: PaintOptions) {
    this.overview = new Overview(o)
  }

  /** These places look different now; undefined = everywhere. */
  invalidate(boxes: readonly Box[] | undefined): void {
    this.overview.invalidate()
    for (const tile of this.tiles.values()) {
      for (const box of boxes ?? [tile.box]) {
        // Edges are soft: a shape reaches one pixel beyond its box.
        const reach = grow(box, 1.5 / scaleOf(tile.bucket))
        if (overlaps(reach, tile.box)) tile.dirty = union(tile.dirty, intersection(reach, tile.box))
      }
    }
  }

  /** Adds a shape that is above all others to the tiles that are painted, at once. */
  stamp(shape: Shape): void {
    this.overview.stamp(shape)
    for (const tile of this.tiles.values()) {
      if (!tile.painted || !overlaps(grow(shape.box, 1.5 / scaleOf(tile.bucket)), tile.box)) continue
      if (this.job?.tile === tile) this.job.paint.push(shape)
      tile.canvas ??= this.newCanvas()
      const pen = penOf(tile.canvas)
      pen.save()
      project(pen, projectionOf(tile))
      paintShape(shape, this.o.kit.brush(pen, scaleOf(tile.bucket)))
      pen.restore()
    }
  }

  /** Everything looks different, the colours perhaps: nothing old may be shown. */
  reset(): void {
    this.job = undefined
    for (const tile of this.tiles.values()) this.release(tile)
    this.tiles.clear()
    this.overview.reset()
  }

  /** Whether all that is visible of a box is painted as it is now. */
  isClean(view: View, box: Box): boolean {
    return tilesOf(view.camera, view.size, this.bucketOf(view)).every((address) => {
      const tile = this.tiles.get(keyOf(address))
      if (!overlaps(boxOfTile(address), box)) return true
      return tile !== undefined && tile.painted && !(tile.dirty && overlaps(tile.dirty, box)) && this.job?.tile !== tile
    })
  }

  /** The share of visible tiles that are not as the scene is now, and how many bytes of pixels there are. */
  stats(view: View): { readonly provisional: number; readonly tileBytes: number } {
    const shown = tilesOf(view.camera, view.size, this.bestOf(view))
    const provisional = shown.filter((address) => this.needsPaint(address)).length / Math.max(shown.length, 1)
    const full = [...this.tiles.values()].filter(({ canvas }) => canvas).length
    return { provisional, tileBytes: (full + this.spare.length + (this.job ? 1 : 0)) * TILE_BYTES }
  }

  /** Paints what is missing for up to `budget` ms; returns whether more is to be done, now or after a while. */
  paint(view: View, now: () => number, budget: number): 'done' | 'more' | 'later' {
    const end = now() + budget
    const isLate = () => now() >= end
    const settling = this.follow(view, now())
    this.turn++
    while (!isLate()) {
      const job = this.job ?? this.begin(view)
      if (!job) break
      if (!job.paint.run(isLate)) return 'more'
      this.finish(job)
    }
    if (isLate()) return 'more'
    if (!this.overview.paint(isLate)) return 'more'
    return settling ? 'later' : 'done'
  }

  /** Draws what the view shows. */
  compose(pen: CanvasRenderingContext2D, view: View): void {
    const { size, dpr } = view
    pen.setTransform(1, 0, 0, 1, 0, 0)
    pen.clearRect(0, 0, Math.ceil(size.width * dpr), Math.ceil(size.height * dpr))
    pen.imageSmoothingEnabled = true
    for (const address of tilesOf(view.camera, size, this.bucketOf(view))) {
      const tile = this.tiles.get(keyOf(address))
      if (tile) tile.used = this.turn
      if (tile?.painted) this.put(pen, view, tile, tile.box)
      else this.putStandIn(pen, view, address)
    }
  }

  /** Forgets pixels that are not visible: the page is in the background. */
  trim(): void {
    for (const [key, tile] of this.tiles) {
      if (tile.used === this.turn) continue
      this.release(tile)
      this.tiles.delete(key)
    }
    this.spare.length = 0
  }

  /** Notes the zoom; returns whether it is still changing. */
  private follow(view: View, now: number): boolean {
    const { zoom } = view.camera
    if (zoom !== this.zoom) {
      this.zoomed = this.zoom === 0 ? -Infinity : now
      this.zoom = zoom
    }
    const settling = now - this.zoomed < SETTLE
    if (!settling || this.bucket === undefined) this.bucket = bucketFor(view.camera, view.size, view.dpr)
    return settling && this.bucket < bucketFor(view.camera, view.size, view.dpr)
  }

  private bestOf(view: View): number {
    return bucketFor(view.camera, view.size, view.dpr)
  }

  /** On the way in, the bucket that is there already; on the way out the coarser one, which is soon painted. */
  private bucketOf(view: View): number {
    const best = this.bestOf(view)
    return Math.min(this.bucket ?? best, best)
  }

  private begin(view: View): { tile: Tile; paint: PaintJob } | undefined {
    const bucket = this.bucketOf(view)
    const address = [0, 1].flatMap((ring) => tilesOf(view.camera, view.size, bucket, ring)).find((a) => this.needsPaint(a))
    if (!address) return undefined
    const tile = this.tileAt(address)
    const area = tile.painted ? (tile.dirty ?? tile.box) : tile.box
    tile.dirty = undefined
    tile.used = this.turn
    const canvas = this.newCanvas()
    if (tile.painted && tile.canvas && area !== tile.box) penOf(canvas).drawImage(tile.canvas, 0, 0)
    this.job = { tile, paint: new PaintJob(canvas, projectionOf(tile), area, this.o) }
    return this.job
  }

  private finish({ tile, paint }: { tile: Tile; paint: PaintJob }): void {
    this.job = undefined
    this.release(tile)
    tile.painted = true
    if (this.isEmpty(tile)) this.spare.push(paint.canvas)
    else tile.canvas = paint.canvas
  }

  private isEmpty({ box }: Tile): boolean {
    const picture = this.o.scene.background?.box
    return this.o.scene.isEmpty(box) && !(picture && overlaps(picture, box))
  }

  private needsPaint(address: TileAddress): boolean {
    const tile = this.tiles.get(keyOf(address))
    return !tile || !tile.painted || tile.dirty !== undefined
  }

  private tileAt(address: TileAddress): Tile {
    const key = keyOf(address)
    const known = this.tiles.get(key)
    if (known) return known
    if (this.tiles.size > MAX_KNOWN) this.forgetEmpty()
    const box = boxOfTile(address)
    const tile = { ...address, box, canvas: undefined, dirty: undefined, painted: false, used: this.turn }
    this.tiles.set(key, tile)
    return tile
  }

  /** A clean canvas; takes it from the tile that has not been used for the longest time if there are too many. */
  private newCanvas(): HTMLCanvasElement {
    const known = this.spare.pop()
    const canvas = known ?? document.createElement('canvas')
    if (!known) {
      canvas.width = canvas.height = TILE
      this.evict()
    }
    const pen = penOf(canvas)
    pen.setTransform(1, 0, 0, 1, 0, 0)
    pen.globalAlpha = 1
    pen.clearRect(0, 0, TILE, TILE)
    return canvas
  }

  private forgetEmpty(): void {
    for (const [key, { canvas, used }] of this.tiles) if (!canvas && used !== this.turn) this.tiles.delete(key)
  }

  private evict(): void {
    const full = [...this.tiles.entries()].filter(([, { canvas }]) => canvas)
    if (full.length < MAX_TILES) return
    const [key, oldest] = full.reduce((a, b) => (b[1].used < a[1].used ? b : a))
    if (oldest.used === this.turn) return
    this.tiles.delete(key)
    oldest.canvas = undefined
  }

  private release(tile: Tile): void {
    if (tile.canvas) this.spare.push(tile.canvas)
    tile.canvas = undefined
    this.spare.length = Math.min(this.spare.length, 8)
  }

  private putStandIn(pen: CanvasRenderingContext2D, view: View, address: TileAddress): void {
    const box = boxOfTile(address)
    const parent = this.paintedParent(address)
    if (parent) this.put(pen, view, parent, box)
    else this.overview.put(pen, view, box)
    if (parent) return
    for (const child of childrenOf(address)) {
      const tile = this.tiles.get(keyOf(child))
      if (tile?.painted) this.put(pen, view, tile, tile.box)
    }
  }

  private paintedParent(address: TileAddress): Tile | undefined {
    for (let levels = 1; levels <= STAND_IN_LEVELS; levels++) {
      const tile = this.tiles.get(keyOf(parentOf(address, levels)))
      if (tile?.painted) return tile
    }
    return undefined
  }

  /** Draws the part of a tile that covers `box`, its edges on whole pixels so that no seam shows. */
  private put(pen: CanvasRenderingContext2D, { camera, dpr }: View, tile: Tile, box: Box): void {
    if (!tile.canvas) return
    const from = scaleOf(tile.bucket)
    const to = camera.zoom * dpr
    const left = Math.round((box.minX - camera.x) * to)
    const top = Math.round((box.minY - camera.y) * to)
    const right = Math.round((box.maxX - camera.x) * to)
    const bottom = Math.round((box.maxY - camera.y) * to)
    const [sx, sy] = [(box.minX - tile.box.minX) * from, (box.minY - tile.box.minY) * from]
    const side = (box.maxX - box.minX) * from
    pen.drawImage(tile.canvas, sx, sy, side, side, left, top, right - left, bottom - top)
  }
}

function projectionOf({ box, bucket }: Tile) {
  return { x: box.minX, y: box.minY, scale: scaleOf(bucket) }
}

function intersection(a: Box, b: Box): Box {
  return {
    minX: Math.max(a.minX, b.minX),
    minY: Math.max(a.minY, b.minY),
    maxX: Math.min(a.maxX, b.maxX),
    maxY: Math.min(a.maxY, b.maxY),
  }
}
