import type { Shape } from '../shapes'
import { paintShape, penOf, project, type BrushKit, type Projection } from './surface'
import type { View } from './tiles'

/** Ms that go into the first shapes, into some more of them, and into all. */
const FIRST = 10
const MORE = 1
const MOST = 30
/** How many shapes are painted between two looks at the clock. */
const STEP = 16

/** A first picture of a board that is still on its way: as much of it as can be painted meanwhile. */
export class Glimpse {
  readonly canvas = document.createElement('canvas')
  readonly projection: Projection
  private spent = 0

  /** Its pixels are those of the view. */
  constructor(
    { camera, size, dpr }: View,
    private readonly kit: BrushKit,
  ) {
    this.canvas.width = Math.max(1, Math.round(size.width * dpr))
    this.canvas.height = Math.max(1, Math.round(size.height * dpr))
    this.projection = { x: camera.x, y: camera.y, scale: camera.zoom * dpr }
  }

  /** Paints shapes above those before, or some of them, the lowest first. */
  add(shapes: readonly Shape[], now: () => number): void {
    const begun = now()
    const end = begun + (this.spent === 0 ? FIRST : Math.min(MORE, MOST - this.spent))
    const pen = penOf(this.canvas)
    pen.save()
    project(pen, this.projection)
    const brush = this.kit.brush(pen, this.projection.scale)
    for (let i = 0; i < shapes.length && (i % STEP > 0 || now() < end); i++) paintShape(shapes[i]!, brush)
    pen.restore()
    this.spent += now() - begun
  }
}
