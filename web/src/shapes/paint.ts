import { height, width } from '../geometry/box'
import { centreOf } from '../geometry/oriented'
import { RecentCache } from './cache'
import { PLACEHOLDER } from './image'
import { ARGUMENTS, type ImageItem, type Item, type Path, type PathItem, type Picture, type TextItem } from './picture'
import { opacityOf, widthOf, type Detail, type Shape } from './shape'
import { hasWidths } from './text/advance'
import { isRightToLeft } from './text/layout'
import { FAMILIES, wantFont } from './webfonts'

/** What paints on: a canvas whose units are world units. */
export interface Brush {
  readonly pen: CanvasRenderingContext2D
  /** Device pixels per world unit; what is too small to see may be simplified. */
  readonly scale: number
  /** The CSS colour of a palette name or #rrggbb under the theme. */
  css(color: string): string
  /** The picture of an asset; undefined until it can be shown. */
  image?(asset: string): CanvasImageSource | undefined
}

/** Lines thinner than this, in device pixels, are drawn plainly: nobody sees the difference. */
const HAIRLINE = 1.2
/** Letters smaller than this, in device pixels, are drawn as bars. */
const LEGIBLE = 4
/** How many pictures are kept, and from how many coordinates on it is worth it. */
const MAX_CACHED = 20_000
const COMPLEX = 64

/** How exact a shape's picture must be at so many device pixels per world unit. */
export function detailAt({ props }: Pick<Shape, 'props'>, scale: number): Detail {
  return widthOf(props) * scale < HAIRLINE ? 'coarse' : 'full'
}

/** What a shape looks like, before its rotation about the middle of its frame. */
export function pictureOf({ kind, props }: Pick<Shape, 'kind' | 'props'>, detail: Detail = 'full'): Picture {
  return kind.picture(props, detail)
}

/** Paints a shape, rotated; what its frame clips away too. */
export function paint(shape: Shape, brush: Brush): void {
  const { pen } = brush
  const { rotation } = shape
  if (rotation === 0) return paintItems(shape, brush)
  pen.save()
  const { x, y } = centreOf(shape.frame)
  pen.translate(x, y)
  pen.rotate(rotation)
  pen.translate(-x, -y)
  paintItems(shape, brush)
  pen.restore()
}

/** A picture whose paths the canvas knows already. */
type Prepared = readonly (Item | (Omit<PathItem, 'path'> & { readonly path: Path2D }))[]

const prepared: { readonly [detail in Detail]: RecentCache<object, Prepared> } = {
  full: new RecentCache(MAX_CACHED / 2),
  coarse: new RecentCache(MAX_CACHED / 2),
}

function paintItems(shape: Shape, brush: Brush): void {
  const opacity = opacityOf(shape.props)
  for (const item of itemsOf(shape, detailAt(shape, brush.scale))) {
    if (item.do === 'path') paintPath(item, brush, opacity)
    else if (item.do === 'text') paintText(item, brush, opacity)
    else paintImage(item, brush, opacity)
  }
}

/** Simple pictures are made each time, others remembered: a record that changes is another key. */
function itemsOf(shape: Shape, detail: Detail): Prepared {
  const known = prepared[detail].find(shape.props)
  if (known) return known
  const picture = pictureOf(shape, detail)
  return picture.some(isComplex) && hasWidths() ? prepared[detail].set(shape.props, picture.map(prepare)) : picture
}

function isComplex(item: Item): boolean {
  return item.do === 'text' || (item.do === 'path' && item.path.coordinates.length > COMPLEX)
}

function prepare(item: Item): Prepared[number] {
  return item.do === 'path' ? { ...item, path: toPath2D(item.path) } : item
}

function paintPath(item: Prepared[number] & { do: 'path' }, { pen, css, scale }: Brush, opacity: number): void {
  const { path, fill, stroke, alpha } = item
  pen.globalAlpha = alpha === undefined ? opacity : alpha * opacity
  const known = path instanceof Path2D ? path : undefined
  if (!known) {
    pen.beginPath()
    replay(path as Path, pen)
  }
  if (fill !== undefined) {
    pen.fillStyle = css(fill)
    if (known) pen.fill(known)
    else pen.fill()
  }
  if (!stroke) return
  pen.strokeStyle = css(stroke.color)
  pen.lineWidth = Math.max(stroke.width, 0.5 / scale)
  pen.lineCap = stroke.cap
  pen.lineJoin = stroke.join
  if (stroke.dash) pen.setLineDash(stroke.dash as number[])
  if (known) pen.stroke(known)
  else pen.stroke()
  if (stroke.dash) pen.setLineDash([])
}

function paintText({ text, x, y, font, size, color, width }: TextItem, { pen, css, scale }: Brush, opacity: number): void {
  pen.fillStyle = css(color)
  if (size * scale < LEGIBLE) {
    pen.globalAlpha = opacity * 0.5
    pen.fillRect(x, y - size * 0.5, width, size * 0.4)
    return
  }
  wantFont(font)
  pen.globalAlpha = opacity
  pen.font = `${size}px ${FAMILIES[font]}`
  pen.fontKerning = 'none'
  pen.textAlign = 'left'
  pen.direction = isRightToLeft(text) ? 'rtl' : 'ltr'
  pen.fillText(text, x, y)
}

function paintImage({ asset, box, crop, flip }: ImageItem, brush: Brush, opacity: number): void {
  const { pen } = brush
  const [w, h] = [width(box), height(box)]
  const image = brush.image?.(asset)
  pen.globalAlpha = opacity * (image ? 1 : PLACEHOLDER.alpha)
  if (!image) {
    pen.fillStyle = brush.css(PLACEHOLDER.color)
    pen.fillRect(box.minX, box.minY, w, h)
    return
  }
  const [cx, cy, cw, ch] = crop ?? [0, 0, 1, 1]
  const [iw, ih] = sizeOf(image)
  const { x, y } = centreOf(box)
  pen.save()
  pen.translate(x, y)
  pen.scale(...(flip as [number, number]))
  pen.imageSmoothingQuality = 'high'
  pen.drawImage(image, cx * iw, cy * ih, cw * iw, ch * ih, -w / 2, -h / 2, w, h)
  pen.restore()
}

function sizeOf(image: CanvasImageSource): [number, number] {
  if ('naturalWidth' in image) return [image.naturalWidth, image.naturalHeight]
  if ('displayWidth' in image) return [image.displayWidth, image.displayHeight]
  return [Number(image.width), Number(image.height)]
}

/** The path as the canvas knows it. */
export function toPath2D(path: Path): Path2D {
  const made = new Path2D()
  replay(path, made)
  return made
}

function replay({ commands, coordinates: c }: Path, on: Pick<Path2D, 'moveTo' | 'lineTo' | 'quadraticCurveTo' | 'bezierCurveTo' | 'closePath'>): void {
  let i = 0
  for (const command of commands) {
    switch (command) {
      case 'M':
        on.moveTo(c[i]!, c[i + 1]!)
        break
      case 'L':
        on.lineTo(c[i]!, c[i + 1]!)
        break
      case 'Q':
        on.quadraticCurveTo(c[i]!, c[i + 1]!, c[i + 2]!, c[i + 3]!)
        break
      case 'C':
        on.bezierCurveTo(c[i]!, c[i + 1]!, c[i + 2]!, c[i + 3]!, c[i + 4]!, c[i + 5]!)
        break
      case 'Z':
        on.closePath()
    }
    i += ARGUMENTS[command]
  }
}
