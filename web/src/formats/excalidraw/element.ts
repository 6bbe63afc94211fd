import type { Json, Patch, RecordId } from '../../board/types'
import { boxOf, height, width, type Box } from '../../geometry/box'
import { centreOf, turn } from '../../geometry/oriented'
import { world, type World } from '../../geometry/point'
import { strokePoints } from '../../geometry/points'
import { kindOf } from '../../shapes/kinds'
import type { TextItem } from '../../shapes/picture'
import { textOf } from '../../shapes/shape'
import { baselineOf, LINE_HEIGHT } from '../../shapes/text/layout'
import type { Props } from '../fragment'
import * as f from './fields'
import type { Element } from './fields'
import { keptOf } from './keep'
import { closedLineOf, innerLinesOf } from './outline'
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
  const own = ownOf(p, around)
  const hints = hintsOf(p, own)
  const label: Json[] = hasLabel(p) && takesLabel(own) ? [{ id: around.labelId(id), type: 'text' }] : []
  const bound = [...around.arrows(id).map((arrow): Json => ({ id: arrow, type: 'arrow' })), ...label]
  return {
    ...{ ...commonOf(id, p, around), boundElements: bound.length > 0 ? bound : null, groupIds: groupsOf(id, p, own, around) },
    ...{ link: p['link'] ?? null, ...own, ...(hints && { customData: { easel: hints } }) },
  }
}

/** The elements of the lines within a shape that is a closed line there. */
export function lineElements(id: RecordId, p: Patch, around: Surroundings): Element[] {
  const own = ownOf(p, around)
  return innerLines(p).map((line, i): Element => {
    const name = `${around.elementId(id)!}-line${i}`
    return {
      ...{ ...commonOf(id, p, around), id: name, seed: f.hash(name), versionNonce: f.hash(`nonce ${name}`) },
      ...{ backgroundColor: 'transparent', fillStyle: 'solid', groupIds: groupsOf(id, p, own, around), ...line, customData: { easel: { part: i } } },
    }
  })
}

/** The text element of a record's label, of a size that is known or measured. */
export function labelElement(id: RecordId, p: Patch, around: Surroundings, known?: { width: number; height: number }): Element {
  const container = elementOf(id, p, around)
  const letters = lettersOf(p, 'center', 'middle')
  const lines = linesOf(p)
  const text = lines?.text ?? letters.text
  const size = known ?? { width: lines ? width(lines.box) : letters.fontSize, height: text.split('\n').length * letters.fontSize * letters.lineHeight }
  const isBound = takesLabel(container)
  const name = around.labelId(id)
  const { textcolor } = p
  return {
    ...{ ...commonOf(id, p, around), groupIds: container['groupIds']!, id: name, seed: f.hash(name), type: 'text' },
    ...{ ...placeOf(isBound ? inContainer(container, letters, size) : beside(lines?.box, letters, size), size, p, isBound ? boxOfElement(container) : kindOf(p)?.frame(p)), ...size },
    ...{ angle: p['kind'] === 'arrow' ? 0 : (p['rotation'] ?? 0), strokeColor: f.exColor(textcolor ?? p['color'], around.css) },
    ...{ backgroundColor: 'transparent', fillStyle: 'solid', strokeStyle: 'solid', strokeWidth: 2, roundness: null, link: null },
    ...{ ...letters, text, autoResize: isBound || text === letters.text, containerId: isBound ? around.elementId(id)! : null },
    ...(!isBound && { customData: { easel: { part: 'label' } } }),
  }
}

/** Whether Excalidraw writes a text within such an element. */
function takesLabel({ type }: Element): boolean {
  return type !== 'line'
}

function ownOf(p: Patch, around: Surroundings): Element {
  return (OF_KIND[String(p['kind'])] ?? closedLineOf)(p, around)
}

const innerLines = (p: Patch): Element[] => (String(p['kind']) in OF_KIND ? [] : innerLinesOf(p))

/** Whether a shape is of more than its own element, without Excalidraw's knowing it. */
function isSeveral(p: Patch, own: Element): boolean {
  return !takesLabel(own) && (hasLabel(p) || innerLines(p).length > 0)
}

/** The groups of an element; one that is of several elements is a group itself. */
function groupsOf(id: RecordId, p: Patch, own: Element, around: Surroundings): Json {
  const groups = (p['groups'] ?? []) as Json[]
  return isSeveral(p, own) ? [`${around.elementId(id)!}-parts`, ...groups] : groups
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
  rect: (p) => ({ type: 'rectangle', ...boxIn(p), roundness: p['corners'] === 'round' ? { type: 3 } : null }),
  note: noteOf,
  diamond: (p) => ({ type: 'diamond', ...boxIn(p), roundness: p['corners'] === 'round' ? { type: 2 } : null }),
  ellipse: (p) => ({ type: 'ellipse', ...boxIn(p), roundness: null }),
  text: wordsOf,
  image: imageOf,
  frame: (p) => ({ type: 'frame', ...boxIn(p), name: p['name'] || null }),
  line: lineOf,
  arrow: lineOf,
  draw: strokeOf,
}

