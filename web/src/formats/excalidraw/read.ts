import { BOARD_RECORD, newRecordId, systemRandom } from '../../board/ids'
import type { Json, RecordId } from '../../board/types'
import { isObject, isRecordId, PALETTE } from '../../board/validate'
import { fromBase64 } from '../base64'
import { allowed, FormatError, MAX_FILE, MAX_SHAPES, type FileOf, type Fragment, type Props, type Warning } from '../fragment'
import { elementOf, labelElement, type Surroundings } from './element'
import { colorOf, numberOf, TYPES, type Element } from './fields'
import { keepOf, metaOf, type Kept } from './keep'
import { familiesIn, hintsIn, type Family } from './parts'
import { labelOf, recordOf, type Scene } from './record'
import { surroundings } from './write'

/** How the ids of elements begin that have none. */
const NO_ID = 'none '

export interface ReadOptions {
  /** Whether the board has a record or a group of this id, so that the shape needs another. */
  taken?(id: string): boolean
  readonly random?: () => number
  /** The colour of a palette name on light paper, as writing has it. */
  css(color: string): string
}

/** The shapes of an Excalidraw file, clipboard or library that is parsed already; after so many elements it waits for `pause`. */
export async function readSceneGently(file: unknown, o: ReadOptions, pause: () => Promise<void>): Promise<Fragment> {
  const steps = sceneSteps(file, o)
  let step = steps.next()
  while (!step.done) {
    await pause()
    step = steps.next()
  }
  return step.value
}

/** How many elements are read at a time. */
const STEP = 500

/** The same in steps. Throws a FormatError. */
export function* sceneSteps(file: unknown, o: ReadOptions): Generator<void, Fragment> {
  if (!isObject(file)) throw new FormatError('malformed', 'file')
  const { type, version, elements, files, appState } = file
  if (type === 'excalidrawlib') return yield* readElements(libraryElements(file), {}, o)
  if (type !== 'excalidraw' && type !== 'excalidraw/clipboard') throw new FormatError('unknown', 'type')
  if (typeof version === 'number' && version > 2 && type === 'excalidraw') throw new FormatError('version', 'version', 2)
  if (!Array.isArray(elements)) throw new FormatError('malformed', 'elements')
  const paper = isObject(appState) ? colorOf(appState['viewBackgroundColor'] as string) : undefined
  const fragment = yield* readElements(elements, isObject(files) ? files : {}, o)
  return paper === undefined || paper === 'white' ? fragment : { ...fragment, paper }
}

/** The elements of a library, its items side by side. */
function libraryElements({ libraryItems, library }: Record<string, unknown>): unknown[] {
  const items = Array.isArray(libraryItems) ? libraryItems : library
  if (!Array.isArray(items)) throw new FormatError('malformed', 'libraryItems')
  const all: unknown[] = []
  let right = 0
  for (const item of items as unknown[]) {
    const elements = Array.isArray(item) ? item : isObject(item) ? item['elements'] : undefined
    if (!Array.isArray(elements)) continue
    const own = elements.filter((e): e is Element => isObject(e) && e['isDeleted'] !== true)
    const left = Math.min(...own.map(({ x }) => Number(x) || 0), Infinity)
    const top = Math.min(...own.map(({ y }) => Number(y) || 0), Infinity)
    let end = right
    for (const element of own) {
      const x = (Number(element['x']) || 0) - left + right
      all.push({ ...element, x, y: (Number(element['y']) || 0) - top })
      end = Math.max(end, x + Math.abs(Number(element['width']) || 0))
    }
    right = own.length > 0 ? end + 40 : right
  }
  return all
}

/** An element and the record that is made of it. */
interface Pair {
  readonly element: Element
  readonly id: RecordId
  readonly record: Props
  label?: Element
}

