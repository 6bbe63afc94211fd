import { grow, overlaps, union, type Box } from '../geometry/box'
import { visible } from '../geometry/camera'
import type { World } from '../geometry/point'
import { paint, type Brush, type Shape } from '../shapes'
import { clip, inClip, paintClipped, project, type BrushKit } from './surface'
import type { View } from './tiles'

/** Something painted above the tiles for a while: unfinished, or just finished. */
export interface Sketch {
  readonly box: Box | undefined
  /** Paints at least what is within `area`. */
  paint(brush: Brush, area: Box): void
  /** Where a sketch that changes looks different since the last call. */
  takeDirty?(): Box | undefined
}

/** A whole shape as a sketch. */
export function sketchOf(shape: Shape): Sketch {
  return { box: shape.box, paint: (brush) => paintClipped(shape, brush) }
}

/** A whole shape at another place; nothing of it is computed anew. */
export class MovedSketch implements Sketch {
  readonly box: Box

  /** `clip`: the corners of the frame that it is in now. */
  constructor(
    readonly shape: Shape,
    readonly shift: readonly [number, number],
    private readonly clip: readonly World[] | undefined,
  ) {
    this.box = shifted(shape.box, shift)
  }

  paint(brush: Brush): void {
    const { pen } = brush
    inClip(pen, this.clip, () => {
      pen.save()
      pen.translate(...this.shift)
      paint(this.shape, brush)
      pen.restore()
    })
  }

  /** Paints the shape where it came from, whole, if it is in the area. */
  paintAtHome(brush: Brush, area: Box): void {
    if (overlaps(this.shape.box, area)) paint(this.shape, brush)
  }
}

export function shifted({ minX, minY, maxX, maxY }: Box, [dx, dy]: readonly [number, number]): Box {
  return { minX: minX + dx, minY: minY + dy, maxX: maxX + dx, maxY: maxY + dy }
}

/** A canvas of sketches. Only what has changed is wiped and painted anew. */
export class SketchLayer {
  private shown = new Set<Sketch>()
  private all = true

  constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly pen: CanvasRenderingContext2D,
    private readonly kit: BrushKit,
  ) {
    canvas.style.visibility = 'hidden'
  }

  /** The camera or the colours have changed. */
  invalidate(): void {
    this.all = true
  }

  draw(view: View, sketches: Iterable<Sketch>): void {
    const now = new Set(sketches)
    // A blank canvas is right wherever the camera is.
    if (now.size === 0 && this.shown.size === 0) return
    const seen = visible(view.camera, view.size)
    const changed = this.all ? seen : this.dirty(now)
    this.all = false
    this.shown = now
    this.canvas.style.visibility = now.size > 0 ? 'visible' : 'hidden'
    const scale = view.camera.zoom * view.dpr
    const reach = grow(seen, 2 / scale)
    if (!changed || !overlaps(changed, reach)) return
    const area = intersection(changed, reach)
    const { pen } = this
    pen.save()
    clip(pen, { x: view.camera.x, y: view.camera.y, scale }, area)
    project(pen, { x: view.camera.x, y: view.camera.y, scale })
    const brush = this.kit.brush(pen, scale)
    const near = grow(area, 2 / scale)
    for (const sketch of now) if (sketch.box && overlaps(sketch.box, near)) sketch.paint(brush, near)
    pen.restore()
  }

  private dirty(now: ReadonlySet<Sketch>): Box | undefined {
    let area: Box | undefined
    for (const sketch of this.shown) if (!now.has(sketch)) area = union(area, sketch.box)
    for (const sketch of now) area = union(area, this.shown.has(sketch) ? sketch.takeDirty?.() : sketch.box)
    return area
  }
}

function intersection(a: Box, b: Box): Box {
  return {
    minX: Math.max(a.minX, b.minX),
    minY: Math.max(a.minY, b.minY),
    maxX: Math.min(a.maxX, b.maxX),
    maxY: Math.min(a.maxY, b.maxY),
  }
}
