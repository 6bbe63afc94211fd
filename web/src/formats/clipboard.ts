import type { Patch, RecordId } from '../board/types'
import { isObject, isRecordId } from '../board/validate'
import { allowed, attempt, FormatError, MAX_SHAPES, parseJson, type Fragment, type Result } from './fragment'

/** Shapes on the clipboard, as JSON: the media type, and what the JSON says of itself. */
export const CLIPBOARD_MIME = 'application/x-easel+json'
const TYPE = 'easel/clipboard'
const VERSION = 1

/** Marks our JSON in HTML, for browsers that let only text and HTML through. */
const MARK = 'data-easel="'

/** Shapes, bottom first, with bound ends resolved, as text for the clipboard. */
export function writeClipboard(shapes: Iterable<readonly [RecordId, Patch]>): string {
  const clean = [...shapes].map(([id, p]) => {
    const { z: _, deleted: __, ...rest } = allowed(p) ?? {}
    return [id, rest]
  })
  return JSON.stringify({ type: TYPE, version: VERSION, shapes: clean })
}

/** The shapes of our text on the clipboard. Their pictures are on the server already. */
export function readClipboard(text: string): Result<Fragment> {
  return attempt('clipboard', () => {
    const value = parseJson(text, 'clipboard')
    if (!isObject(value) || value['type'] !== TYPE) throw new FormatError('unknown', 'type')
    if (value['version'] !== VERSION) throw new FormatError('version', 'version', VERSION)
    const { shapes } = value
    if (!Array.isArray(shapes)) throw new FormatError('malformed', 'shapes')
    if (shapes.length > MAX_SHAPES) throw new FormatError('too_many', 'shapes', MAX_SHAPES)
    const read = shapes.flatMap(shapeOf)
    const skipped = shapes.length - read.length
    return { shapes: read, files: [], warnings: skipped > 0 ? [{ code: 'skipped', n: skipped }] : [] }
  })
}

function shapeOf(one: unknown): [RecordId, Patch][] {
  const [id, p] = Array.isArray(one) ? (one as unknown[]) : []
  const props = isObject(p) ? allowed(p as Patch) : undefined
  return isRecordId(id) && props ? [[id, props]] : []
}

/** HTML that carries our JSON beside the words of the shapes. */
export function toHtml(json: string, text: string): string {
  const escaped = text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
  const lines = escaped.split('\n').join('<br>')
  return `<meta charset="utf-8"><span ${MARK}${encodeURIComponent(json)}"></span>${lines}`
}

/** Our JSON in HTML; undefined if there is none. */
export function fromHtml(html: string): string | undefined {
  const start = html.indexOf(MARK)
  if (start < 0) return undefined
  const from = start + MARK.length
  const result = attempt('html', () => decodeURIComponent(html.slice(from, html.indexOf('"', from))))
  return 'ok' in result ? result.ok : undefined
}

/** The words in shapes, a paragraph each, for other programs. */
export function textsOf(shapes: Iterable<readonly [RecordId, Patch]>): string {
  const texts = [...shapes].map(([, { text, name }]) => text || name).filter((text) => typeof text === 'string' && text !== '')
  return texts.join('\n\n')
}
