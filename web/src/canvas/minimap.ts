import type { Unsubscribe } from '../board/types'
import { contains, grow, height, union, width, type Box } from '../geometry/box'
import { centred, visible, type Camera, type Size } from '../geometry/camera'
import { world, type World } from '../geometry/point'
import type { Live } from '../sync/live'
import type { Look } from './cursors'
import { cssColor, type Theme } from './palette'
import { PaintJob, penOf, type PaintOptions, type Projection } from './surface'
import type { Scene } from './scene'

/** Ms of a frame that may go into the map, and the pause after a change before it is painted anew, at least. */
const BUDGET = 4
const PAUSE = 300
/** Pauses are so many times as long as painting takes. */
const REST = 12
const MAX_DPR = 2

/** What the map knows of the board's view. */
export interface MapView {
  readonly scene: Scene
  /** Whether somebody draws, drags or moves the view just now. */
  readonly isBusy: boolean
  readonly size: Size
  camera: Camera
  subscribe(fn: () => void): Unsubscribe
}

export interface MinimapOptions {
  readonly canvas: HTMLCanvasElement
  readonly view: MapView
  readonly live: Live
  look(user: string): Look
  /** The colour of the box that shows where the view is. */
  accent(): string
}

/**
 * A small picture of the whole board, with the part in view and the others' cursors; pressing it moves
 * the view there. Shapes are painted a few at a time, and while the hand is at work not at all.
 */
export class Minimap {
  private picture: { readonly canvas: HTMLCanvasElement; readonly projection: Projection; readonly box: Box } | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private frame: number | undefined
  private painting: number | undefined
  private took = 0
  private readonly ends: Unsubscribe[]
  private held: Projection | undefined

  constructor(
    private readonly o: MinimapOptions,
    private theme_: Theme,
  ) {
    const { view, live } = o
    this.ends = [view.scene.subscribe(() => this.later()), view.subscribe(() => this.draw()), live.subscribe(() => this.draw())]
    this.paint()
  }

  set theme(theme: Theme) {
    this.theme_ = theme
    this.paint()
  }

  /** Moves the view so that its middle is where the map was pressed, in pixels of the map. */
  go(x: number, y: number): void {
    const at = this.worldAt(x, y)
    const { view } = this.o
    view.camera = centred(at, view.size, view.camera.zoom)
  }

  /** Moves the view by shares of its size. */
  pan(right: number, down: number): void {
    const { view } = this.o
    const { x, y, zoom } = view.camera
    view.camera = { x: x + (right * view.size.width) / zoom, y: y + (down * view.size.height) / zoom, zoom }
  }

  /** While the map is being dragged on, it stays where it is. */
  hold(on: boolean): void {
    this.held = on ? this.projection() : undefined
    this.draw()
  }

  stop(): void {
    clearTimeout(this.timer)
    if (this.frame !== undefined) cancelAnimationFrame(this.frame)
    if (this.painting !== undefined) cancelAnimationFrame(this.painting)
    for (const end of this.ends) end()
  }

  private get pixels(): Size {
    const { clientWidth, clientHeight } = this.o.canvas
    return { width: clientWidth, height: clientHeight }
  }

  private worldAt(x: number, y: number): World {
    const { x: left, y: top, scale } = this.held ?? this.projection()
    return world(left + x / scale, top + y / scale)
  }

  /** The board and what is in view of it, in the middle of the map. Scale is in CSS pixels. */
  private projection(): Projection {
    const { view } = this.o
    const seen = visible(view.camera, view.size)
    const box = union(view.scene.bounds(), seen) ?? seen
    const around = grow(box, Math.max(width(box), height(box)) / 24)
    const size = this.pixels
    const scale = Math.min(size.width / width(around), size.height / height(around))
    return {
      x: (around.minX + around.maxX) / 2 - size.width / 2 / scale,
      y: (around.minY + around.maxY) / 2 - size.height / 2 / scale,
      scale,
    }
  }

