import { newActorId } from '../board/ids'
import type { Patch, RecordId } from '../board/types'
import { cssColor, type Theme } from '../canvas/palette'
import { toBase64 } from '../formats/base64'
import { writeBoard } from '../formats/boardfile'
import type { Beneath, Drawn } from '../formats/drawn'
import { assetsOf, writeExcalidraw, type LoadedAsset } from '../formats/excalidraw/write'
import { sizeOfImage } from '../formats/imagesize'
import type { PdfImage } from '../formats/pdf/pdf'
import { encodePng } from '../formats/png'
import { fontsIn, imagesIn, writeSvg } from '../formats/svg'
import { grow, height, union, width, type Box } from '../geometry/box'
import { around, boxAround, centreOf } from '../geometry/oriented'
import { pictureOf, type Shape } from '../shapes'
import type { FontName, TextItem } from '../shapes/picture'
import { opacityOf } from '../shapes/shape'
import { isRightToLeft } from '../shapes/text/layout'
import { FAMILIES, wantFont } from '../shapes/webfonts'
import { orientationOf } from './images'
import { paintTile, pixelsOf, strips } from './paint'

export const FORMATS = ['png', 'svg', 'pdf', 'excalidraw', 'easel'] as const
export type Format = (typeof FORMATS)[number]

/** What the file extensions are. */
export const EXTENSIONS: { readonly [format in Format]: string } = { png: 'png', svg: 'svg', pdf: 'pdf', excalidraw: 'excalidraw', easel: 'easel' }

/** The part of a board that goes into a file. */
export interface Part {
  /** Bottom first. */
  readonly shapes: readonly Shape[]
  readonly beneath: Beneath | undefined
  /** The frame whose inside it is; that is then what is shown. */
  readonly frame?: Shape | undefined
}

export interface Look {
  readonly theme: Theme
  /** The paper's colour, as a record has it; null = the theme's own. */
  readonly paper: string | null
  /** Whether the paper is drawn. */
  readonly ground: boolean
  /** World units around the drawing. */
  readonly padding: number
  /** Pixels per world unit. */
  readonly scale: number
}

export interface Source {
  readonly title: string
  assetUrl(asset: string): string
  /** What is done so far, 0 to 1. */
  progress(share: number): void
}

/** White and the page's colour in the dark. */
const PAPERS = { light: '#ffffff', dark: '#17181b' } as const

/** What is shown of the plane; undefined for nothing. */
export function boxOfPart({ shapes, beneath, frame }: Part, padding: number): Box | undefined {
  if (frame) return pageOf(frame)
  const box = shapes.reduce<Box | undefined>((all, shape) => union(all, seenOf(shape)), beneath?.box)
  return box && grow(box, padding)
}

/** What a frame takes of the plane: all of one that is turned, which shows no more for that. */
function pageOf({ frame, rotation }: Shape): Box {
  return around({ box: frame, rotation })
}

/** Where a shape is seen: what its frame clips away takes no room. */
function seenOf({ box, clip }: Shape): Box | undefined {
  const window = clip && boxAround(clip)
  if (!window) return box
  const [minX, minY] = [Math.max(box.minX, window.minX), Math.max(box.minY, window.minY)]
  const [maxX, maxY] = [Math.min(box.maxX, window.maxX), Math.min(box.maxY, window.maxY)]
  return minX <= maxX && minY <= maxY ? { minX, minY, maxX, maxY } : undefined
}

export function paperOf({ ground, paper, theme }: Look): string | undefined {
  if (!ground) return undefined
  return paper === null ? PAPERS[theme] : cssColor(paper, theme)
}

/** A picture of pixels. */
export async function toPng(part: Part, look: Look, source: Source): Promise<Blob> {
  const box = boxOfPart(part, look.padding)!
  await loadFonts(fontsIn(part.shapes.map(drawn)))
  const bitmaps = await loadAll(imagesIn(part.shapes.map(drawn), part.beneath), (asset) => bitmapOf(asset, source))
  const scenery = {
    ...{ shapes: part.shapes, beneath: part.beneath, paper: paperOf(look) },
    css: (color: string) => cssColor(color, look.theme),
    image: (asset: string) => bitmaps.get(asset),
  }
  const size = pixelsOf(box, look.scale)
  const parts = await encodePng(size.width, size.height, strips(scenery, box, look.scale, source.progress))
  return new Blob(parts, { type: 'image/png' })
}

/** Paints what a file will show, to fit a canvas. */
export function paintPreview(canvas: HTMLCanvasElement, part: Part, look: Look, box: Box, image: (asset: string) => ImageBitmap | undefined): void {
  const dpr = Math.min(devicePixelRatio, 2)
  const scale = Math.min((canvas.clientWidth * dpr) / width(box), (canvas.clientHeight * dpr) / height(box), 2 * dpr)
  const size = pixelsOf(box, scale)
  canvas.width = Math.round(canvas.clientWidth * dpr)
  canvas.height = Math.round(canvas.clientHeight * dpr)
  const picture = penFor(size.width, size.height)
  const scenery = { shapes: part.shapes, beneath: part.beneath, paper: paperOf(look), css: (color: string) => cssColor(color, look.theme), image }
  paintTile(picture, scenery, { x: box.minX, y: box.minY, scale }, size.width, size.height)
  canvas.getContext('2d')!.drawImage(picture.canvas, Math.round((canvas.width - size.width) / 2), Math.round((canvas.height - size.height) / 2))
}

