import { grow, height, width, type Box } from '../geometry/box'
import { toScreen, type Camera, type Size } from '../geometry/camera'
import { centreOf, cornersIn, turn, type OrientedBox } from '../geometry/oriented'
import type { Screen, World } from '../geometry/point'
import type { Shape } from '../shapes'
import { cornersOfBox } from '../shapes/boxed'
import { isPath } from '../shapes/transform'
import { handlesOf, HANDLE_SIZE, isSinglePath, placeOf, pointsOnPlane, selectionBox, type Handle, type Side } from '../tools/handles'
import type { Hint, Pointer } from '../tools/tool'
import type { Theme } from './palette'

/** What is shown above the shapes. */
export interface OverlayModel {
  /** The selected shapes as they look now, previews included. */
  readonly selected: readonly Shape[]
  /** Whether the selection has handles: not while it is being dragged, nor for those who only look. */
  readonly hasHandles: boolean
  /** What points, or pointed last: a finger's handles are larger. */
  readonly pointer: Pointer
  readonly hint: Hint
  /** The shape of `hint.target`. */
  readonly target?: Shape | undefined
  /** What others have selected. */
  readonly remote?: readonly RemoteSelection[]
}

export interface RemoteSelection {
  readonly name: string
  /** A CSS colour. */
  readonly color: string
  readonly boxes: readonly OrientedBox[]
}

/** Where the overlay is: as of the tiles. */
export interface OverlayView {
  readonly camera: Camera
  readonly size: Size
  readonly dpr: number
}

interface Colors {
  readonly accent: string
  readonly soft: string
  readonly page: string
  readonly guide: string
}

const COLORS: { readonly [theme in Theme]: Colors } = {
  light: { accent: '#4353e0', soft: 'rgb(67 83 224 / 0.09)', page: '#ffffff', guide: '#e0357f' },
  dark: { accent: '#8e9aff', soft: 'rgb(142 154 255 / 0.13)', page: '#17181b', guide: '#ff6fa8' },
}

/** More selected shapes than this are shown by their common box alone. */
const MOST_OUTLINES = 500
/** How far from the shape the mark of a binding is, in pixels. */
const TARGET_GAP = 4

/** A canvas above the ink: selections, handles, bands, guides. In screen pixels, so that lines stay thin at any zoom. */
export class Overlay {
  readonly canvas = document.createElement('canvas')
  private readonly pen: CanvasRenderingContext2D
  private isBlank = true

  constructor(public theme: Theme) {
    this.canvas.className = 'layer overlay'
    const pen = this.canvas.getContext('2d')
    if (!pen) throw new Error('this browser has no canvas')
    this.pen = pen
  }

  draw(view: OverlayView, model: OverlayModel): void {
    const blank = isNothing(model)
    if (blank && this.isBlank) return
    this.isBlank = blank
    this.canvas.style.visibility = blank ? 'hidden' : 'visible'
    if (blank) return
    this.resize(view)
    const { pen } = this
    pen.setTransform(view.dpr, 0, 0, view.dpr, 0, 0)
    pen.clearRect(0, 0, view.size.width, view.size.height)
    const sheet = new Sheet(pen, view, COLORS[this.theme])
    for (const selection of model.remote ?? []) paintRemote(sheet, selection)
    if (model.target) paintTarget(sheet, model.target)
    paintSelection(sheet, model)
    paintHint(sheet, model.hint)
  }

  private resize({ size, dpr }: OverlayView): void {
    const [wide, high] = [Math.max(1, Math.round(size.width * dpr)), Math.max(1, Math.round(size.height * dpr))]
    if (this.canvas.width === wide && this.canvas.height === high) return
    this.canvas.width = wide
    this.canvas.height = high
  }
}

function isNothing({ selected, hint, target, remote }: OverlayModel): boolean {
  const hasHint = hint.band || (hint.loop && hint.loop.length > 1) || (hint.guides && hint.guides.length > 0)
  return selected.length === 0 && !hasHint && !target && !remote?.length
}

/** A pen with the view it draws in. */
class Sheet {
  constructor(
    readonly pen: CanvasRenderingContext2D,
    readonly view: OverlayView,
    readonly colors: Colors,
  ) {}

  on(at: World): Screen {
    return toScreen(this.view.camera, at)
  }

  /** Traces straight lines through points; upright ones fall on whole pixels. */
  trace(points: readonly World[], closed: boolean): void {
    const { pen, view } = this
    const crisp = (value: number) => (Math.floor(value * view.dpr) + 0.5) / view.dpr
    pen.beginPath()
    points.forEach((point, i) => {
      const { x, y } = this.on(point)
      if (i === 0) pen.moveTo(crisp(x), crisp(y))
      else pen.lineTo(crisp(x), crisp(y))
    })
    if (closed) pen.closePath()
  }

  stroke(color: string, lineWidth: number, dash: readonly number[] = []): void {
    const { pen } = this
    pen.strokeStyle = color
    pen.lineWidth = lineWidth
    pen.setLineDash([...dash])
    pen.stroke()
    pen.setLineDash([])
  }

  fill(color: string): void {
    this.pen.fillStyle = color
    this.pen.fill()
  }
}

