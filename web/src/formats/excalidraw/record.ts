import { sameJson } from '../../board/history'
import type { Json } from '../../board/types'
import { isLink, MAX_BENDS, MAX_GROUPS, MAX_TEXT } from '../../board/validate'
import { encodeStroke, MAX_CHUNK_POINTS, MAX_CHUNKS, Points } from '../../geometry/points'
import { allowed, type Props } from '../fragment'
import * as f from './fields'
import type { Element } from './fields'
import { hintsIn, isOutline, type Family } from './parts'

/** What reading an element needs to know of the others. */
export interface Scene {
  element(id: string): Element | undefined
  /** The id of the record that is made of an element; undefined if none is. */
  recordId(id: unknown): string | undefined
  /** The id of a group of the records. */
  groupId(id: string): string
  /** A colour as a record has it; undefined if it is not to be seen. */
  color(value: Json | undefined): string | undefined
  /** What a closed line is the outline of; undefined if it is no more than a line. */
  family(element: Element): Family | undefined
}

/** Strokes are stored in eighths of a unit; scaled, in 64ths. */
const STROKE_SCALE = 8

/** The properties of the record of an element, without its text; undefined if there is none to make. */
export function recordOf(element: Element, scene: Scene): Props | undefined {
  const type = String(element['type'])
  const own = OF_TYPE[type]?.(element, scene)
  if (!own) return undefined
  const record = allowed({ ...commonOf(element, scene), ...own, ...oursOf(element, scene) })
  return record && withoutDefaults(record)
}

/** The text of a text element that is in a container, as the container's label. */
export function labelOf(text: Element, container: Element, scene: Scene): Props {
  const color = scene.color(text['strokeColor'])
  const easel = hintsIn(container)
  const ink = f.objectOf(easel?.['note'])?.['color']
  const same = ink === undefined ? text['strokeColor'] === container['strokeColor'] : color === ink
  const letters: Props = { ...lettersOf(text, 'center', 'middle') }
  // Our own file names a font that Excalidraw does not have.
  if (easel?.['font'] !== undefined) delete letters['font']
  if (!same && color !== undefined) letters['textcolor'] = color
  return letters
}

const OF_TYPE: { readonly [type: string]: (element: Element, scene: Scene) => Props | undefined } = {
  rectangle: (e) => ({ kind: 'rect', ...boxOf(e), corners: e['roundness'] ? 'round' : 'sharp' }),
  diamond: (e) => ({ kind: 'diamond', ...boxOf(e), corners: e['roundness'] ? 'round' : 'sharp' }),
  ellipse: (e) => ({ kind: 'ellipse', ...boxOf(e) }),
  text: textOf,
  image: imageOf,
  frame: (e) => ({ kind: 'frame', ...boxOf(e), name: f.textOf(e['name'], 200) }),
  magicframe: (e) => ({ kind: 'frame', ...boxOf(e), name: f.textOf(e['name'], 200) }),
  embeddable: cardOf,
  iframe: cardOf,
  line: (e, scene) => lineOf('line', e, scene),
  draw: (e, scene) => lineOf('line', e, scene),
  arrow: (e, scene) => lineOf('arrow', e, scene),
  freedraw: strokeOf,
}

function commonOf(e: Element, scene: Scene): Props {
  const stroke = scene.color(e['strokeColor'] ?? f.INK)
  const fill = scene.color(e['backgroundColor']) ?? null
  const all = Array.isArray(e['groupIds']) ? e['groupIds'].filter((id) => typeof id === 'string') : []
  const groups = scene.family(e)?.isGroup ? all.slice(1) : all
  return {
    color: stroke ?? fill ?? 'black',
    fill,
    fillstyle: f.fillStyleOf(e['fillStyle']),
    width: f.clamp(f.numberOf(e['strokeWidth'], 2), 0.5, 64),
    dash: e['strokeStyle'] === 'dashed' || e['strokeStyle'] === 'dotted' ? e['strokeStyle'] : 'solid',
    opacity: f.clamp(f.numberOf(e['opacity'], 100) / 100, 0.05, 1),
    rotation: angleOf(e['angle']),
    locked: e['locked'] === true,
    groups: [...new Set(groups.map((id) => scene.groupId(id as string)))].slice(0, MAX_GROUPS),
    frame: scene.recordId(e['frameId']) ?? null,
    link: isLink(e['link']) ? (e['link'] as string) : null,
  }
}

function angleOf(value: Json | undefined): number {
  const angle = f.numberOf(value, 0)
  return Math.abs(angle) <= 10 ? angle : angle % (2 * Math.PI)
}

