import { contains, height, width, type Box } from './box'
import { screen, world, type Screen, type World } from './point'

/** Least and greatest zoom: 2 % and 6400 %. */
export const MIN_ZOOM = 0.02
export const MAX_ZOOM = 64

/** Room around what is fitted into the view, in pixels. */
const FIT_MARGIN = 72

/** The steps of the zoom buttons. */
const STEPS = [0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 16, 32, 64]

/** What one browser shows of the plane: the world point at the top-left corner, and pixels per unit. */
export interface Camera {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

/** The canvas in CSS pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

export function toWorld({ x, y, zoom }: Camera, at: Screen): World {
  return world(x + at.x / zoom, y + at.y / zoom)
}

export function toScreen({ x, y, zoom }: Camera, at: World): Screen {
  return screen((at.x - x) * zoom, (at.y - y) * zoom)
}

/** The camera after the plane was dragged by so many pixels. */
export function pan({ x, y, zoom }: Camera, dx: number, dy: number): Camera {
  return { x: x - dx / zoom, y: y - dy / zoom, zoom }
}

/** The camera with another zoom, at which `about` shows the same world point as before. */
export function zoomAbout(camera: Camera, about: Screen, zoom: number): Camera {
  const next = clampZoom(zoom)
  const still = toWorld(camera, about)
  return { x: still.x - about.x / next, y: still.y - about.y / next, zoom: next }
}

/** The next step of the zoom buttons in a direction. */
export function stepZoom(zoom: number, direction: 1 | -1): number {
  const slack = 1 + 1e-6 * direction
  const next = direction > 0 ? STEPS.find((step) => step > zoom * slack) : STEPS.findLast((step) => step < zoom * slack)
  return next ?? clampZoom(zoom)
}

/** The camera that shows all of the box in the middle of the view, with some room around it, at no more than 100 %, or than `most`. */
export function fit(box: Box, view: Size, { most = 1, margin = FIT_MARGIN } = {}): Camera {
  const wide = Math.max(view.width - 2 * Math.min(margin, view.width / 12), 1) / Math.max(width(box), 1e-9)
  const high = Math.max(view.height - 2 * margin, 1) / Math.max(height(box), 1e-9)
  const zoom = clampZoom(Math.min(wide, high, most))
  return centred(world((box.minX + box.maxX) / 2, (box.minY + box.maxY) / 2), view, zoom)
}

/** What one sees of a board at first: the origin in the middle, or all there is if that is not all in view. */
export function opening(bounds: Box | undefined, view: Size): Camera {
  const camera = centred(world(0, 0), view, 1)
  return bounds && !contains(visible(camera, view), bounds) ? fit(bounds, view) : camera
}

/** The camera with a world point in the middle of the view. */
export function centred(at: World, view: Size, zoom: number): Camera {
  return { x: at.x - view.width / 2 / zoom, y: at.y - view.height / 2 / zoom, zoom }
}

/** What the camera shows. */
export function visible({ x, y, zoom }: Camera, view: Size): Box {
  return { minX: x, minY: y, maxX: x + view.width / zoom, maxY: y + view.height / zoom }
}

function clampZoom(zoom: number): number {
  return Math.min(Math.max(zoom, MIN_ZOOM), MAX_ZOOM)
}

/** Room around what is revealed, in pixels. */
const REVEAL_MARGIN = 96

/** The camera moved no further than needed to show a box; at the same zoom, so of a large box it shows the middle. */
export function revealing({ x, y, zoom }: Camera, view: Size, box: Box): Camera {
  const shift = (from: number, length: number, least: number, most: number) => {
    const room = Math.min(REVEAL_MARGIN, length / 6) / zoom
    const [first, last] = [least - room, most + room - length / zoom]
    return first < last ? (first + last) / 2 : Math.min(Math.max(from, last), first)
  }
  return { x: shift(x, view.width, box.minX, box.maxX), y: shift(y, view.height, box.minY, box.maxY), zoom }
}
