import type { Camera } from '../geometry/camera'

/** The step of the dots in world units at 100 %, to which positions snap. */
export const STEP = 20
/** How far apart the dots are on the screen, in pixels. */
const LEAST = 14
const MOST = LEAST * 8
/** How far the layer may be scaled before it is drawn anew; it reaches beyond the view as far. */
const STRETCH = 1.25
/** After the last change of zoom, in ms, it is drawn anew. */
const SETTLE = 120

/**
 * The grid of dots: an element that is drawn once and then moved and scaled by the compositor, which
 * costs nothing per frame. Its CSS gives the dots, `--step` their distance.
 */
export class Grid {
  readonly element = document.createElement('div')
  private drawn = 0
  private settle: ReturnType<typeof setTimeout> | undefined

  constructor() {
    this.element.className = 'layer grid'
  }

  place(camera: Camera): void {
    const step = stepFor(camera.zoom)
    const stretch = step / this.drawn
    if (stretch > STRETCH || stretch < 1 / STRETCH || this.drawn === 0) this.draw(step)
    clearTimeout(this.settle)
    if (step !== this.drawn) this.settle = setTimeout(() => this.settled(camera, step), SETTLE)
    this.move(camera, step)
  }

  stop(): void {
    clearTimeout(this.settle)
  }

  private settled(camera: Camera, step: number): void {
    this.draw(step)
    this.move(camera, step)
  }

  private draw(step: number): void {
    this.drawn = step
    this.element.style.setProperty('--step', `${step}px`)
  }

  private move({ x, y, zoom }: Camera, step: number): void {
    const left = modulo(-x * zoom, step) - step
    const top = modulo(-y * zoom, step) - step
    this.element.style.transform = `translate(${left}px, ${top}px) scale(${step / this.drawn})`
  }
}

function stepFor(zoom: number): number {
  let step = STEP * zoom
  while (step < LEAST) step *= 4
  while (step > MOST) step /= 4
  return step
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}
