import { sizeOfImage } from '../formats/imagesize'
import type { Asset } from '../transport/api'

/** Pictures are made smaller than this before they are sent: pixels of a side, and bytes. */
const MOST_SIDE = 4096
const MOST_BYTES = 10 << 20
/** What a board stores. */
const TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif']
/** Vector pictures are stored with so many pixels per unit. */
const VECTOR_SCALE = 2

/** Why a picture can't be put on a board. */
export class ImageError extends Error {
  constructor(readonly code: 'not-an-image' | 'too-large') {
    super(code)
  }
}

/** A picture as it is stored, and how large it is on the board, in world units. */
export interface ReadyImage {
  readonly blob: Blob
  readonly width: number
  readonly height: number
}

/** What keeps the pictures of a board. */
export interface Uploads {
  upload(image: Blob, progress?: (share: number) => void): Promise<Asset>
}

/** The picture as it may be uploaded: of a type that boards store, upright, not too large. */
export async function readyImage(file: Blob): Promise<ReadyImage> {
  if (file.type === 'image/svg+xml') return rasterise(await file.text())
  const bitmap = await createImageBitmap(file).catch(() => undefined)
  if (!bitmap) throw new ImageError('not-an-image')
  const { width, height } = bitmap
  if (await mayStay(file, width, height)) return { blob: file, width, height }
  return { blob: await draw(bitmap, width, height, file), width, height }
}

/** Pixels that are turned by a note in the file are turned for good. */
async function mayStay(file: Blob, width: number, height: number): Promise<boolean> {
  if (file.size > MOST_BYTES || Math.max(width, height) > MOST_SIDE) return false
  const stored = sizeOfImage(new Uint8Array(await file.slice(0, 1 << 18).arrayBuffer()))
  return stored !== undefined && TYPES.includes(stored.type) && stored.width === width && stored.height === height && !(await isTurned(file))
}

async function isTurned(file: Blob): Promise<boolean> {
  if (file.type !== 'image/jpeg') return false
  const head = new Uint8Array(await file.slice(0, 1 << 16).arrayBuffer())
  return orientationOf(head) > 1
}

/** The orientation that EXIF notes in a JPEG; 1 = upright, and when nothing is noted. */
export function orientationOf(jpeg: Uint8Array): number {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength)
  for (let at = 2; at + 10 < view.byteLength && view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint16(at) !== 0xffe1 || view.getUint32(at + 4) !== 0x45786966) continue
    return tagOf(view, at + 10) ?? 1
  }
  return 1
}

function tagOf(view: DataView, start: number): number | undefined {
  if (start + 8 > view.byteLength) return undefined
  const little = view.getUint16(start) === 0x4949
  const directory = start + view.getUint32(start + 4, little)
  if (directory + 2 > view.byteLength) return undefined
  const count = view.getUint16(directory, little)
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + 12 * i
    if (entry + 12 > view.byteLength) return undefined
    if (view.getUint16(entry, little) === 0x0112) return view.getUint16(entry + 8, little)
  }
  return undefined
}

async function draw(bitmap: ImageBitmap, width: number, height: number, file: Blob): Promise<Blob> {
  const scale = Math.min(1, MOST_SIDE / Math.max(width, height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  const pen = canvas.getContext('2d')!
  pen.imageSmoothingQuality = 'high'
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  const first = file.type === 'image/jpeg' ? 'image/jpeg' : 'image/png'
  for (const type of [first, 'image/webp', 'image/jpeg']) {
    const blob = await toBlob(canvas, type)
    if (blob && blob.size <= MOST_BYTES) return blob
  }
  throw new ImageError('too-large')
}

function toBlob(canvas: HTMLCanvasElement, type: string): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, type, 0.9))
}

/** An SVG as pixels: what it could do or fetch is taken out first. */
export async function rasterise(svg: string): Promise<ReadyImage> {
  const { default: purify } = await import('dompurify')
  const clean = purify.sanitize(svg, { USE_PROFILES: { svg: true, svgFilters: true } })
  const element = new DOMParser().parseFromString(clean, 'text/html').querySelector('svg')
  if (!element) throw new ImageError('not-an-image')
  const { width, height } = sizeOfSvg(element)
  const scale = Math.min(VECTOR_SCALE, MOST_SIDE / Math.max(width, height))
  element.setAttribute('width', String(Math.max(1, width * scale)))
  element.setAttribute('height', String(Math.max(1, height * scale)))
  if (!element.hasAttribute('viewBox')) element.setAttribute('viewBox', `0 0 ${width} ${height}`)
  return { blob: await paintSvg(new XMLSerializer().serializeToString(element)), width, height }
}

async function paintSvg(text: string): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = url
    await image.decode().catch(() => {
      throw new ImageError('not-an-image')
    })
    const canvas = document.createElement('canvas')
    canvas.width = image.naturalWidth
    canvas.height = image.naturalHeight
    canvas.getContext('2d')!.drawImage(image, 0, 0)
    const blob = await toBlob(canvas, 'image/png')
    if (!blob || blob.size > MOST_BYTES) throw new ImageError('too-large')
    return blob
  } finally {
    URL.revokeObjectURL(url)
  }
}

/** CSS pixels of the units of lengths. */
const UNITS: { readonly [unit: string]: number } = { '': 1, px: 1, in: 96, cm: 96 / 2.54, mm: 96 / 25.4, pt: 96 / 72, pc: 16, em: 16, ex: 8 }

/** What an SVG says of its size, in CSS pixels; without a word 300 × 150, as browsers have it. */
export function sizeOfSvg(svg: Pick<Element, 'getAttribute'>): { width: number; height: number } {
  const box = (svg.getAttribute('viewBox') ?? '').trim().split(/[\s,]+/).map(Number)
  const length = (name: string) => {
    const [, number, unit] = /^\s*\+?([\d.]+(?:e[+-]?\d+)?)\s*([a-z]*)\s*$/i.exec(svg.getAttribute(name) ?? '') ?? []
    const value = Number(number) * (UNITS[(unit ?? '').toLowerCase()] ?? NaN)
    return value > 0 && value < Infinity ? value : undefined
  }
  const [w, h] = [length('width'), length('height')]
  const ratio = box.length === 4 && box[2]! > 0 && box[3]! > 0 ? box[2]! / box[3]! : undefined
  const width = w ?? (h && ratio ? h * ratio : ratio ? box[2]! : 300)
  const height = h ?? (ratio ? width / ratio : 150)
  return { width: Math.max(width, 1), height: Math.max(height, 1) }
}