function* readElements(all: readonly unknown[], files: Record<string, unknown>, o: ReadOptions): Generator<void, Fragment> {
  if (all.length > MAX_SHAPES) throw new FormatError('too_many', 'elements', MAX_SHAPES)
  const elements = distinct(all)
  const scene = new Reading(elements, o)
  const pairs: Pair[] = []
  for (const element of elements.values()) {
    if (scene.isPart(element)) continue
    const record = recordOf(element, scene)
    if (record) pairs.push({ element, id: scene.recordId(element['id'])!, record })
    if (pairs.length % STEP === 0) yield
  }
  const made = new Set(pairs.map(({ id }) => id))
  for (const pair of pairs) {
    dropDangling(pair.record, made)
    addLabel(pair, scene)
  }
  const lost = yield* keep(pairs, scene, files, o)
  const pictures = filesOf(pairs, files)
  const missing = pairs.filter(({ record }) => record['kind'] === 'image').length - pictures.reduce((n, { shapes }) => n + shapes.length, 0)
  const alive = all.filter((element) => !isObject(element) || element['isDeleted'] !== true).length
  const labels = pairs.filter(({ label }) => label).length
  return {
    shapes: pairs.map(({ id, record }) => [id, record] as const),
    files: pictures,
    warnings: warningsOf({ skipped: alive - pairs.length - labels - scene.lines, 'image-missing': missing, 'details-lost': lost }),
  }
}

function warningsOf(counts: { readonly [code in Warning['code']]?: number }): Warning[] {
  return Object.entries(counts).flatMap(([code, n]) => (n > 0 ? [{ code: code as Warning['code'], n }] : []))
}

/** What can be read at all, by id; the first of those with the same id. */
function distinct(all: readonly unknown[]): Map<string, Element> {
  const elements = new Map<string, Element>()
  for (const one of all) {
    if (!isObject(one) || one['isDeleted'] === true || !(TYPES as readonly unknown[]).includes(one['type'])) continue
    const id = typeof one['id'] === 'string' && one['id'] !== '' ? one['id'] : `${NO_ID}${elements.size}`
    if (!elements.has(id)) elements.set(id, { ...(one as Element), id })
  }
  return elements
}

/** Gives records their ids and texts their containers. */
class Reading implements Scene {
  private readonly ids = new Map<string, RecordId>()
  private readonly groups = new Map<string, string>()
  private readonly labels = new Map<string, Element>()
  private readonly families: ReadonlyMap<Element, Family>
  /** What belongs to other elements: their texts, and lines within them. */
  private readonly parts = new Set<Element>()
  private readonly colors: ReadonlyMap<string, string>
  /** How many lines are parts. */
  readonly lines: number
  private readonly random: () => number

  constructor(
    private readonly elements: ReadonlyMap<string, Element>,
    private readonly o: ReadOptions,
  ) {
    this.random = o.random ?? systemRandom
    this.colors = new Map(PALETTE.map((name) => [o.css(name).toLowerCase(), name]))
    this.families = familiesIn(elements.values())
    for (const [main, { label, lines }] of this.families) {
      if (label) this.labels.set(String(main['id']), label)
      for (const line of lines) this.parts.add(line)
    }
    this.lines = this.parts.size
    for (const element of elements.values()) this.findLabel(element)
    for (const label of this.labels.values()) this.parts.add(label)
    for (const element of elements.values()) if (!this.isPart(element)) this.ids.set(String(element['id']), this.free(String(element['id'])))
  }

  element(id: string): Element | undefined {
    return this.elements.get(id)
  }

  recordId(id: unknown): RecordId | undefined {
    return typeof id === 'string' ? this.ids.get(id) : undefined
  }

  groupId(id: string): string {
    const known = this.groups.get(id) ?? this.free(id)
    this.groups.set(id, known)
    return known
  }

  labelFor(container: string): Element | undefined {
    return this.labels.get(container)
  }

  isPart(element: Element): boolean {
    return this.parts.has(element)
  }

  family(element: Element): Family | undefined {
    return this.families.get(element)
  }