/** A picture of vectors, with the fonts and pictures it needs. */
export async function toSvg(part: Part, look: Look, source: Source): Promise<Blob> {
  const shapes = part.shapes.map(drawn)
  const assets = await loadAll(imagesIn(shapes, part.beneath), (asset) => loadAsset(asset, source))
  const fonts = new Map<string, string>()
  for (const name of fontsIn(shapes)) {
    const bytes = await fetchBytes(`/assets/fonts/${name}.woff2`)
    if (bytes) fonts.set(familyOf(name), `data:font/woff2;base64,${toBase64(bytes)}`)
  }
  const paper = paperOf(look)
  const svg = writeSvg(shapes, {
    box: boxOfPart(part, look.padding)!,
    scale: look.scale,
    css: (color) => cssColor(color, look.theme),
    ...(paper !== undefined && { paper }),
    beneath: part.beneath,
    image: (asset) => {
      const found = assets.get(asset)
      return found && { href: `data:${found.type};base64,${found.base64}`, width: found.width, height: found.height }
    },
    families: FAMILIES,
    fonts,
    title: source.title,
    isRightToLeft,
  })
  return new Blob([svg], { type: 'image/svg+xml' })
}

/** Pages of vectors: of each frame if there are any, else of everything. */
export async function toPdf(part: Part, look: Look, source: Source): Promise<Blob> {
  const { writePdf } = await import('../formats/pdf/pdf')
  const shapes = part.shapes.map(drawn)
  const frames = part.frame ? [part.frame] : part.shapes.filter(({ props }) => props['kind'] === 'frame')
  const pages = frames.map((frame) => ({ box: pageOf(frame), name: nameOf(frame) }))
  const names = fontsIn(shapes)
  await loadFonts(names)
  const fonts = await loadAll(names, (name) => fetchBytes(FONT_FILES[name]))
  const images = await loadAll(imagesIn(shapes, part.beneath), (asset) => pdfImage(asset, source))
  const paper = paperOf(look)
  const css = (color: string) => cssColor(color, look.theme)
  const parts = await writePdf(frames.length > 0 ? withoutFrames(part.shapes) : shapes, {
    pages: pages.length > 0 ? readingOrder(pages) : [{ box: boxOfPart(part, look.padding)! }],
    ...{ css, beneath: part.beneath, fonts, images, title: source.title },
    ...(paper !== undefined && { paper }),
    textImage: (item) => textImage(item, css),
    pause: () => new Promise((resolve) => setTimeout(resolve)),
  })
  return new Blob(parts, { type: 'application/pdf' })
}

/** An Excalidraw file. */
export async function toExcalidraw(part: Part, look: Look, source: Source): Promise<Blob> {
  const shapes = part.shapes.map(({ id, props }) => [id, props] as const)
  const assets = await loadAll(new Set(assetsOf(shapes)), (asset) => loadAsset(asset, source))
  const css = (color: string) => cssColor(color, 'light')
  const scene = writeExcalidraw(shapes, { css, source: location.origin, assets, ...(look.paper !== null && { paper: css(look.paper) }) })
  return new Blob([JSON.stringify(scene)], { type: 'application/vnd.excalidraw+json' })
}

export interface WholeBoard {
  readonly board: string
  readonly user: { readonly id: string; readonly name: string }
  readonly records: Iterable<readonly [RecordId, Patch]>
}

/** The board's own file, which the command line reads too. */
export async function toBoardFile({ board, user, records }: WholeBoard, source: Source): Promise<Blob> {
  const all = [...records]
  const used = new Set<string>()
  for (const [, p] of all) if (p['deleted'] !== true) for (const found of JSON.stringify([p['asset'], p['background']]).matchAll(/"([0-9a-f]{64})"/g)) used.add(found[1]!)
  const assets = await loadAll(used, async (asset) => {
    const bytes = await fetchBytes(source.assetUrl(asset))
    return bytes && { type: sizeOfImage(bytes)?.type ?? 'image/png', bytes }
  })
  const lines = [...writeBoard({ board, user, actor: newActorId(), now: Date.now(), records: all, assets })]
  return new Blob(lines, { type: 'application/x-ndjson' })
}

function drawn(shape: Shape): Drawn {
  const { link } = shape.props
  return {
    ...{ picture: pictureOf(shape), opacity: opacityOf(shape.props), rotation: shape.rotation, centre: centreOf(shape.frame) },
    ...{ clip: shape.clip, link: typeof link === 'string' ? link : undefined, box: shape.box },
  }
}

/** On its own page a frame is the page: neither its border nor its name is drawn. */
function withoutFrames(shapes: readonly Shape[]): Drawn[] {
  return shapes.filter(({ props }) => props['kind'] !== 'frame').map(drawn)
}

