import type { Json, Patch, RecordId } from '../../board/types'
import { strokePoints } from '../../geometry/points'
import type { Props } from '../fragment'
import * as f from './fields'
import type { Element } from './fields'
import { keptOf } from './keep'
import { closedLineOf } from './outline'
import { OURS } from './record'

/** What writing an element needs to know of the rest. */
export interface Surroundings {
  /** The colour of a palette name on light paper. */
  css(color: string): string
  /** The id of a record's element; undefined if it is not written. */
  elementId(record: RecordId): string | undefined
  /** The id of the element of a record's label. */
  labelId(record: RecordId): string
  /** The elements of the arrows that are bound to a record. */
  arrows(record: RecordId): readonly string[]
  /** The size of a picture in pixels, if it is known. */
  pixels(asset: string): { readonly width: number; readonly height: number } | undefined
}

/** The element of a record, without what was kept of the one it was read from. */
export function elementOf(id: RecordId, p: Patch, around: Surroundings): Element {
  const own = (OF_KIND[String(p['kind'])] ?? closedLineOf)(p, around)
  const hints = hintsOf(p, own)
  return { ...commonOf(id, p, around), ...own, ...(hints && { customData: { easel: hints } }) }
}

/** The text element of a record's label, of a size that is known or estimated. */
export function labelElement(id: RecordId, p: Patch, around: Surroundings, size?: { width: number; height: number }): Element {
  const container = elementOf(id, p, around)
  const letters = lettersOf(p, 'center', 'middle')
  const { width, height } = size ?? estimate(letters)
  const place = placeIn(container, letters, width, height)
  const color = p['textcolor']
  return {
    ...commonOf(id, p, around),
    ...{ id: around.labelId(id), type: 'text', ...place, width, height, angle: p['kind'] === 'arrow' ? 0 : (p['rotation'] ?? 0) },
    ...{ strokeColor: color === null || color === undefined ? container['strokeColor']! : f.exColor(color, around.css) },
    ...{ backgroundColor: 'transparent', fillStyle: 'solid', strokeStyle: 'solid', strokeWidth: 2, roundness: null, link: null },
    ...{ boundElements: null, ...letters, autoResize: true, seed: f.hash(around.labelId(id)), containerId: around.elementId(id)! },
  }
}

/** Whether Excalidraw has a place for the record's text within its element. */
export function hasLabel(p: Patch): boolean {
  const { kind, text } = p
  return typeof text === 'string' && text !== '' && kind !== 'text' && !isCard(p)
}

/** A card that stands for a page says where it leads; there the page is shown itself. */
function isCard(p: Patch): boolean {
  const type = keptOf(p).was?.['type']?.[1]
  return type === 'embeddable' || type === 'iframe'
}

/** The kinds that Excalidraw has, too, or something like them. */
const OF_KIND: { readonly [kind: string]: (p: Patch, around: Surroundings) => Element } = {
  rect: (p) => ({ type: 'rectangle', ...boxOf(p), roundness: p['corners'] === 'round' ? { type: 3 } : null }),
  note: (p) => ({ type: 'rectangle', ...boxOf(p), roundness: null }),
  diamond: (p) => ({ type: 'diamond', ...boxOf(p), roundness: p['corners'] === 'round' ? { type: 2 } : null }),
  ellipse: (p) => ({ type: 'ellipse', ...boxOf(p), roundness: null }),
  text: (p) => ({ type: 'text', ...boxOf(p), ...lettersOf(p, 'left', 'top'), containerId: null, autoResize: p['wrap'] !== true }),
  image: imageOf,
  frame: (p) => ({ type: 'frame', ...boxOf(p), name: p['name'] || null }),
  line: lineOf,
  arrow: lineOf,
  draw: strokeOf,
}

