import { grow, height, overlaps, width, type Box } from '../geometry/box'
import type { Beneath } from '../formats/drawn'
import type { Strip } from '../formats/png'
import { paint, type Shape } from '../shapes'

/** How large the pieces are, in pixels, in which a picture of any size is painted. */
const TILE = { width: 2048, height: 512 }

/** What is painted, and how. */
export interface Scenery {
  /** Bottom first. */
  readonly shapes: readonly Shape[]
  readonly beneath: Beneath | undefined
  /** The colour of the paper; undefined = transparent. */
  readonly paper: string | undefined
  css(color: string): string
  image(asset: string): CanvasImageSource | undefined
}

/** The size in pixels of a part of the plane. */
export function pixelsOf(box: Box, scale: number): { readonly width: number; readonly height: number } {
  return { width: Math.max(1, Math.ceil(width(box) * scale - 1e-6)), height: Math.max(1, Math.ceil(height(box) * scale - 1e-6)) }
}

/** Paints a part of the plane, strip by strip from the top; between two tiles others have their turn. */
export async function* strips(scenery: Scenery, box: Box, scale: number, progress: (share: number) => void): AsyncGenerator<Strip> {
  const size = pixelsOf(box, scale)
  const canvas = document.createElement('canvas')
  canvas.width = Math.min(TILE.width, size.width)
  canvas.height = Math.min(TILE.height, size.height)
  const pen = canvas.getContext('2d', { willReadFrequently: true })!
  for (let top = 0; top < size.height; top += canvas.height) {
    const rows = Math.min(canvas.height, size.height - top)
    const pixels = new Uint8Array(4 * size.width * rows)
    for (let left = 0; left < size.width; left += canvas.width) {
      const columns = Math.min(canvas.width, size.width - left)
      paintTile(pen, scenery, { x: box.minX + left / scale, y: box.minY + top / scale, scale }, columns, rows)
      copy(pen.getImageData(0, 0, columns, rows).data, columns, pixels, left, size.width)
      await new Promise((resolve) => setTimeout(resolve))
    }
    yield { rows, pixels }
    progress(Math.min(1, (top + rows) / size.height))
  }
}

function copy(from: Uint8ClampedArray, columns: number, to: Uint8Array, left: number, wide: number): void {
  for (let y = 0, at = 4 * left; 4 * y * columns < from.length; y++, at += 4 * wide) to.set(from.subarray(4 * y * columns, 4 * (y + 1) * columns), at)
}

/** Paints so many pixels of the plane from a point on. */
export function paintTile(
  pen: CanvasRenderingContext2D,
  { shapes, beneath, paper, css, image }: Scenery,
  { x, y, scale }: { readonly x: number; readonly y: number; readonly scale: number },
  columns: number,
  rows: number,
): void {
  pen.setTransform(1, 0, 0, 1, 0, 0)
  pen.globalAlpha = 1
  pen.clearRect(0, 0, columns, rows)
  if (paper) {
    pen.fillStyle = paper
    pen.fillRect(0, 0, columns, rows)
  }
  pen.setTransform(scale, 0, 0, scale, -x * scale, -y * scale)
  const under = beneath && image(beneath.asset)
  pen.imageSmoothingQuality = 'high'
  if (under) pen.drawImage(under, beneath.box.minX, beneath.box.minY, width(beneath.box), height(beneath.box))
  const brush = { pen, scale, css, image }
  const seen = grow({ minX: x, minY: y, maxX: x + columns / scale, maxY: y + rows / scale }, 2 / scale)
  for (const shape of shapes) if (overlaps(shape.box, seen)) paintClipped(shape, brush)
}

function paintClipped(shape: Shape, brush: Parameters<typeof paint>[1]): void {
  if (!shape.clip) return paint(shape, brush)
  const { pen } = brush
  pen.save()
  pen.beginPath()
  shape.clip.forEach((corner, i) => (i === 0 ? pen.moveTo(corner.x, corner.y) : pen.lineTo(corner.x, corner.y)))
  pen.clip()
  paint(shape, brush)
  pen.restore()
}
