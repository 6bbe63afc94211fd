import { toScreen, type Camera } from '../geometry/camera'
import { world } from '../geometry/point'
import { LASER_FADE, type Spot } from '../sync/live'
import { penOf } from './surface'
import type { View } from './tiles'

/** The width of the beam where it is now, in pixels. */
const WIDTH = 6

/** A trail and its CSS colour. */
export interface Beam {
  readonly spots: readonly Spot[]
  readonly color: string
}

/** A canvas on which lasers leave trails that fade. */
export class LaserLayer {
  readonly canvas = document.createElement('canvas')
  private readonly pen = penOf(this.canvas)

  constructor() {
    this.canvas.className = 'layer laser'
  }

  /** Draws the trails as they are at a time (Unix ms); returns whether any is still to be seen. */
  draw({ camera, size, dpr }: View, beams: Iterable<Beam>, now: number): boolean {
    const { canvas, pen } = this
    const [wide, high] = [Math.max(1, Math.round(size.width * dpr)), Math.max(1, Math.round(size.height * dpr))]
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high })
    pen.setTransform(dpr, 0, 0, dpr, 0, 0)
    pen.clearRect(0, 0, size.width, size.height)
    pen.lineCap = 'round'
    let shows = false
    for (const { spots, color } of beams) {
      const fresh = spots.filter(({ time }) => now - time < LASER_FADE)
      if (fresh.length === 0) continue
      shows = true
      drawBeam(pen, camera, fresh, now, color)
    }
    canvas.style.visibility = shows ? 'visible' : 'hidden'
    return shows
  }
}

/** Thinner and paler towards its end, with a white core at its tip. */
function drawBeam(pen: CanvasRenderingContext2D, camera: Camera, spots: readonly Spot[], now: number, color: string): void {
  const points = spots.map(({ x, y, time }) => ({ ...toScreen(camera, world(x, y)), life: 1 - (now - time) / LASER_FADE }))
  pen.strokeStyle = color
  for (let i = 0; i < points.length; i++) {
    const [a, b] = [points[Math.max(i - 1, 0)]!, points[i]!]
    pen.globalAlpha = Math.min(1, 1.4 * b.life)
    pen.lineWidth = Math.max(1, WIDTH * b.life)
    pen.beginPath()
    pen.moveTo(a.x, a.y)
    pen.lineTo(b.x, b.y)
    pen.stroke()
  }
  const tip = points.at(-1)!
  pen.globalAlpha = tip.life
  pen.fillStyle = '#ffffff'
  pen.beginPath()
  pen.arc(tip.x, tip.y, WIDTH / 4, 0, 2 * Math.PI)
  pen.fill()
}
