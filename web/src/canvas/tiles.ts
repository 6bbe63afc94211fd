import { grow, overlaps, union, type Box } from '../geometry/box'
import type { Camera, Size } from '../geometry/camera'
import type { Shape } from '../shapes'
import { Dirt } from './dirt'
import { Overview } from './overview'
import { PaintJob, paintShape, penOf, project, type PaintOptions, type Projection } from './surface'
import { boxOfTile, bucketFor, childrenOf, keyOf, parentOf, scaleOf, TILE, tilesOf, type TileAddress } from './tilegrid'

/** How many tiles have pixels at most: with the spare ones less than 96 MB of them. */
const MAX_TILES = 80
const MAX_SPARE = 8
/** Bytes of a tile's pixels. */
const TILE_BYTES = 4 * TILE * TILE
/** How many tiles are known at most, most of them empty. */
const MAX_KNOWN = 4096
/** Ms of a frame that may go into tiles: while there is nothing to be seen, while some are missing, and when they are to be painted anew. */
const BARE_BUDGET = 16
const MISSING_BUDGET = 10
/** The same while the zoom changes: what is painted then is soon of no use, and all that is shown must be scaled. */
const ZOOMING_BUDGET = 2
const CHANGES_BUDGET = 5
/** The same while the hand draws. */
const DRAWING_BUDGET = 2
/** So few shapes are painted over what is there already, at once; more on a copy, so that nobody sees it half done. */
const AT_ONCE = 96
/** After the last change of zoom, in ms, tiles are painted at the new scale. */
const SETTLE = 120
/** So long after the last move, in ms, the view is taken to go on: what is around it will be in it soon. */
const GO_ON = 150
/** How many buckets up a stand-in for a missing tile is looked for. */
const STAND_IN_LEVELS = 4

interface Tile extends TileAddress {
  readonly box: Box
  /** Undefined when nothing is in it. */
  canvas: HTMLCanvasElement | undefined
  /** What must be painted anew; the old pixels are shown until then. */
  readonly dirt: Dirt
  /** False until it has been painted once. */
  painted: boolean
  used: number
}

interface Job {
  readonly tile: Tile
  readonly paint: PaintJob
  readonly canvas: HTMLCanvasElement
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
  private job: Job | undefined
  private bucket: number | undefined
  private camera: Camera | undefined
  private zoomed = -Infinity
  private moved = -Infinity
  private turn = 0
  /** Whether what is painted has been painted before. */
  private isRepainting = false
  /** Whether the scene is not there yet, and the overview stands for it. */
  private isWaiting = false

  constructor(private readonly o: PaintOptions) {
    this.overview = new Overview(o)
  }

  /** A picture of the whole board that is there when there is one, and its place on the plane. */
  get overviewPicture(): Overview['picture'] {
    return this.isWaiting ? undefined : this.overview.picture
  }

  /** Shows a picture until the scene is there. */
  standIn(canvas: HTMLCanvasElement, projection: Projection): void {
    this.isWaiting = true
    this.overview.adopt(canvas, projection)
  }

  /** The scene is there. */
  begin(): void {
    this.isWaiting = false
  }

  /** These places look different now; undefined = everywhere. */
  invalidate(boxes: readonly Box[] | undefined): void {
    if (boxes?.length === 0) return
    this.overview.invalidate(boxes)
    const around = boxes?.reduce<Box | undefined>(union, undefined)
    for (const tile of this.tiles.values()) {
      // Edges are soft: a shape reaches one pixel beyond its box.
      const by = 1.5 / scaleOf(tile.bucket)
      if (!around) tile.dirt.add(tile.box)
      else if (reaches(around, by, tile.box)) for (const box of boxes!) if (reaches(box, by, tile.box)) soil(tile, grow(box, by))
    }
  }