function commonOf(id: RecordId, p: Patch, around: Surroundings): Element {
  const bound: Json[] = around.arrows(id).map((arrow) => ({ id: arrow, type: 'arrow' }))
  if (hasLabel(p)) bound.push({ id: around.labelId(id), type: 'text' })
  const elementId = around.elementId(id)!
  return {
    id: elementId,
    angle: p['rotation'] ?? 0,
    strokeColor: f.exColor(p['color'], around.css),
    backgroundColor: p['fill'] === null || p['fill'] === undefined ? 'transparent' : f.exColor(p['fill'], around.css),
    fillStyle: f.exFillStyle(p['fillstyle']),
    strokeWidth: p['width'] ?? 2,
    strokeStyle: p['dash'] ?? 'solid',
    roughness: 0,
    opacity: Math.round(100 * f.numberOf(p['opacity'], 1)),
    groupIds: p['groups'] ?? [],
    frameId: (typeof p['frame'] === 'string' && around.elementId(p['frame'])) || null,
    roundness: null,
    seed: f.hash(elementId),
    version: 1,
    versionNonce: f.hash(`nonce ${elementId}`),
    isDeleted: false,
    boundElements: bound.length > 0 ? bound : null,
    updated: 1,
    link: p['link'] ?? null,
    locked: p['locked'] === true,
  }
}

function boxOf(p: Patch): { x: number; y: number; width: number; height: number } {
  const [x, y] = p['at'] as [number, number]
  const [width, height] = (p['size'] ?? [0, 0]) as [number, number]
  return { x, y, width, height }
}

function lettersOf(p: Patch, align: string, valign: string): Element & { text: string; fontSize: number; lineHeight: number } {
  const fontFamily = f.fontIdOf(p['font'] ?? 'hand')
  const text = typeof p['text'] === 'string' ? p['text'] : ''
  return {
    ...{ text, originalText: text, fontSize: f.numberOf(p['fontsize'], 20), fontFamily, lineHeight: f.lineHeightOf(fontFamily) },
    ...{ textAlign: p['align'] ?? align, verticalAlign: p['valign'] ?? valign },
  }
}

/** Roughly how large a text is; Excalidraw measures it anew when it is edited. */
function estimate({ text, fontSize, lineHeight }: { text: string; fontSize: number; lineHeight: number }) {
  const lines = text.split('\n')
  const longest = Math.max(...lines.map((line) => line.length), 1)
  return { width: longest * fontSize * 0.55, height: lines.length * fontSize * lineHeight }
}

function placeIn(container: Element, letters: Element, width: number, height: number): { x: number; y: number } {
  const points = container['points'] as [number, number][] | undefined
  const [x, y, w, h] = [container['x'], container['y'], container['width'], container['height']] as [number, number, number, number]
  if (points) {
    const [mx, my] = halfway(points)
    return { x: x + mx - width / 2, y: y + my - height / 2 }
  }
  const pad = f.TEXT_PADDING
  const along = (from: number, whole: number, part: number, where: Json | undefined) =>
    where === 'left' || where === 'top' ? from + pad : where === 'right' || where === 'bottom' ? from + whole - part - pad : from + (whole - part) / 2
  return { x: along(x, w, width, letters['textAlign']), y: along(y, h, height, letters['verticalAlign']) }
}

/** The point halfway along a line. */
function halfway(points: readonly [number, number][]): [number, number] {
  const lengths = points.slice(1).map(([x, y], i) => Math.hypot(x - points[i]![0], y - points[i]![1]))
  let rest = lengths.reduce((sum, length) => sum + length, 0) / 2
  for (const [i, length] of lengths.entries()) {
    const [[ax, ay], [bx, by]] = [points[i]!, points[i + 1]!]
    if (rest <= length && length > 0) return [ax + ((bx - ax) * rest) / length, ay + ((by - ay) * rest) / length]
    rest -= length
  }
  return points.at(-1) ?? [0, 0]
}

function imageOf(p: Patch, around: Surroundings): Element {
  const { asset, crop, flip } = p
  const pixels = typeof asset === 'string' ? around.pixels(asset) : undefined
  return {
    ...{ type: 'image', ...boxOf(p), strokeColor: 'transparent' },
    ...{ fileId: asset ?? null, status: asset ? 'saved' : 'pending', scale: flip ?? [1, 1] },
    crop: Array.isArray(crop) && pixels ? cropOf(crop as number[], pixels) : null,
  }
}

function cropOf([x, y, w, h]: number[], { width, height }: { width: number; height: number }): Json {
  return { x: x! * width, y: y! * height, width: w! * width, height: h! * height, naturalWidth: width, naturalHeight: height }
}