function commonOf(id: RecordId, p: Patch, around: Surroundings): Element {
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
    boundElements: null,
    updated: 1,
    link: null,
    locked: p['locked'] === true,
  }
}

function boxIn(p: Patch): { x: number; y: number; width: number; height: number } {
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

/** The lines of a shape's words as they are drawn, and where before its rotation; undefined for no words. */
function linesOf(p: Patch): { text: string; box: Box } | undefined {
  const items = (kindOf(p)?.picture(p, 'full') ?? []).filter((item): item is TextItem => item.do === 'text')
  const [first] = items
  if (!first) return undefined
  const step = LINE_HEIGHT * first.size
  // Empty lines are not drawn.
  const [before, after] = [/^(?:[ \t]*\n)*/, /(?:\n[ \t]*)*$/].map((blank) => blank.exec(textOf(p))![0].split('\n').length - 1) as [number, number]
  const lines: string[] = Array.from({ length: before + after + 1 + Math.round((items.at(-1)!.y - first.y) / step) }, () => '')
  for (const { text, y } of items) lines[before + Math.round((y - first.y) / step)] = text
  const minX = Math.min(...items.map(({ x }) => x))
  const minY = first.y - baselineOf(first) - before * step
  return { text: lines.join('\n'), box: { minX, minY, maxX: minX + Math.max(...items.map((item) => item.width)), maxY: minY + lines.length * step } }
}

/** A text that is in no container. */
function wordsOf(p: Patch): Element {
  const letters = lettersOf(p, 'left', 'top')
  const frame = kindOf(p)!.frame(p)!
  return {
    ...{ type: 'text', x: frame.minX, y: frame.minY, width: width(frame), height: height(frame) },
    ...{ ...letters, text: linesOf(p)?.text ?? letters.text, containerId: null, autoResize: p['wrap'] !== true },
  }
}

/** A note is the paper, without a line around it. */
function noteOf(p: Patch, { css }: Surroundings): Element {
  const { minX, minY, maxX, maxY } = kindOf(p)!.frame(p)!
  const paper = css(`${typeof p['fill'] === 'string' ? p['fill'] : 'yellow'} paper`)
  return { type: 'rectangle', x: minX, y: minY, width: maxX - minX, height: maxY - minY, strokeColor: 'transparent', backgroundColor: paper, fillStyle: 'solid', strokeStyle: 'solid', roundness: null }
}

interface Size {
  readonly width: number
  readonly height: number
}

/** Where in a container Excalidraw puts a text of a size. */
function inContainer(container: Element, letters: Element, size: Size): World {
  const points = container['points'] as [number, number][] | undefined
  const box = boxOfElement(container)
  if (points) {
    const [mx, my] = halfway(points)
    return world(box.minX + mx - size.width / 2, box.minY + my - size.height / 2)
  }
  const share = { ellipse: (1 - Math.SQRT1_2) / 2, diamond: 1 / 4 }[container['type'] as string] ?? 0
  const [dx, dy] = [width(box) * share + f.TEXT_PADDING, height(box) * share + f.TEXT_PADDING]
  return placedIn({ minX: box.minX + dx, minY: box.minY + dy, maxX: box.maxX - dx, maxY: box.maxY - dy }, letters, size)
}

/** Where the text stands that has no container. */
function beside(box: Box | undefined, letters: Element, size: Size): World {
  return box ? placedIn(box, letters, size) : world(0, 0)
}

function placedIn({ minX, minY, maxX, maxY }: Box, { textAlign, verticalAlign }: Element, size: Size): World {
  const along = (from: number, to: number, part: number, where: Json | undefined) =>
    where === 'left' || where === 'top' ? from : where === 'right' || where === 'bottom' ? to - part : (from + to - part) / 2
  return world(along(minX, maxX, size.width, textAlign), along(minY, maxY, size.height, verticalAlign))
}

/** The place of a text in a box that is turned: it turns about its own middle. */
function placeOf({ x, y }: World, size: Size, p: Patch, frame: Box | undefined): { x: number; y: number } {
  const angle = f.numberOf(p['rotation'], 0)
  if (angle === 0 || !frame || p['kind'] === 'arrow') return { x, y }
  const middle = turn(world(x + size.width / 2, y + size.height / 2), centreOf(frame), angle)
  return { x: middle.x - size.width / 2, y: middle.y - size.height / 2 }
}

function boxOfElement(e: Element): Box {
  const [x, y, w, h] = [e['x'], e['y'], e['width'], e['height']] as [number, number, number, number]
  return boxOf(world(x, y), world(x + w, y + h))
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
    ...{ type: 'image', ...boxIn(p), strokeColor: 'transparent' },
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
  const elbow = p['route'] === 'elbow'
  const points: [number, number][] = [[0, 0], ...bends, size]
  if (elbow && (bends.length === 0 || !isSquare(points))) points.splice(1, bends.length, ...((p['via'] as [number, number][] | undefined) ?? (bends.length > 0 ? bends : cornersOf(size))))
  if (closed && (size[0] !== 0 || size[1] !== 0)) points.push([0, 0])
  // Only arrows have labels there.
  const arrow = p['kind'] === 'arrow' || (hasLabel(p) && !closed) || !none(p['starthead']) || !none(p['endhead']) || elbow
  return {
    ...{ type: arrow ? 'arrow' : 'line', ...spanOf(p['at'] as [number, number], points), points },
    roundness: p['route'] === 'curved' ? { type: 2 } : null,
    ...{ startArrowhead: f.exHead(p['starthead']), endArrowhead: f.exHead(p['endhead']), lastCommittedPoint: null },
    ...{ startBinding: bindingOf(p['startbind'], around), endBinding: bindingOf(p['endbind'], around) },
    ...(arrow ? { elbowed: elbow } : { polygon: closed }),
    ...(elbow && { fixedSegments: bends.length > 0 ? fixedIn(points) : null, startIsSpecial: null, endIsSpecial: null }),
  }
}

function bindingOf(bind: Json | undefined, around: Surroundings): Json {
  const { to, at, inside } = f.objectOf(bind) ?? {}
  const elementId = typeof to === 'string' ? around.elementId(to) : undefined
  return elementId === undefined ? null : { elementId, fixedPoint: at!, mode: inside === true ? 'inside' : 'orbit' }
}

const none = (head: Json | undefined): boolean => head === undefined || head === 'none'

/** Whether every piece of a way is level or upright. */
function isSquare(points: readonly [number, number][]): boolean {
  return points.every(([x, y], i) => i === 0 || Math.abs(x - points[i - 1]![0]) < 0.01 || Math.abs(y - points[i - 1]![1]) < 0.01)
}

/** The pieces between the first and the last, which stay where they are when an end moves. */
function fixedIn(points: readonly [number, number][]): Json {
  const fixed = points.slice(2, -1).map((end, i): Json => ({ index: i + 2, start: points[i + 1]!, end }))
  return fixed.length > 0 ? fixed : null
}

/** The corners of a way of right angles, where the route is not known. */
function cornersOf([x, y]: [number, number]): [number, number][] {
  if (x === 0 || y === 0) return []
  return Math.abs(x) >= Math.abs(y) ? [[x / 2, 0], [x / 2, y]] : [[0, y / 2], [x, y / 2]]
}

function spanOf([x, y]: [number, number], points: readonly [number, number][]) {
  const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])]
  const span = (values: number[]) => values.reduce((most, v) => Math.max(most, v), -Infinity) - values.reduce((least, v) => Math.min(least, v), Infinity)
  return { x, y, width: span(xs), height: span(ys) }
}

