/** Rows of pixels, four bytes each, red first, alpha last and not multiplied: as many as the strip holds. */
export interface Strip {
  readonly rows: number
  readonly pixels: Uint8Array | Uint8ClampedArray
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
/** PNG's largest side. */
export const MAX_SIDE = 2 ** 31 - 1

/**
 * A PNG of any size: strips come from top to bottom, one at a time, and only their compressed bytes are
 * kept. Throws what `strips` throws.
 */
export async function encodePng(width: number, height: number, strips: AsyncIterable<Strip>): Promise<Uint8Array<ArrayBuffer>[]> {
  const parts = [Uint8Array.from(SIGNATURE), chunk('IHDR', header(width, height))]
  const { readable, writable } = new CompressionStream('deflate')
  const reading = collect(readable, (data) => parts.push(chunk('IDAT', data)))
  // Whoever waits for the strips learns of the failure; this is only told twice.
  reading.catch(() => undefined)
  const writer = writable.getWriter()
  try {
    const filter = new UpFilter(width)
    for await (const strip of strips) await writer.write(filter.apply(strip))
    await writer.close()
  } catch (err) {
    await writer.abort(err).catch(() => undefined)
    throw err
  }
  await reading
  parts.push(chunk('IEND', new Uint8Array(0)))
  return parts
}

function header(width: number, height: number): Uint8Array {
  const data = new Uint8Array(13)
  const view = new DataView(data.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  data.set([8, 6, 0, 0, 0], 8)
  return data
}

/** Each byte less the one above: large areas of one colour become zeros. */
class UpFilter {
  private above: Uint8Array

  constructor(width: number) {
    this.above = new Uint8Array(4 * width)
  }

  apply({ rows, pixels }: Strip): Uint8Array<ArrayBuffer> {
    const stride = this.above.length
    const out = new Uint8Array(rows * (stride + 1))
    for (let y = 0; y < rows; y++) {
      const from = y * stride
      const to = y * (stride + 1) + 1
      out[to - 1] = 2
      for (let i = 0; i < stride; i++) out[to + i] = pixels[from + i]! - this.above[i]!
      this.above.set(pixels.subarray(from, from + stride))
    }
    return out
  }
}

/** Joins what is compressed into pieces that are not too small. */
async function collect(stream: ReadableStream<Uint8Array>, give: (data: Uint8Array) => void): Promise<void> {
  const reader = stream.getReader()
  let waiting: Uint8Array[] = []
  let size = 0
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    waiting.push(next.value)
    size += next.value.length
    if (size < 1 << 18) continue
    give(join(waiting))
    waiting = []
    size = 0
  }
  give(join(waiting))
}

export function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(12 + data.length)
  const view = new DataView(whole.buffer)
  view.setUint32(0, data.length)
  for (let i = 0; i < 4; i++) whole[4 + i] = type.charCodeAt(i)
  whole.set(data, 8)
  view.setUint32(8 + data.length, crc(whole.subarray(4, 8 + data.length)))
  return whole
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c
})

function crc(bytes: Uint8Array): number {
  let c = 0xffffffff
  for (let i = 0; i < bytes.length; i++) c = TABLE[(c ^ bytes[i]!) & 255]! ^ (c >>> 8)
  return ~c >>> 0
}
