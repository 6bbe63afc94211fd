import type { Box } from '../geometry/box'
import { grow, height, width } from '../geometry/box'
import type { World } from '../geometry/point'
import { paint, type Brush, type Shape } from '../shapes'
import { colorOf } from '../shapes/shape'
import type { RecordId } from '../board/types'
import type { Scene } from './scene'

/** Shapes smaller than this, in device pixels, are drawn as a speck. */
const SPECK = 2.5
/** How many shapes are painted at most before the canvas must have their pixels. */
const STEP = 16

/** What tiles are painted with. */
export interface Palette {
  css(color: string): string
}

/** Makes the brushes that shapes are painted with. */
export interface BrushKit {
  brush(pen: CanvasRenderingContext2D, scale: number): Brush
}

/** Gives the picture of an asset once it has been loaded. */
export interface Pictures {
  get(asset: string): CanvasImageSource | undefined
}

export interface PaintOptions {
  readonly scene: Scene
  readonly kit: BrushKit
  readonly pictures: Pictures
  /** Whether a shape is painted elsewhere for the time being. */
  isLifted(id: RecordId): boolean
}

/** Where and how large the plane is on a canvas. */
export interface Projection {
  /** The world point of the canvas's first pixel. */
  readonly x: number
  readonly y: number
  /** Device pixels per world unit. */
  readonly scale: number
}

export function penOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const pen = canvas.getContext('2d')
  if (!pen) throw new Error('this browser has no canvas')
  return pen
}

/** Makes world units the units of a canvas. */
export function project(pen: CanvasRenderingContext2D, { x, y, scale }: Projection): void {
  pen.setTransform(scale, 0, 0, scale, -x * scale, -y * scale)
}

/** Paints a shape, or what its frame leaves of it. */
export function paintClipped(shape: Shape, brush: Brush): void {
  inClip(brush.pen, shape.clip, () => paint(shape, brush))
}

/** Runs `paint` while a canvas is confined to the corners of a frame, if there are any. */
export function inClip(pen: CanvasRenderingContext2D, corners: readonly World[] | undefined, paint: () => void): void {
  if (!corners) return paint()
  pen.save()
  pen.beginPath()
  for (const { x, y } of corners) pen.lineTo(x, y)
  pen.clip()
  paint()
  pen.restore()
}

/** Paints a shape; one too small to see as a speck. */
export function paintShape(shape: Shape, brush: Brush): void {
  const { box, props } = shape
  if (width(box) * brush.scale > SPECK || height(box) * brush.scale > SPECK) return paintClipped(shape, brush)
  const side = 1 / brush.scale
  brush.pen.globalAlpha = 0.7
  brush.pen.fillStyle = brush.css(colorOf(props))
  brush.pen.fillRect(box.minX, box.minY, Math.max(width(box), side), Math.max(height(box), side))
}

/** Paints some places of the scene on a canvas, a few shapes at a time. */
export class PaintJob {
  private readonly parts: readonly { readonly area: Box; readonly shapes: Shape[] }[]
  private part = 0
  private next = 0
  private brush: Brush | undefined

  /** What is in the places is wiped and painted anew, as the scene is now; their edges are moved out to whole pixels. */
  constructor(
    private readonly projection: Projection,
    places: readonly Box[],
    private readonly o: PaintOptions,
  ) {
    const reach = 2 / projection.scale
    this.parts = places.map((area) => ({ area, shapes: o.scene.within(grow(area, reach)).filter(({ id }) => !o.isLifted(id)) }))
  }

  /** How many shapes are to be painted. */
  get count(): number {
    return this.parts.reduce((sum, { shapes }) => sum + shapes.length, 0)
  }

  /**
   * Paints on a canvas, the same every time, until `isLate` says so; returns whether it is done. Browsers put off the
   * work until the pixels are wanted; here they are wanted every few shapes, so that the clock tells of it.
   */
  run(canvas: HTMLCanvasElement, isLate: () => boolean): boolean {
    for (; this.part < this.parts.length; this.part++) {
      const { area, shapes } = this.parts[this.part]!
      const brush = (this.brush ??= this.begin(penOf(canvas), area))
      while (this.next < shapes.length) {
        const end = Math.min(this.next + STEP, shapes.length)
        do paintShape(shapes[this.next++]!, brush)
        while (this.next < end && !isLate())
        flush(canvas)
        if (isLate() && this.next < shapes.length) return false
      }
      brush.pen.restore()
      this.brush = undefined
      this.next = 0
    }
    return true
  }

  /** Adds a shape above all others. */
  push(shape: Shape): void {
    for (const { shapes } of this.parts.slice(this.part)) shapes.push(shape)
  }

  private begin(pen: CanvasRenderingContext2D, area: Box): Brush {
    pen.save()
    clip(pen, this.projection, area)
    project(pen, this.projection)
    paintBackground(pen, this.o)
    return this.o.kit.brush(pen, this.projection.scale)
  }
}

let probe: CanvasRenderingContext2D | undefined

/** Has a canvas do what it has put off. */
function flush(canvas: HTMLCanvasElement): void {
  probe ??= penOf(Object.assign(document.createElement('canvas'), { width: 1, height: 1 }))
  probe.drawImage(canvas, 0, 0)
  // Else it would keep the picture.
  probe.clearRect(0, 0, 1, 1)
}

/** Confines a canvas to the pixels around a box, which are wiped. */
export function clip(pen: CanvasRenderingContext2D, { x, y, scale }: Projection, { minX, minY, maxX, maxY }: Box): void {
  const left = Math.floor((minX - x) * scale) - 1
  const top = Math.floor((minY - y) * scale) - 1
  const wide = Math.ceil((maxX - x) * scale) + 1 - left
  const high = Math.ceil((maxY - y) * scale) + 1 - top
  pen.setTransform(1, 0, 0, 1, 0, 0)
  pen.beginPath()
  pen.rect(left, top, wide, high)
  pen.clip()
  pen.clearRect(left, top, wide, high)
}

function paintBackground(pen: CanvasRenderingContext2D, { scene, pictures }: PaintOptions): void {
  const { background } = scene
  const picture = background && pictures.get(background.asset)
  if (!picture) return
  const { box } = background
  pen.globalAlpha = 1
  pen.imageSmoothingQuality = 'high'
  pen.drawImage(picture, box.minX, box.minY, width(box), height(box))
}
