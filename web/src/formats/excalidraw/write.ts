import { generateNKeysBetween } from 'fractional-indexing'
import type { Json, Patch, RecordId } from '../../board/types'
import { isObject } from '../../board/validate'
import { elementOf, hasLabel, labelElement, lineElements, type Surroundings } from './element'
import type { Element } from './fields'
import { keptOf, restore, type Kept } from './keep'

/** A picture of the shapes that are written. */
export interface LoadedAsset {
  readonly type: string
  readonly base64: string
  readonly width: number
  readonly height: number
}

export interface WriteOptions {
  /** The colour of a palette name on light paper. */
  css(color: string): string
  /** Where the file comes from: a URL. */
  readonly source: string
  readonly paper?: string
  /** The pictures, by asset; one that is missing is left out of the file. */
  readonly assets?: ReadonlyMap<string, LoadedAsset>
  readonly type?: 'excalidraw' | 'excalidraw/clipboard'
}

export type Shapes = readonly (readonly [RecordId, Patch])[]

/** The scene of shapes, bottom first, as an Excalidraw file has it. */
export function writeExcalidraw(shapes: Shapes, o: WriteOptions): Element {
  const { elements, kept } = elementsOf(shapes, o.css, (asset) => o.assets?.get(asset))
  index(elements)
  const files = filesOf(elements, kept, o.assets ?? new Map())
  if (o.type === 'excalidraw/clipboard') return { type: o.type, elements, files }
  const appState = { gridSize: 20, gridStep: 5, gridModeEnabled: false, viewBackgroundColor: o.paper ?? '#ffffff' }
  return { type: 'excalidraw', version: 2, source: o.source, elements, appState, files }
}

/** The assets that image shapes show. */
export function assetsOf(shapes: Shapes): string[] {
  return [...new Set(shapes.map(([, { asset }]) => asset).filter((asset) => typeof asset === 'string'))]
}

interface Written {
  readonly elements: Element[]
  /** What was kept of the element of an image, by the asset. */
  readonly kept: ReadonlyMap<string, Kept>
}

function elementsOf(shapes: Shapes, css: Surroundings['css'], pixels: Surroundings['pixels']): Written {
  const around = surroundings(shapes, css, pixels)
  const elements: Element[] = []
  const kept = new Map<string, Kept>()
  for (const [id, p] of shapes) {
    const own = keptOf(p)
    elements.push(restore(elementOf(id, p, around), own), ...lineElements(id, p, around))
    if (hasLabel(p) && p['kind'] !== 'frame' && p['kind'] !== 'image') elements.push(restoredLabel(id, p, around, own.label ?? {}))
    if (typeof p['asset'] === 'string') kept.set(p['asset'], own)
  }
  return { elements, kept }
}

/** A text's place follows from its size, which may be known from where it was read. */
function restoredLabel(id: RecordId, p: Patch, around: Surroundings, kept: Kept): Element {
  const { width, height } = restore(labelElement(id, p, around), kept)
  return restore(labelElement(id, p, around, { width: Number(width), height: Number(height) }), kept)
}

export function surroundings(shapes: Shapes, css: Surroundings['css'], pixels: Surroundings['pixels']): Surroundings {
  const { elements, labels } = names(shapes)
  const arrows = new Map<RecordId, string[]>()
  for (const [id, { startbind, endbind }] of shapes) {
    for (const bind of [startbind, endbind]) {
      const to = isObject(bind) && typeof bind['to'] === 'string' ? bind['to'] : undefined
      const list = to === undefined ? undefined : (arrows.get(to) ?? [])
      if (list && !list.includes(elements.get(id)!)) arrows.set(to!, [...list, elements.get(id)!])
    }
  }
  return {
    css,
    pixels,
    elementId: (id) => elements.get(id),
    labelId: (id) => labels.get(id) ?? `${elements.get(id)}-text`,
    arrows: (id) => arrows.get(id) ?? [],
  }
}

/** The ids that elements had where they were read, unless two records claim the same. */
function names(shapes: Shapes): { elements: Map<RecordId, string>; labels: Map<RecordId, string> } {
  const used = new Set(shapes.map(([id]) => id))
  const claim = (id: Json | undefined, otherwise: string): string => {
    const name = typeof id === 'string' && id !== '' && !used.has(id) ? id : otherwise
    used.add(name)
    return name
  }
  const elements = new Map<RecordId, string>()
  const labels = new Map<RecordId, string>()
  for (const [id, p] of shapes) {
    const { keep, label } = keptOf(p)
    elements.set(id, claim(keep?.['id'], id))
    if (hasLabel(p)) labels.set(id, claim(label?.keep?.['id'], `${id}-text`))
  }
  return { elements, labels }
}

/** Order keys: those that were read as long as they rise, else new ones. */
function index(elements: readonly Element[]): void {
  const rising = elements.every(({ index: key }, i) => typeof key === 'string' && (i === 0 || key > String(elements[i - 1]!['index'])))
  if (rising) return
  const keys = generateNKeysBetween(null, null, elements.length)
  elements.forEach((element, i) => (element['index'] = keys[i]!))
}

function filesOf(elements: readonly Element[], kept: ReadonlyMap<string, Kept>, assets: ReadonlyMap<string, LoadedAsset>): Element {
  const files: Element = {}
  for (const [asset, { type, base64 }] of assets) {
    const id = fileIdOf(asset, kept.get(asset))
    if (!elements.some(({ fileId }) => fileId === id)) continue
    const more = kept.get(asset)?.keep?.['file']
    files[id] = { mimeType: type, id, dataURL: `data:${type};base64,${base64}`, created: 1, ...(isObject(more) && (more as Element)) }
  }
  for (const element of elements) delete element['file']
  return files
}

function fileIdOf(asset: string, kept: Kept | undefined): string {
  const pair = kept?.was?.['fileId']
  return pair?.[0] === asset && typeof pair[1] === 'string' ? pair[1] : asset
}
