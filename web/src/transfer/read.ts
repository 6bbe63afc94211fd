import type { Patch, RecordId } from '../board/types'
import { isLink, isObject } from '../board/validate'
import { cssColor } from '../canvas/palette'
import { isBoardFile, readBoard } from '../formats/boardfile'
import { fromHtml, readClipboard } from '../formats/clipboard'
import { sceneInPng, sceneInSvg } from '../formats/excalidraw/embedded'
import { readSceneGently } from '../formats/excalidraw/read'
import { attempt, FormatError, MAX_FILE, parseJson, type Fragment, type Props, type Result } from '../formats/fragment'
import { beside } from '../formats/place'
import { textFragment } from '../formats/textshape'
import { measureText } from '../shapes'
import { rasterise, readyImage, type ReadyImage } from './images'

/** What is read, and whether it takes new ids as copies do. */
export interface Incoming {
  readonly fragment: Fragment
  readonly fresh: boolean
  /** Pictures that are ready to be uploaded, by the shapes that show them. */
  readonly images: ReadonlyMap<RecordId, ReadyImage>
  /** Whether it is a whole board or drawing, which keeps its place on an empty board. */
  readonly isWhole: boolean
  /** The files that could not be read. */
  readonly failures?: readonly FileError[]
}

/** Why one of the files can't be put on a board: what reading it threw. */
export class FileError extends Error {
  constructor(
    readonly file: string,
    readonly reason: unknown,
  ) {
    super(file)
  }
}

/** What was on the clipboard, or was dropped. Taken out at once: it is gone when the event is over. */
export interface Carried {
  readonly own: string
  readonly excalidraw: string
  readonly html: string
  readonly plain: string
  readonly files: readonly File[]
}

export interface ReadContext {
  /** Whether the board has a record or a group of this id. */
  taken(id: string): boolean
  /** How large a picture of so many pixels is on the board. */
  sizeFor(width: number, height: number): readonly [number, number]
}

/** Lets the page breathe. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

const css = (color: string): string => cssColor(color, 'light')

/** Reads what was pasted or dropped; undefined when there is nothing. Throws FormatError, ImageError. */
export async function readCarried(carried: Carried, o: ReadContext, isPlain = false): Promise<Incoming | undefined> {
  const { own, excalidraw, html, files } = carried
  const plain = carried.plain.trim() === '' ? wordsIn(html) : carried.plain
  if (isPlain) return plain.trim() === '' ? undefined : ofText(plain)
  const json = own || fromHtml(html)
  if (json) return { ...incoming(unwrap(readClipboard(json))), fresh: true }
  const scene = excalidraw || (isScene(plain) ? plain : '')
  if (scene) return incoming(await readSceneGently(parseJson(scene, 'clipboard'), { css, taken: o.taken }, pause))
  if (files.length > 0 && (isNoMore(plain) || files.some((file) => !file.type.startsWith('image/')))) return readFiles(files, o)
  if (isSvg(plain)) return ofImage(await rasterise(plain), '', o)
  return plain.trim() === '' ? undefined : ofText(plain)
}

/** Whether beside a picture a text is none of its own: nothing, or where the picture comes from. */
function isNoMore(plain: string): boolean {
  const words = plain.trim()
  return words === '' || (isLink(words) && !/\s/.test(words))
}

/** The words of a page, line by line. */
function wordsIn(html: string): string {
  if (html === '') return ''
  const { body } = new DOMParser().parseFromString(html, 'text/html')
  for (const unseen of body.querySelectorAll('script, style, template')) unseen.remove()
  for (const text of body.querySelectorAll('br')) text.replaceWith('\u2028')
  for (const block of body.querySelectorAll('p, div, li, tr, pre, blockquote, h1, h2, h3, h4, h5, h6')) block.append('\u2028')
  const lines = (body.textContent ?? '').replace(/\s*\u2028\s*/g, '\u2028').replace(/\s+/g, (space) => (space === '\u2028' ? '\n' : ' '))
  return lines.trim()
}

/** Reads files, several of them side by side. What can't be read keeps nothing from the others. */
export async function readFiles(files: readonly File[], o: ReadContext): Promise<Incoming> {
  const all: Incoming[] = []
  const failures: FileError[] = []
  for (const file of files) {
    try {
      all.push(await readFile(file, o))
    } catch (err) {
      failures.push(new FileError(file.name, err))
    }
  }
  if (all.length === 1) return { ...all[0]!, failures }
  const images = new Map<RecordId, ReadyImage>()
  const fragments = all.map(({ fragment, images: own }, i) => {
    const named = renamed(fragment, `${i}-`)
    for (const [id, image] of own) images.set(`${i}-${id}`, image)
    return named
  })
  return { fragment: beside(fragments), fresh: true, images, isWhole: false, failures }
}