  color(value: Json | undefined): string | undefined {
    const color = colorOf(value)
    return color === undefined ? undefined : (this.colors.get(color) ?? color)
  }

  private findLabel(element: Element): void {
    const { type, containerId, text, originalText } = element
    if (type !== 'text' || typeof containerId !== 'string' || this.labels.has(containerId)) return
    const container = this.elements.get(containerId)
    const empty = String(originalText ?? text ?? '') === ''
    // Earlier versions of ours wrote texts into closed lines.
    const isOurs = container?.['type'] === 'line' && (this.families.has(container) || hintsIn(container)?.['kind'] === 'line')
    if (!empty && (isOurs || ['rectangle', 'ellipse', 'diamond', 'arrow'].includes(String(container?.['type'])))) this.labels.set(containerId, element)
  }

  private free(id: string): RecordId {
    return isRecordId(id) && id !== BOARD_RECORD && !this.o.taken?.(id) ? id : newRecordId(this.random)
  }
}

/** What could not be made is not there to be bound to or to be in. */
function dropDangling(record: Props, made: ReadonlySet<RecordId>): void {
  if (typeof record['frame'] === 'string' && !made.has(record['frame'])) delete record['frame']
  for (const prop of ['startbind', 'endbind']) {
    const bind = record[prop]
    if (isObject(bind) && !made.has(bind['to'] as RecordId)) delete record[prop]
  }
}

function addLabel(pair: Pair, scene: Reading): void {
  const text = scene.labelFor(String(pair.element['id']))
  if (!text) return
  pair.label = text
  const label = labelOf(text, pair.element, scene)
  Object.assign(pair.record, allowed({ ...pair.record, ...label }))
}

/** Keeps in every record what its properties do not say of its element; returns of how many that was too much. */
function* keep(pairs: readonly Pair[], scene: Reading, files: Record<string, unknown>, o: ReadOptions): Generator<void, number> {
  for (const pair of pairs) keepIds(pair)
  const around = surroundings(pairs.map(({ id, record }) => [id, record] as const), o.css, () => undefined)
  const named = new Names(pairs, scene, around)
  let lost = 0
  for (const [i, { element, id, record, label }] of pairs.entries()) {
    if (i % STEP === 0) yield
    const kept = ofElement(named.translate(element), elementOf(id, record, around), record['kind'] === 'draw')
    // The group of its parts is made anew.
    if (scene.family(element)) delete kept.was?.['groupIds']
    if (isForeign(element)) (kept.keep ??= {})['id'] = element['id']!
    if (record['kind'] === 'image') keepFile(kept, files[String(element['fileId'])])
    if (label) kept.label = ofLabel(named.translate(label), id, record, around, scene.family(element) !== undefined)
    const { meta, complete } = metaOf(kept)
    if (meta) record['meta'] = meta
    else delete record['meta']
    if (!complete) lost++
  }
  return lost
}

/** An id that a record can't have is kept, and that of a label. A copy has an id of its own. */
function keepIds({ element, label, record }: Pair): void {
  const kept: Kept = {}
  if (isForeign(element)) kept.keep = { id: element['id']! }
  if (label) kept.label = { keep: { id: label['id']! } }
  record['meta'] = { ex: kept as Props }
}

const isForeign = ({ id }: Element): boolean => !isRecordId(id) && !String(id).startsWith(NO_ID)

/** What elements are called when they are written: what names others has to follow. */
class Names {
  private readonly names = new Map<Json | undefined, Json>()

  constructor(
    pairs: readonly Pair[],
    private readonly scene: Reading,
    around: Surroundings,
  ) {
    for (const { element, label, id } of pairs) {
      this.names.set(element['id'], around.elementId(id)!)
      if (label) this.names.set(label['id'], around.labelId(id))
    }
  }