/** Corner and size; a size that is negative leads to the other corner. */
function boxOf(e: Element): Props {
  const [x, y, w, h] = [e['x'], e['y'], e['width'], e['height']].map((value) => f.coordinateOf(value)) as [number, number, number, number]
  return { at: [x + Math.min(w, 0), y + Math.min(h, 0)], size: [Math.abs(w), Math.abs(h)] }
}

function lettersOf(e: Element, align: string, valign: string): Props {
  return {
    text: f.textOf(e['originalText'] ?? e['text'], MAX_TEXT),
    font: f.fontOf(e['fontFamily']),
    fontsize: f.clamp(f.numberOf(e['fontSize'], 20), 4, 400),
    align: e['textAlign'] ?? align,
    valign: e['verticalAlign'] ?? valign,
  }
}

function textOf(e: Element): Props | undefined {
  const letters = lettersOf(e, 'left', 'top')
  if ((letters['text'] as string).trim() === '') return undefined
  return { kind: 'text', ...boxOf(e), ...letters, wrap: e['autoResize'] === false }
}

/** What shows other pages there is a card with the link here. */
function cardOf(e: Element): Props {
  const link = isLink(e['link']) ? new URL(e['link'] as string) : undefined
  const text = link ? f.textOf(link.host + link.pathname.replace(/\/$/, ''), 200) : ''
  return { kind: 'rect', ...boxOf(e), corners: 'round', text, font: 'sans' }
}

function imageOf(e: Element): Props {
  const scale = Array.isArray(e['scale']) ? e['scale'] : []
  const crop = f.objectOf(e['crop'])
  return {
    ...{ kind: 'image', ...boxOf(e), asset: null },
    flip: [scale[0] === -1 ? -1 : 1, scale[1] === -1 ? -1 : 1],
    crop: crop ? cropOf(crop) : null,
  }
}

function cropOf(crop: Element): Json {
  const share = (part: Json | undefined, whole: Json | undefined) => f.clamp(f.numberOf(part, 0) / Math.max(f.numberOf(whole, 1), 1e-9), 0, 1)
  const { x, y, width, height, naturalWidth, naturalHeight } = crop
  return [share(x, naturalWidth), share(y, naturalHeight), share(width, naturalWidth), share(height, naturalHeight)]
}

function lineOf(kind: 'line' | 'arrow', e: Element, scene: Scene): Props | undefined {
  const points = thin(f.pointsOf(e['points']))
  if (points.length === 0) return undefined
  const closed = kind === 'line' && (e['polygon'] === true || (isLoop(points) && f.colorOf(e['backgroundColor']) !== undefined))
  if (closed && points.length > 3 && same(points[0]!, points.at(-1)!)) points.pop()
  const [x0, y0] = points[0]!
  const from = points.map(([x, y]): [number, number] => [f.coordinateOf(x - x0), f.coordinateOf(y - y0)])
  const elbow = e['elbowed'] === true
  return {
    ...{ kind, closed, at: [f.coordinateOf(f.coordinateOf(e['x']) + x0), f.coordinateOf(f.coordinateOf(e['y']) + y0)] },
    ...{ bends: from.slice(1, -1), size: from.length > 1 ? from.at(-1)! : [0, 0] },
    route: elbow ? 'elbow' : e['roundness'] ? 'curved' : 'straight',
    starthead: f.headOf(e['startArrowhead']),
    endhead: e['endArrowhead'] === undefined && kind === 'arrow' ? 'arrow' : f.headOf(e['endArrowhead']),
    startbind: bindingOf(e, 'startBinding', points[0]!, scene),
    endbind: bindingOf(e, 'endBinding', points.at(-1)!, scene),
  }
}

/** At most as many points as a line has, the ends among them. */
function thin(points: [number, number][]): [number, number][] {
  const most = MAX_BENDS + 2
  if (points.length <= most) return points
  return Array.from({ length: most }, (_, i) => points[Math.round((i * (points.length - 1)) / (most - 1))]!)
}

const same = (a: readonly number[], b: readonly number[]): boolean => Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!) < 1e-6

function isLoop(points: readonly [number, number][]): boolean {
  const [a, b] = [points[0], points.at(-1)]
  return points.length > 3 && a !== undefined && b !== undefined && Math.hypot(a[0] - b[0], a[1] - b[1]) <= f.LOOP
}

