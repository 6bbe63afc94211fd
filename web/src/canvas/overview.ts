import { contains, grow, height, width, type Box } from '../geometry/box'
import type { Shape } from '../shapes'
import { Dirt } from './dirt'
import { PaintJob, paintShape, penOf, project, type PaintOptions, type Projection } from './surface'
import type { View } from './tiles'

/** Pixels of its longer side. */
const SIDE = 1024
/** It is painted anew at most this often, in ms. */
const EVERY = 10_000
/** Smaller boards are painted so fast that they need none. */
const LEAST_SHAPES = 300

/** A small picture of the whole board, shown where nothing better is painted yet. */
export class Overview {
  private canvas: HTMLCanvasElement | undefined
  private projection: Projection | undefined
  private job: { readonly paint: PaintJob; readonly canvas: HTMLCanvasElement; readonly projection: Projection } | undefined
  /** Whether all of it must be painted anew; else the dirt. */
  private stale = true
  private dirt = new Dirt()
  private begun = -Infinity
  /** Whether what is shown was painted elsewhere, of what is not there yet. */
  private isAdopted = false

  constructor(private readonly o: PaintOptions) {}

  get isThere(): boolean {
    return this.canvas !== undefined
  }

  /** The picture and where it is on the plane, if there is one of all there is. */
  get picture(): { readonly canvas: HTMLCanvasElement; readonly projection: Projection } | undefined {
    const { canvas, projection, isAdopted } = this
    return isAdopted ? undefined : canvas && projection && { canvas, projection }
  }

  /** Shows a picture of what is not there yet. */
  adopt(canvas: HTMLCanvasElement, projection: Projection): void {
    Object.assign(this, { canvas, projection, isAdopted: true })
  }

  /** These places look different now; undefined = everywhere. */
  invalidate(boxes: readonly Box[] | undefined): void {
    this.stale ||= boxes === undefined
    if (!this.stale) for (const box of boxes!) this.dirt.add(box)
  }

  reset(): void {
    this.canvas = undefined
    this.job = undefined
    this.stale = true
    this.begun = -Infinity
  }

  /** Adds a shape that is above all others. */
  stamp(shape: Shape): void {
    if (this.job) this.job.paint.push(shape)
    if (!this.canvas || !this.projection) return
    const pen = penOf(this.canvas)
    pen.save()
    project(pen, this.projection)
    paintShape(shape, this.o.kit.brush(pen, this.projection.scale))
    pen.restore()
  }

  /** Paints until `isLate` says so; returns whether it is done. While changes go on, it is painted now and then. */
  paint(isLate: () => boolean, now: number): boolean {
    if ((this.stale || !this.dirt.isEmpty) && !this.job && now - this.begun >= EVERY) {
      this.begin()
      if (this.job) this.begun = now
    }
    if (!this.job) return true
    if (!this.job.paint.run(this.job.canvas, isLate)) return false
    this.canvas = this.job.canvas
    this.projection = this.job.projection
    this.isAdopted = false
    this.job = undefined
    return true
  }

  /** Draws the part that covers `box`. */
  put(pen: CanvasRenderingContext2D, { camera, dpr }: View, box: Box): void {
    if (!this.canvas || !this.projection) return
    const { x, y, scale } = this.projection
    const to = camera.zoom * dpr
    const left = Math.round((box.minX - camera.x) * to)
    const top = Math.round((box.minY - camera.y) * to)
    const right = Math.round((box.maxX - camera.x) * to)
    const bottom = Math.round((box.maxY - camera.y) * to)
    const [sx, sy] = [(box.minX - x) * scale, (box.minY - y) * scale]
    pen.drawImage(this.canvas, sx, sy, width(box) * scale, height(box) * scale, left, top, right - left, bottom - top)
  }

  private begin(): void {
    const { stale } = this
    this.stale = false
    const changed = this.dirt.take()
    const bounds = this.o.scene.bounds()
    if (!bounds || this.o.scene.size < LEAST_SHAPES) {
      this.canvas = undefined
      return
    }
    if (!stale && this.canvas && this.projection && contains(boxOf(this.canvas, this.projection), bounds)) this.amend(this.canvas, this.projection, changed)
    else this.beginAnew(bounds)
  }

  private amend(old: HTMLCanvasElement, projection: Projection, changed: readonly Box[]): void {
    const canvas = document.createElement('canvas')
    canvas.width = old.width
    canvas.height = old.height
    penOf(canvas).drawImage(old, 0, 0)
    const places = changed.map((box) => grow(box, 1.5 / projection.scale))
    this.job = { paint: new PaintJob(projection, places, this.o), canvas, projection }
  }

  private beginAnew(bounds: Box): void {
    const box = grow(bounds, Math.max(width(bounds), height(bounds), 1) / 50)
    const scale = Math.min(SIDE / Math.max(width(box), height(box)), 1)
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.ceil(width(box) * scale))
    canvas.height = Math.max(1, Math.ceil(height(box) * scale))
    const projection = { x: box.minX, y: box.minY, scale }
    this.job = { paint: new PaintJob(projection, [box], this.o), canvas, projection }
  }
}

function boxOf({ width, height }: HTMLCanvasElement, { x, y, scale }: Projection): Box {
  return { minX: x, minY: y, maxX: x + width / scale, maxY: y + height / scale }
}
