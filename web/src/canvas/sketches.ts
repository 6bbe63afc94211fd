import { grow, overlaps, union, type Box } from '../geometry/box'
import { visible } from '../geometry/camera'
import { paint, type Brush, type Shape } from '../shapes'
import { clip, project, type Palette } from './surface'
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
  return { box: shape.box, paint: (brush) => paint(shape, brush) }
}

/** A canvas of sketches. Only what has changed is wiped and painted anew. */
export class SketchLayer {
  private shown = new Set<Sketch>()
  private all = true

  constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly pen: CanvasRenderingContext2D,
    private readonly palette: Palette,
  ) {}

  /** The camera or the colours have changed. */
  invalidate(): void {
    this.all = true
  }

  draw(view: View, sketches: Iterable<Sketch>): void {
    const now = new Set(sketches)
    const area = this.all ? visible(view.camera, view.size) : this.dirty(now)
    this.all = false
    this.shown = now
    this.canvas.style.visibility = now.size > 0 ? 'visible' : 'hidden'
    if (!area) return
    const scale = view.camera.zoom * view.dpr
    const { pen } = this
    pen.save()
    clip(pen, { x: view.camera.x, y: view.camera.y, scale }, area)
    project(pen, { x: view.camera.x, y: view.camera.y, scale })
    const brush = { pen, scale, css: (color: string) => this.palette.css(color) }
    const reach = grow(area, 2 / scale)
    for (const sketch of now) if (sketch.box && overlaps(sketch.box, reach)) sketch.paint(brush, reach)
    pen.restore()
  }

  private dirty(now: ReadonlySet<Sketch>): Box | undefined {
    let area: Box | undefined
    for (const sketch of this.shown) if (!now.has(sketch)) area = union(area, sketch.box)
    for (const sketch of now) area = union(area, this.shown.has(sketch) ? sketch.takeDirty?.() : sketch.box)
    return area
  }
}