function nameOf({ props }: Shape): string | undefined {
  return typeof props['name'] === 'string' && props['name'] !== '' ? props['name'] : undefined
}

/** By rows, then from left to right. */
function readingOrder<P extends { readonly box: Box }>(pages: readonly P[]): P[] {
  return [...pages].sort((a, b) => {
    const sameRow = Math.min(a.box.maxY, b.box.maxY) - Math.max(a.box.minY, b.box.minY) > Math.min(height(a.box), height(b.box)) / 2
    return sameRow ? a.box.minX - b.box.minX : a.box.minY - b.box.minY
  })
}

const familyOf = (font: FontName): string => /'([^']+)'/.exec(FAMILIES[font])![1]!

/** The fonts as PDFs have them. */
const FONT_FILES: { readonly [font in FontName]: string } = {
  hand: new URL('../../../whiteboard/draw/fonts/hand.ttf', import.meta.url).href,
  sans: new URL('../../../whiteboard/draw/fonts/sans.ttf', import.meta.url).href,
  serif: new URL('../../../whiteboard/draw/fonts/serif.ttf', import.meta.url).href,
  mono: new URL('../../../whiteboard/draw/fonts/mono.ttf', import.meta.url).href,
}

async function loadFonts(names: Iterable<FontName>): Promise<void> {
  for (const name of names) {
    wantFont(name)
    await document.fonts.load(`20px ${FAMILIES[name]}`).catch(() => undefined)
  }
}

/** Loads what can be had, one after the other. */
async function loadAll<K, V>(keys: Iterable<K>, load: (key: K) => Promise<V | undefined>): Promise<Map<K, V>> {
  const loaded = new Map<K, V>()
  for (const key of keys) {
    const value = await load(key)
    if (value !== undefined) loaded.set(key, value)
  }
  return loaded
}

async function fetchBytes(url: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const answer = await fetch(url).catch(() => undefined)
  return answer?.ok ? new Uint8Array(await answer.arrayBuffer()) : undefined
}

/** The bytes of an asset; undefined if it can't be had. */
export async function loadAsset(asset: string, source: Pick<Source, 'assetUrl'>): Promise<LoadedAsset | undefined> {
  const bytes = await fetchBytes(source.assetUrl(asset))
  const size = bytes && sizeOfImage(bytes)
  return size && { ...size, base64: toBase64(bytes) }
}

/** The pixels of an asset; undefined if it can't be had. */
export async function bitmapOf(asset: string, source: Pick<Source, 'assetUrl'>): Promise<ImageBitmap | undefined> {
  const bytes = await fetchBytes(source.assetUrl(asset))
  return bytes && createImageBitmap(new Blob([bytes])).catch(() => undefined)
}

async function pdfImage(asset: string, source: Source): Promise<PdfImage | undefined> {
  const bytes = await fetchBytes(source.assetUrl(asset))
  const size = bytes && sizeOfImage(bytes)
  if (!size) return undefined
  if (size.type === 'image/jpeg' && orientationOf(bytes) <= 1 && hasThreeColors(bytes)) return { width: size.width, height: size.height, jpeg: bytes }
  const bitmap = await createImageBitmap(new Blob([bytes])).catch(() => undefined)
  if (!bitmap) return undefined
  const { width, height } = bitmap
  const pen = penFor(width, height)
  pen.drawImage(bitmap, 0, 0)
  bitmap.close()
  return { width, height, pixels: pen.getImageData(0, 0, width, height).data }
}

/** Whether a JPEG is neither grey nor for print. */
function hasThreeColors(jpeg: Uint8Array): boolean {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength)
  for (let at = 2; at + 10 < view.byteLength; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at)
    if (marker >= 0xffc0 && marker <= 0xffc3) return view.getUint8(at + 9) === 3
  }
  return false
}

/** A text as pixels, for letters that our fonts do not have. */
async function textImage({ text, x, y, font, size, color, width: wide }: TextItem, css: (color: string) => string) {
  const scale = Math.min(4, 4096 / Math.max(wide, size))
  const box = { minX: x - size / 4, minY: y - 1.2 * size, maxX: x + wide + size / 4, maxY: y + 0.5 * size }
  const pen = penFor(Math.ceil(width(box) * scale), Math.ceil(height(box) * scale))
  pen.scale(scale, scale)
  pen.font = `${size}px ${FAMILIES[font]}`
  pen.fontKerning = 'none'
  pen.direction = isRightToLeft(text) ? 'rtl' : 'ltr'
  pen.textAlign = 'left'
  pen.fillStyle = css(color)
  pen.fillText(text, x - box.minX, y - box.minY)
  const { canvas } = pen
  return { image: { width: canvas.width, height: canvas.height, pixels: pen.getImageData(0, 0, canvas.width, canvas.height).data }, box }
}

function penFor(wide: number, high: number): CanvasRenderingContext2D {
  const canvas = document.createElement('canvas')
  canvas.width = wide
  canvas.height = high
  return canvas.getContext('2d', { willReadFrequently: true })!
}