  /** The element as it will be written; without links that may not be followed, which are not kept. */
  translate(element: Element): Element {
    const { link: _, boundElements: __, ...rest } = element
    const translated: Element = { ...rest, id: this.names.get(element['id'])! }
    for (const field of ['frameId', 'containerId']) if (typeof rest[field] === 'string') translated[field] = this.names.get(rest[field]) ?? null
    for (const field of ['startBinding', 'endBinding']) translated[field] = this.binding(rest[field])!
    if (Array.isArray(rest['groupIds'])) translated['groupIds'] = rest['groupIds'].map((group) => this.scene.groupId(String(group)))
    for (const field of ['startBinding', 'endBinding']) if (translated[field] === undefined) delete translated[field]
    if (isObject(rest['customData'])) {
      const { easel: _, ...theirs } = rest['customData'] as Element
      if (Object.keys(theirs).length > 0) translated['customData'] = theirs
      else delete translated['customData']
    }
    return translated
  }

  private binding(binding: Json | undefined): Json | undefined {
    if (!isObject(binding)) return binding
    const elementId = this.names.get(binding['elementId'] as Json)
    return elementId === undefined ? null : ({ ...binding, elementId } as Json)
  }
}

function ofElement(element: Element, computed: Element, isFreehand: boolean): Kept {
  const kept = keepOf(element, computed, isFreehand)
  const { type } = element
  // What stands for another type here goes back as that type.
  if (type !== computed['type'] && type !== 'draw') (kept.was ??= {})['type'] = [computed['type']!, type!]
  // The crop follows from the picture.
  delete kept.was?.['crop']
  return tidy(kept)
}

/** Of where a text is, it is kept how that differs from what its size makes of it. */
function ofLabel(label: Element, id: RecordId, record: Props, around: Surroundings, isInGroup: boolean): Kept {
  const size = { width: numberOf(label['width'], 0), height: numberOf(label['height'], 0) }
  const kept = keepOf(label, labelElement(id, record, around, size))
  if (isInGroup) delete kept.was?.['groupIds']
  const sizes = keepOf(size, labelElement(id, record, around))
  ;(kept.keep ??= {})['id'] = label['id']!
  return tidy({ ...kept, was: { ...kept.was, ...sizes.was } })
}

function keepFile(kept: Kept, file: unknown): void {
  if (!isObject(file)) return
  const { mimeType: _, id: __, dataURL: ___, ...more } = file as Element
  if (Object.keys(more).length > 0) (kept.keep ??= {})['file'] = more
}

function tidy(kept: Kept): Kept {
  for (const place of ['keep', 'was'] as const) if (kept[place] && Object.keys(kept[place]).length === 0) delete kept[place]
  return kept
}

/** The pictures that image shapes show, each once; what is known of them besides goes into meta. */
function filesOf(pairs: readonly Pair[], files: Record<string, unknown>): FileOf[] {
  const byId = new Map<string, { type: string; bytes: Uint8Array<ArrayBuffer>; shapes: RecordId[] }>()
  for (const { element, id, record } of pairs) {
    const { fileId } = element
    if (record['kind'] !== 'image' || typeof fileId !== 'string') continue
    const known = byId.get(fileId) ?? decode(Object.hasOwn(files, fileId) ? files[fileId] : undefined)
    if (!known) continue
    byId.set(fileId, known)
    known.shapes.push(id)
  }
  return [...byId.values()]
}

function decode(file: unknown): { type: string; bytes: Uint8Array<ArrayBuffer>; shapes: RecordId[] } | undefined {
  if (!isObject(file) || typeof file['dataURL'] !== 'string' || file['dataURL'].length > MAX_FILE) return undefined
  const found = /^data:(image\/[a-z.+-]+)(?:;[a-z0-9=-]+)*?(;base64)?,/i.exec(file['dataURL'].slice(0, 200))
  if (!found) return undefined
  const data = file['dataURL'].slice(found[0].length)
  const bytes = found[2] ? fromBase64(data) : new TextEncoder().encode(decodeURIComponent(data))
  return bytes && { type: found[1]!.toLowerCase(), bytes, shapes: [] }
}