function paintSelection(sheet: Sheet, { selected, hasHandles, pointer, hint }: OverlayModel): void {
  if (selected.length === 0) return
  const { accent } = sheet.colors
  const several = selected.length > 1
  if (selected.length <= MOST_OUTLINES) {
    for (const shape of selected) {
      traceOutline(sheet, shape)
      sheet.stroke(accent, several ? 1 : 1.5)
    }
  }
  const common = several ? selectionBox(selected) : undefined
  if (common) {
    sheet.trace(cornersIn(common), true)
    sheet.stroke(accent, 1.5)
  }
  // While a net is cast, what it holds is not dragged.
  if (!hasHandles || hint.band || hint.loop) return
  const box = selectionBox(selected)
  for (const handle of handlesOf(selected, sheet.view.camera.zoom, pointer)) {
    paintHandle(sheet, handle, isSinglePath(selected) ? 0 : (box?.rotation ?? 0), HANDLE_SIZE[pointer])
  }
}

function traceOutline(sheet: Sheet, shape: Shape): void {
  const { props } = shape
  if (isPath(props)) sheet.trace(pointsOnPlane(shape), props['closed'] === true)
  else sheet.trace(cornersIn(placeOf(shape)), true)
}

function paintHandle(sheet: Sheet, handle: Handle, rotation: number, size: number): void {
  const { pen, colors } = sheet
  const { x, y } = sheet.on(handle.at)
  pen.save()
  pen.translate(x, y)
  pen.rotate(rotation)
  pen.beginPath()
  traceHandle(pen, handle.name === 'piece' ? (handle.cursor === 'ew-resize' ? 'e' : 'n') : handle.name, size - 2)
  pen.restore()
  const isMiddle = handle.name === 'middle' || handle.name === 'piece'
  sheet.fill(isMiddle ? colors.accent : colors.page)
  sheet.stroke(isMiddle ? colors.page : colors.accent, 1.5)
}

/** Round what turns or is a point, square the corners, a bar along each side. */
function traceHandle(pen: CanvasRenderingContext2D, name: Side | 'rotate' | 'point' | 'middle', size: number): void {
  const long = size * 1.5
  const flat = size * 0.6
  if (name === 'rotate' || name === 'point') pen.arc(0, 0, size / 2, 0, 2 * Math.PI)
  else if (name === 'middle') pen.arc(0, 0, size / 2.8, 0, 2 * Math.PI)
  else if (name === 'n' || name === 's') pen.roundRect(-long / 2, -flat / 2, long, flat, flat / 2)
  else if (name === 'e' || name === 'w') pen.roundRect(-flat / 2, -long / 2, flat, long, flat / 2)
  else pen.roundRect(-size / 2, -size / 2, size, size, size / 4)
}

function paintTarget(sheet: Sheet, { kind, props, frame, rotation }: Shape): void {
  const { pen, view, colors } = sheet
  const box = grow(frame, TARGET_GAP / view.camera.zoom)
  const outline = kind.outline?.({ ...props, at: [box.minX, box.minY], size: [width(box), height(box)] }) ?? cornersOfBox(box)
  pen.beginPath()
  for (const corner of outline) {
    const { x, y } = sheet.on(turn(corner, centreOf(box), rotation))
    pen.lineTo(x, y)
  }
  pen.closePath()
  pen.globalAlpha = 0.35
  sheet.stroke(colors.accent, 5)
  pen.globalAlpha = 1
  sheet.stroke(colors.accent, 1.5)
}

function paintHint(sheet: Sheet, { band, loop, guides }: Hint): void {
  const { colors } = sheet
  if (band) paintBand(sheet, band)
  if (loop && loop.length > 1) {
    sheet.trace(loop, true)
    sheet.fill(colors.soft)
    sheet.trace(loop, false)
    sheet.stroke(colors.accent, 1.5, [5, 4])
  }
  for (const { a, b } of guides ?? []) {
    sheet.trace([a, b], false)
    sheet.stroke(colors.guide, 1)
    paintCross(sheet, a)
    paintCross(sheet, b)
  }
}

function paintBand(sheet: Sheet, band: Box): void {
  sheet.trace(cornersIn({ box: band, rotation: 0 }), true)
  sheet.fill(sheet.colors.soft)
  sheet.stroke(sheet.colors.accent, 1)
}

function paintCross(sheet: Sheet, at: World): void {
  const { pen } = sheet
  const { x, y } = sheet.on(at)
  pen.beginPath()
  for (const side of [1, -1]) {
    pen.moveTo(x - 3, y - 3 * side)
    pen.lineTo(x + 3, y + 3 * side)
  }
  sheet.stroke(sheet.colors.guide, 1)
}

function paintRemote(sheet: Sheet, { name, color, boxes }: RemoteSelection): void {
  for (const box of boxes.slice(0, MOST_OUTLINES)) {
    sheet.trace(cornersIn(box), true)
    sheet.stroke(color, 1.5)
  }
  const [first] = boxes
  if (first && name !== '') paintName(sheet, name, color, first)
}

const NAME_FONT = '600 11px "Inter Variable", system-ui, sans-serif'
const NAME_LENGTH = 24

function paintName(sheet: Sheet, name: string, color: string, box: OrientedBox): void {
  const { pen } = sheet
  const text = name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH - 1)}…` : name
  const corner = cornersIn(box).map((at) => sheet.on(at)).reduce((a, b) => (b.y < a.y ? b : a))
  pen.font = NAME_FONT
  pen.textBaseline = 'middle'
  const wide = pen.measureText(text).width + 10
  pen.beginPath()
  pen.roundRect(corner.x, corner.y - 20, wide, 17, 5)
  sheet.fill(color)
  sheet.pen.fillStyle = '#ffffff'
  pen.fillText(text, corner.x + 5, corner.y - 11)
}