/** How far the end of a dot is from its start. */
const DOT = 0.0001

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
  const [first, last] = [points[0], points.at(-1)]
  // What is filled ends there where it began.
  if (p['closed'] === true && typeof p['fill'] === 'string' && first && last && Math.hypot(last[0] - first[0], last[1] - first[1]) > f.LOOP) {
    points.push(first)
    if (pressures.length > 0) pressures.push(pressures.at(-1)!)
  }
  // As Excalidraw writes a dot; less is no stroke there.
  if (points.length === 1) pressures.push(...pressures)
  if (points.length <= 2 && points.every(([x, y]) => x === 0 && y === 0)) points.splice(1, 1, [DOT, DOT])
  return {
    ...{ type: 'freedraw', ...spanOf(p['at'] as [number, number], points), points, pressures, simulatePressure: !list.hasPressure },
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
  if (kind === 'note') hints['note'] = { fill: p['fill'] ?? 'yellow', paper: element['backgroundColor']!, color: p['color'] ?? 'black' }
  if (isSeveral(p, element)) hints['parts'] = innerLines(p).length
  if (route === 'elbow' && !(Array.isArray(bends) && bends.length > 0)) hints['auto'] = true
  return Object.keys(hints).length > 0 ? hints : undefined
}

/** Whether a property of a kind of shape has no field there. */
function isOurs(kind: Json | undefined, prop: (typeof OURS)[number]): boolean {
  if (prop === 'flip') return kind !== 'image'
  return prop !== 'corners' || (kind !== 'rect' && kind !== 'diamond')
}