  private later(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      if (this.o.view.isBusy) this.later()
      else this.paint()
    }, Math.max(PAUSE, REST * this.took))
  }

  /** Paints the shapes to a canvas of their own, in slices. */
  private paint(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    if (this.painting !== undefined) cancelAnimationFrame(this.painting)
    this.painting = undefined
    const { scene } = this.o.view
    const bounds = scene.bounds()
    if (!bounds) {
      this.picture = undefined
      return this.draw()
    }
    const box = grow(bounds, Math.max(width(bounds), height(bounds), 1) / 50)
    const dpr = Math.min(devicePixelRatio, MAX_DPR)
    const size = this.pixels
    const scale = Math.min((size.width * dpr) / width(box), (size.height * dpr) / height(box), 2)
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.ceil(width(box) * scale))
    canvas.height = Math.max(1, Math.ceil(height(box) * scale))
    const projection = { x: box.minX, y: box.minY, scale }
    this.slice(new PaintJob(projection, [box], this.paintOptions()), { canvas, projection, box })
  }

  private slice(job: PaintJob, picture: NonNullable<Minimap['picture']>): void {
    this.took = 0
    const step = () => {
      if (this.o.view.isBusy) {
        this.painting = requestAnimationFrame(step)
        return
      }
      const start = performance.now()
      const isDone = job.run(picture.canvas, () => performance.now() - start > BUDGET)
      this.took += performance.now() - start
      this.painting = isDone ? undefined : requestAnimationFrame(step)
      if (!isDone) return
      this.picture = picture
      this.draw()
    }
    step()
  }

  private paintOptions(): PaintOptions {
    const css = (color: string) => cssColor(color, this.theme_)
    const none = () => undefined
    return { scene: this.o.view.scene, kit: { brush: (pen, scale) => ({ pen, scale, css, image: none }) }, pictures: { get: none }, isLifted: () => false }
  }

  private draw(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined
      this.compose()
    })
  }

  private compose(): void {
    const { canvas, view } = this.o
    const size = this.pixels
    if (size.width === 0) return
    const dpr = Math.min(devicePixelRatio, MAX_DPR)
    if (canvas.width !== Math.round(size.width * dpr)) {
      canvas.width = Math.round(size.width * dpr)
      canvas.height = Math.round(size.height * dpr)
    }
    const pen = penOf(canvas)
    const { x, y, scale } = this.held ?? this.projection()
    pen.setTransform(1, 0, 0, 1, 0, 0)
    pen.clearRect(0, 0, canvas.width, canvas.height)
    pen.setTransform(dpr, 0, 0, dpr, 0, 0)
    const place = (box: Box) => [(box.minX - x) * scale, (box.minY - y) * scale, width(box) * scale, height(box) * scale] as const
    if (this.picture) pen.drawImage(this.picture.canvas, ...place(this.picture.box))
    this.drawView(pen, place(visible(view.camera, view.size)))
    for (const { x: cx, y: cy, user } of this.o.live.cursors.values()) this.drawDot(pen, (cx - x) * scale, (cy - y) * scale, this.o.look(user).color)
    const bounds = view.scene.bounds()
    canvas.dataset['inside'] = String(!bounds || contains(visible(view.camera, view.size), bounds))
  }

  private drawView(pen: CanvasRenderingContext2D, [left, top, w, h]: readonly [number, number, number, number]): void {
    pen.strokeStyle = this.o.accent()
    pen.fillStyle = this.o.accent()
    pen.globalAlpha = 0.08
    pen.fillRect(left, top, w, h)
    pen.globalAlpha = 1
    pen.lineWidth = 1.5
    pen.strokeRect(left, top, w, h)
  }

  private drawDot(pen: CanvasRenderingContext2D, x: number, y: number, color: string): void {
    pen.beginPath()
    pen.arc(x, y, 3.5, 0, 2 * Math.PI)
    pen.fillStyle = color
    pen.fill()
  }
}