  /** Adds a shape that is above all others to the tiles that are painted, at once. */
  stamp(shape: Shape): void {
    this.overview.stamp(shape)
    for (const tile of this.tiles.values()) {
      if (!overlaps(grow(shape.box, 1.5 / scaleOf(tile.bucket)), tile.box)) continue
      if (this.job?.tile === tile) this.job.paint.push(shape)
      if (!tile.painted) continue
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
      return tile !== undefined && tile.painted && !tile.dirt.reaches(box) && this.job?.tile !== tile
    })
  }

  /** The share of visible tiles that are not as the scene is now, and how many bytes of pixels there are. */
  stats(view: View): { readonly provisional: number; readonly tileBytes: number } {
    const shown = tilesOf(view.camera, view.size, this.bestOf(view))
    const provisional = shown.filter((address) => this.needsPaint(address)).length / Math.max(shown.length, 1)
    const full = [...this.tiles.values()].filter(({ canvas }) => canvas).length
    return { provisional, tileBytes: (full + this.spare.length + (this.job ? 1 : 0)) * TILE_BYTES }
  }

  /**
   * Paints what is missing in view, and while the view moves around it, then what has changed, for a few ms; returns
   * what is left to be done, now, after a while, or ahead, in the page's pauses. Changes get less time: others may make
   * them without end. While the hand draws, what is not in view has to wait.
   */
  paint(view: View, now: () => number, isDrawing: boolean): 'done' | 'missing' | 'changes' | 'later' | 'ahead' {
    const settling = this.follow(view, now())
    if (this.isWaiting) return 'done'
    const isCovered = this.isCovered(view)
    const isZooming = now() - this.zoomed < SETTLE
    const isMoving = now() - this.moved < GO_ON
    const end = now() + (isDrawing ? DRAWING_BUDGET : isCovered ? CHANGES_BUDGET : this.isBare() ? BARE_BUDGET : isZooming ? ZOOMING_BUDGET : MISSING_BUDGET)
    const isLate = () => now() >= end
    this.turn++
    if (!this.paintTiles(view, isLate, !isDrawing && isMoving ? [0, 1] : [0])) return this.isRepainting ? 'changes' : 'missing'
    if (settling) return 'later'
    return isDrawing ? 'done' : 'ahead'
  }

  /**
   * Paints what nobody sees yet, the tiles around the view and then, while the hand rests, the overview, until `end`;
   * returns whether it is done. What is shown stays as it is.
   */
  paintAhead(view: View, now: () => number, end: number, isResting: boolean): boolean {
    if (this.isWaiting) return true
    const isLate = () => now() >= end
    return this.paintTiles(view, isLate, [0, 1]) && (!isResting || this.overview.paint(isLate, now()))
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
      if (tile && !tile.painted && this.job?.tile === tile) this.put(pen, view, { ...tile, canvas: this.job.canvas }, tile.box)
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

  /** Notes moves of the view; returns whether the zoom is still changing. */
  private follow(view: View, now: number): boolean {
    const { camera } = this
    const { x, y, zoom } = (this.camera = view.camera)
    if (camera && zoom !== camera.zoom) this.zoomed = now
    if (camera && (x !== camera.x || y !== camera.y || zoom !== camera.zoom)) this.moved = now
    const settling = now - this.zoomed < SETTLE
    if (!settling || this.bucket === undefined) this.bucket = bucketFor(view.camera, view.size, view.dpr)
    return settling && this.bucket < bucketFor(view.camera, view.size, view.dpr)
  }

  /** Whether there are pixels everywhere in view and around it, if old ones. */
  private isCovered(view: View): boolean {
    return tilesOf(view.camera, view.size, this.bucketOf(view), 1).every((address) => this.tiles.get(keyOf(address))?.painted)
  }

  private bestOf(view: View): number {
    return bucketFor(view.camera, view.size, view.dpr)
  }

  /** On the way in, the bucket that is there already; on the way out the coarser one, which is soon painted. */
  private bucketOf(view: View): number {
    const best = this.bestOf(view)
    return Math.min(this.bucket ?? best, best)
  }

  /** Whether nothing at all is there that could be shown. */
  private isBare(): boolean {
    if (this.overview.isThere) return false
    for (const { canvas } of this.tiles.values()) if (canvas) return false
    return true
  }

  /** Returns whether all tiles are as the scene is now. */
  private paintTiles(view: View, isLate: () => boolean, rings: readonly number[]): boolean {
    while (!isLate()) {
      const address = this.wanted(view, rings)
      if (!address) return true
      const job = this.job ?? this.take(address)
      const isOver = job.canvas === job.tile.canvas
      if (!job.paint.run(job.canvas, isOver ? never : isLate)) return false
      this.finish(job)
    }
    return false
  }

  /** The nearest tile that is not as the scene is now. */
  private wanted(view: View, rings: readonly number[]): TileAddress | undefined {
    const bucket = this.bucketOf(view)
    for (const ring of rings) {
      const address = tilesOf(view.camera, view.size, bucket, ring).find((a) => this.needsPaint(a))
      if (address) return address
    }
    return undefined
  }

  private take(address: TileAddress): Job {
    const tile = this.tileAt(address)
    this.isRepainting = tile.painted
    const changed = tile.dirt.take()
    tile.used = this.turn
    const paint = new PaintJob(projectionOf(tile), tile.painted ? changed : [tile.box], this.o)
    this.job = { tile, paint, canvas: this.canvasFor(tile, paint) }
    return this.job
  }

  private canvasFor(tile: Tile, paint: PaintJob): HTMLCanvasElement {
    if (tile.painted && tile.canvas && paint.count <= AT_ONCE) return tile.canvas
    const canvas = this.newCanvas()
    if (tile.painted && tile.canvas) penOf(canvas).drawImage(tile.canvas, 0, 0)
    return canvas
  }

  private finish({ tile, canvas }: Job): void {
    this.job = undefined
    if (tile.canvas !== canvas) this.release(tile)
    tile.painted = true
    tile.canvas = canvas
    if (this.isEmpty(tile)) this.release(tile)
  }

  private isEmpty({ box }: Tile): boolean {
    const picture = this.o.scene.background?.box
    return this.o.scene.isEmpty(box) && !(picture && overlaps(picture, box))
  }

  private needsPaint(address: TileAddress): boolean {
    const tile = this.tiles.get(keyOf(address))
    return !tile || !tile.painted || !tile.dirt.isEmpty || this.job?.tile === tile
  }

  private tileAt(address: TileAddress): Tile {
    const key = keyOf(address)
    const known = this.tiles.get(key)
    if (known) return known
    if (this.tiles.size > MAX_KNOWN) this.forgetEmpty()
    const box = boxOfTile(address)
    const tile = { ...address, box, canvas: undefined, dirt: new Dirt(), painted: false, used: this.turn }
    this.tiles.set(key, tile)
    return tile
  }

  /** A clean canvas: a spare one, or that of the tile that has not been used for the longest time. */
  private newCanvas(): HTMLCanvasElement {
    const known = this.spare.pop() ?? this.evict()
    const canvas = known ?? document.createElement('canvas')
    if (!known) canvas.width = canvas.height = TILE
    const pen = penOf(canvas)
    pen.setTransform(1, 0, 0, 1, 0, 0)
    pen.globalAlpha = 1
    pen.clearRect(0, 0, TILE, TILE)
    return canvas
  }

  private forgetEmpty(): void {
    for (const [key, { canvas, used }] of this.tiles) if (!canvas && used !== this.turn) this.tiles.delete(key)
  }

  /** Takes the canvas from a tile, if there are as many as there may be. */
  private evict(): HTMLCanvasElement | undefined {
    let full = 0
    let oldest: Tile | undefined
    for (const tile of this.tiles.values()) {
      if (!tile.canvas) continue
      full++
      if (!oldest || tile.used < oldest.used) oldest = tile
    }
    if (full < MAX_TILES || !oldest || oldest.used === this.turn) return undefined
    const { canvas } = oldest
    oldest.canvas = undefined
    this.tiles.delete(keyOf(oldest))
    return canvas
  }

  private release(tile: Tile): void {
    if (tile.canvas) this.keepSpare(tile.canvas)
    tile.canvas = undefined
  }

  private keepSpare(canvas: HTMLCanvasElement): void {
    if (this.spare.length < MAX_SPARE) this.spare.push(canvas)
  }

  private putStandIn(pen: CanvasRenderingContext2D, view: View, address: TileAddress): void {
    const box = boxOfTile(address)
    const parent = this.paintedParent(address)
    if (parent) return this.put(pen, view, parent, box)
    const children = childrenOf(address).map((child) => this.tiles.get(keyOf(child)))
    if (!children.every((tile) => tile?.painted)) this.overview.put(pen, view, box)
    for (const tile of children) if (tile?.painted) this.put(pen, view, tile, tile.box)
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

function reaches(a: Box, by: number, b: Box): boolean {
  return a.minX - by <= b.maxX && b.minX <= a.maxX + by && a.minY - by <= b.maxY && b.minY <= a.maxY + by
}

function soil(tile: Tile, box: Box): void {
  tile.dirt.add(intersection(box, tile.box))
}

const never = () => false

function intersection(a: Box, b: Box): Box {
  return {
    minX: Math.max(a.minX, b.minX),
    minY: Math.max(a.minY, b.minY),
    maxX: Math.min(a.maxX, b.maxX),
    maxY: Math.min(a.maxY, b.maxY),
  }
}