function lineOf(p: Patch, around: Surroundings): Element {
  const size = p['size'] as [number, number]
  const bends = (p['bends'] ?? []) as [number, number][]
  const closed = p['closed'] === true
  const points: [number, number][] = [[0, 0], ...bends, size]
  const elbow = p['route'] === 'elbow'
  if (elbow && bends.length === 0) points.splice(1, 0, ...((p['via'] as [number, number][] | undefined) ?? cornersOf(size)))
  if (closed && (size[0] !== 0 || size[1] !== 0)) points.push([0, 0])
  // Only arrows have labels there.
  const arrow = p['kind'] === 'arrow' || hasLabel(p) || !none(p['starthead']) || !none(p['endhead']) || elbow
  return {
    ...{ type: arrow ? 'arrow' : 'line', ...placeOf(p['at'] as [number, number], points), points },
    roundness: p['route'] === 'curved' ? { type: 2 } : null,
    ...{ startArrowhead: f.exHead(p['starthead']), endArrowhead: f.exHead(p['endhead']), lastCommittedPoint: null },
    ...{ startBinding: bindingOf(p['startbind'], around), endBinding: bindingOf(p['endbind'], around) },
    ...(arrow ? { elbowed: elbow } : { polygon: closed }),
    ...(elbow && { fixedSegments: null, startIsSpecial: null, endIsSpecial: null }),
  }
}

function bindingOf(bind: Json | undefined, around: Surroundings): Json {
  const { to, at, inside } = f.objectOf(bind) ?? {}
  const elementId = typeof to === 'string' ? around.elementId(to) : undefined
  return elementId === undefined ? null : { elementId, fixedPoint: at!, mode: inside === true ? 'inside' : 'orbit' }
}

const none = (head: Json | undefined): boolean => head === undefined || head === 'none'

/** The corners of a way of right angles, where the route is not known. */
function cornersOf([x, y]: [number, number]): [number, number][] {
  if (x === 0 || y === 0) return []
  return Math.abs(x) >= Math.abs(y) ? [[x / 2, 0], [x / 2, y]] : [[0, y / 2], [x, y / 2]]
}

function placeOf([x, y]: [number, number], points: readonly [number, number][]) {
  const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])]
  const span = (values: number[]) => values.reduce((most, v) => Math.max(most, v), -Infinity) - values.reduce((least, v) => Math.min(least, v), Infinity)
  return { x, y, width: span(xs), height: span(ys) }
}

function strokeOf(p: Patch): Element {
  const list = strokePoints(p)
  const [sx, sy] = (p['scale'] ?? [1, 1]) as [number, number]
  const points: [number, number][] = []
  const pressures: number[] = []
  for (let i = 0; i < list.length; i++) {
    const { x, y, pressure } = list.at(i)
    points.push([x * sx, y * sy])
    if (list.hasPressure) pressures.push(pressure)
  }
  return {
    ...{ type: 'freedraw', ...placeOf(p['at'] as [number, number], points), points, pressures, simulatePressure: !list.hasPressure },
    ...{ strokeWidth: f.numberOf(p['width'], 2) / f.FREEHAND, lastCommittedPoint: points.at(-1) ?? null },
    ...(p['brush'] === 'highlighter' && { opacity: Math.round(40 * f.numberOf(p['opacity'], 1)) }),
  }
}

/** What Excalidraw has no word for, and so goes into customData. */
function hintsOf(p: Patch, element: Element): Props | undefined {
  const hints: Props = {}
  const { kind, font, route, bends } = p
  const natural = { rect: 'rectangle', draw: 'freedraw' }[kind as string] ?? kind
  if (element['type'] !== natural) hints['kind'] = kind!
  if (font === 'serif') hints['font'] = font
  for (const prop of OURS) if (prop !== 'kind' && prop !== 'font' && isOurs(kind, prop) && p[prop] !== undefined) hints[prop] = p[prop]!
  if (route === 'elbow' && !(Array.isArray(bends) && bends.length > 0)) hints['auto'] = true
  return Object.keys(hints).length > 0 ? hints : undefined
}

/** Whether a property of a kind of shape has no field there. */
function isOurs(kind: Json | undefined, prop: (typeof OURS)[number]): boolean {
  if (prop === 'flip') return kind !== 'image'
  return prop !== 'corners' || (kind !== 'rect' && kind !== 'diamond')
}
