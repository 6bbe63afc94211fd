import { isObject } from '../../board/validate'
import { fromBase64 } from '../base64'
import { attemptAsync, FormatError, MAX_FILE, type Result } from '../fragment'

/** Scenes that Excalidraw hides in pictures. */

const MIME = 'application/vnd.excalidraw+json'

/** The text of the scene in a PNG; undefined if there is none. */
export async function sceneInPng(bytes: Uint8Array): Promise<Result<string | undefined>> {
  return attemptAsync('png', async () => {
    const text = chunkText(bytes)
    return text === undefined ? undefined : decode(text)
  })
}

/** The text of the scene in an SVG; undefined if there is none. */
export async function sceneInSvg(svg: string): Promise<Result<string | undefined>> {
  return attemptAsync('svg', async () => {
    if (!svg.includes(`payload-type:${MIME}`)) return undefined
    const found = /<!--\s*payload-start\s*-->([\s\S]*?)<!--\s*payload-end\s*-->/.exec(svg)
    if (!found) throw new FormatError('malformed', 'payload')
    const bytes = fromBase64(found[1]!.trim())
    if (!bytes) throw new FormatError('malformed', 'payload')
    return decode(latin1(bytes))
  })
}

/** The text of the tEXt chunk that is named after the media type. */
function chunkText(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 8 || view.getUint32(0) !== 0x89504e47) return undefined
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at)
    const data = bytes.subarray(at + 8, at + 8 + length)
    if (view.getUint32(at + 4) === 0x74455874) {
      const end = data.indexOf(0)
      if (latin1(data.subarray(0, end)) === MIME) return latin1(data.subarray(end + 1))
    }
    at += 12 + length
  }
  return undefined
}

/** {encoded, encoding: 'bstring', compressed}: one byte a character. */
async function decode(text: string): Promise<string> {
  const value = JSON.parse(text) as unknown
  if (!isObject(value)) throw new FormatError('malformed', 'scene')
  if (value['type'] === 'excalidraw') return text
  const { encoded, compressed } = value
  if (typeof encoded !== 'string') throw new FormatError('malformed', 'encoded')
  const bytes = Uint8Array.from(encoded, (char) => char.charCodeAt(0))
  return new TextDecoder().decode(compressed === true ? await inflate(bytes) : bytes)
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate')).getReader()
  const parts: Uint8Array[] = []
  let size = 0
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length
    if (size > MAX_FILE) throw new FormatError('too_large', 'scene', MAX_FILE)
    parts.push(next.value)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return text
}