async function readFile(file: File, o: ReadContext): Promise<Incoming> {
  if (file.size > MAX_FILE) throw new FormatError('too_large', `${file.name} (${file.size})`, MAX_FILE)
  const name = file.name.replace(/\.[^.]*$/, '')
  if (file.type === 'image/svg+xml' || /\.svg$/i.test(file.name)) return readSvg(await file.text(), name, o)
  if (file.type.startsWith('image/')) return readImage(file, name, o)
  return readText(await file.text(), file, o)
}

async function readSvg(text: string, name: string, o: ReadContext): Promise<Incoming> {
  const scene = await embedded(await sceneInSvg(text), o)
  return scene ?? ofImage(await rasterise(text), name, o)
}

async function readImage(file: File, name: string, o: ReadContext): Promise<Incoming> {
  const scene = file.type === 'image/png' ? await embedded(await sceneInPng(new Uint8Array(await file.arrayBuffer())), o) : undefined
  return scene ?? ofImage(await readyImage(file), name, o)
}

/** The drawing in a picture; undefined if there is none that can be read, and the picture is a picture. */
async function embedded(scene: Result<string | undefined>, o: ReadContext): Promise<Incoming | undefined> {
  const known = 'ok' in scene && scene.ok !== undefined ? await readJson(scene.ok, o) : undefined
  return known && { ...known, isWhole: true }
}

/** Files that are JSON, whatever is in them. */
const JSON_FILES = /\.(excalidraw|excalidrawlib|easel|json)$/i


async function readText(text: string, file: File, o: ReadContext): Promise<Incoming> {
  if (isBoardFile(text)) return { ...incoming(unwrap(readBoard(text))), isWhole: true }
  const known = await readJson(text, o)
  if (known) return { ...known, isWhole: true }
  if (file.type.startsWith('text/') || /\.(txt|md|csv)$/i.test(file.name)) return ofText(text)
  const isBroken = JSON_FILES.test(file.name) && !('ok' in attempt('file', () => parseJson(text)))
  throw new FormatError(isBroken ? 'malformed' : 'unknown', file.name)
}

/** JSON of ours or of Excalidraw's; undefined for anything else. */
async function readJson(text: string, o: ReadContext): Promise<Incoming | undefined> {
  const parsed = attempt('file', () => parseJson(text))
  if (!('ok' in parsed) || !isObject(parsed.ok)) return undefined
  const { type } = parsed.ok
  if (type === 'easel/clipboard') return { ...incoming(unwrap(readClipboard(text))), fresh: true }
  if (typeof type !== 'string' || !type.startsWith('excalidraw')) return undefined
  return incoming(await readSceneGently(parsed.ok, { css, taken: o.taken }, pause))
}

function isScene(text: string): boolean {
  return /^\s*\{[\s\S]{0,200}"type"\s*:\s*"excalidraw/.test(text.slice(0, 400))
}

function isSvg(text: string): boolean {
  return /^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*(<!DOCTYPE[^[>]*(\[[^\]]*\]\s*)?>\s*)?(<!--[\s\S]*?-->\s*)*<svg[\s>]/i.test(text.slice(0, 10_000))
}

function incoming(fragment: Fragment): Incoming {
  return { fragment, fresh: false, images: new Map(), isWhole: false }
}

function ofText(text: string): Incoming {
  return { ...incoming(textFragment(text, (shape) => measureText(shape))), fresh: true }
}

function ofImage(image: ReadyImage, alt: string, o: ReadContext): Incoming {
  const [width, height] = o.sizeFor(image.width, image.height)
  const shape: Props = { kind: 'image', at: [0, 0], size: [width, height], asset: null, ...(alt && { alt: [...alt].slice(0, 1000).join('') }) }
  return { ...incoming({ shapes: [['image', shape]], files: [], warnings: [] }), fresh: true, images: new Map([['image', image]]) }
}

/** A fragment whose ids differ from those of others. */
function renamed(fragment: Fragment, prefix: string): Fragment {
  const name = (id: unknown) => (typeof id === 'string' ? prefix + id : id)
  const bind = (value: Patch[string] | undefined) => (isObject(value) ? { ...value, to: name(value['to']) } : value)
  const shapes = fragment.shapes.map(([id, p]): [RecordId, Patch] => {
    const changed: Record<string, unknown> = {}
    for (const prop of ['startbind', 'endbind']) if (p[prop]) changed[prop] = bind(p[prop])
    for (const prop of ['frame', 'layer']) if (p[prop]) changed[prop] = name(p[prop])
    if (Array.isArray(p['groups'])) changed['groups'] = p['groups'].map(name)
    return [prefix + id, { ...p, ...changed } as Patch]
  })
  const files = fragment.files.map((file) => ({ ...file, shapes: file.shapes.map((id) => prefix + id) }))
  return { shapes, files, warnings: fragment.warnings }
}

function unwrap<T>(result: { readonly ok: T } | { readonly error: FormatError }): T {
  if ('error' in result) throw result.error
  return result.ok
}
