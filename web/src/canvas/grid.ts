import type { Theme } from './palette'
import { penOf } from './surface'
import type { View } from './tiles'

/** The step of the dots in world units at 100 %, to which positions snap. */
export const STEP = 20
/** How far apart the dots are on the screen, in pixels. */
const LEAST = 14
const MOST = LEAST * 8
/** The radius of a dot, in pixels. */
const DOT = 1.2

/**
 * The grid of dots: a canvas one step larger than the view, which the compositor moves; it is drawn when the zoom
 * changes. Where a browser composes without a GPU, a pattern that is scaled costs more than all else of a frame.
 */
export class Grid {
  readonly element = document.createElement('canvas')
  /** One row of dots, which is copied downwards. */
  private readonly row = document.createElement('canvas')
  /** What is drawn: step, size and colour. */
  private drawn = ''

  constructor() {
    this.element.className = 'layer grid'
  }

  place({ camera, size, dpr }: View, theme: Theme): void {
    const step = stepFor(camera.zoom)
    // As wide and as high as the CSS has it.
    const wide = Math.round((size.width + MOST) * dpr)
    const high = Math.round((size.height + MOST) * dpr)
    const wanted = [step, wide, high, dpr, theme].join()
    if (wanted !== this.drawn) this.draw(step * dpr, wide, high, dpr)
    this.drawn = wanted
    // On whole pixels, so that nothing is interpolated.
    const [left, top] = [camera.x, camera.y].map((at) => Math.round((modulo(-at * camera.zoom, step) - step) * dpr) / dpr)
    this.element.style.transform = `translate(${left}px, ${top}px)`
  }

  /** In device pixels. */
  private draw(step: number, wide: number, high: number, dpr: number): void {
    const { element, row } = this
    const color = getComputedStyle(element).getPropertyValue('--dot')
    element.width = row.width = wide
    element.height = high
    row.height = Math.ceil(3 * dpr)
    const dots = penOf(row)
    dots.fillStyle = color
    for (let x = dpr; x < wide; x += step) {
      dots.beginPath()
      dots.arc(Math.round(x), dpr, DOT * dpr, 0, 7)
      dots.fill()
    }
    for (let y = 0; y < high; y += step) penOf(element).drawImage(row, 0, Math.round(y))
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