/** Old bindings say how far from the shape the end is; where it is says the same. */
function bindingOf(e: Element, field: string, end: readonly [number, number], scene: Scene): Json {
  const binding = f.objectOf(e[field])
  const to = binding && scene.recordId(binding['elementId'])
  const target = binding && scene.element(String(binding['elementId']))
  if (!binding || !to || !target) return null
  const fixed = Array.isArray(binding['fixedPoint']) ? binding['fixedPoint'].map((value) => f.numberOf(value, 0.5)) : undefined
  const at = fixed?.length === 2 ? fixed : shareOf(target, f.coordinateOf(e['x']) + end[0], f.coordinateOf(e['y']) + end[1])
  return { to, at: at.map((share) => f.clamp(share, -10, 10)), inside: binding['mode'] === 'inside' }
}

/** A place as shares of an element's box before its rotation. */
function shareOf(target: Element, x: number, y: number): [number, number] {
  const { at, size } = boxOf(target) as { at: [number, number]; size: [number, number] }
  const [cx, cy] = [at[0] + size[0] / 2, at[1] + size[1] / 2]
  const angle = -f.numberOf(target['angle'], 0)
  const [dx, dy] = [x - cx, y - cy]
  const turned = [dx * Math.cos(angle) - dy * Math.sin(angle), dx * Math.sin(angle) + dy * Math.cos(angle)]
  const share = (d: number, whole: number) => (whole > 0 ? 0.5 + d / whole : 0.5)
  return [share(turned[0]!, size[0]), share(turned[1]!, size[1])]
}

function strokeOf(e: Element): Props | undefined {
  const points = f.pointsOf(e['points'])
  if (points.length === 0) return undefined
  const [x0, y0] = points[0]!
  const pressures = Array.isArray(e['pressures']) ? e['pressures'] : []
  const list = new Points(pressures.length >= points.length && e['simulatePressure'] !== true)
  const most = Math.min(points.length, MAX_CHUNKS * MAX_CHUNK_POINTS)
  for (let i = 0; i < most; i++) {
    const [x, y] = points[i]!
    list.add({ x: (x - x0) * STROKE_SCALE, y: (y - y0) * STROKE_SCALE, pressure: f.numberOf(pressures[i], 0.5) })
  }
  const constant = f.objectOf(e['strokeOptions'])?.['variability'] === 'constant'
  return {
    ...{ kind: 'draw', at: [f.coordinateOf(f.coordinateOf(e['x']) + x0), f.coordinateOf(f.coordinateOf(e['y']) + y0)] },
    scale: [1 / STROKE_SCALE, 1 / STROKE_SCALE],
    width: f.clamp(f.numberOf(e['strokeWidth'], 1) * f.FREEHAND, 0.5, 64),
    thinning: constant ? 0 : 0.6,
    closed: isLoop(points) && f.colorOf(e['backgroundColor']) !== undefined,
    ...encodeStroke(list),
  }
}

/** What our export says of itself where Excalidraw has no word for it. */
export const OURS = ['kind', 'sides', 'brush', 'font', 'smoothing', 'thinning', 'flip', 'alt', 'corners'] as const

function oursOf(e: Element, scene: Scene): Props {
  const easel = hintsIn(e)
  const props: Props = {}
  if (!easel) return props
  const family = scene.family(e)
  // An outline that was changed is a line.
  if (isOutline(e) && !family) return props
  for (const prop of OURS) if (easel[prop] !== undefined) props[prop] = easel[prop]
  if (easel['auto'] === true) props['bends'] = []
  return { ...props, ...noteOf(e, f.objectOf(easel['note'])), ...family?.props }
}

/** The colours of a note, unless the paper is another now. */
function noteOf(e: Element, note: Element | undefined): Props {
  const { fill, paper, color } = note ?? {}
  return { ...(paper !== undefined && paper === e['backgroundColor'] && { fill: fill! }), ...(color !== undefined && { color }) }
}

/** What absent properties mean. */
const DEFAULTS: Props = {
  ...{ rotation: 0, fill: null, fillstyle: 'solid', dash: 'solid', opacity: 1, locked: false, groups: [] },
  ...{ frame: null, link: null, corners: 'sharp', flip: [1, 1], wrap: false, text: '', textcolor: null, crop: null },
  ...{ bends: [], route: 'straight', closed: false, starthead: 'none', endhead: 'none', startbind: null, endbind: null },
}

function withoutDefaults(record: Props): Props {
  const rest: Props = {}
  for (const prop in record) if (!Object.hasOwn(DEFAULTS, prop) || !sameJson(DEFAULTS[prop], record[prop])) rest[prop] = record[prop]!
  return rest
}
