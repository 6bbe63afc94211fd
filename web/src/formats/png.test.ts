import { crc32, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../testing/random'
import { encodePng, join, type Strip } from './png'

interface Decoded {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** A PNG of four bytes a pixel, taken apart by the book. */
function decode(png: Buffer): Decoded {
  expect([...png.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10])
  const data: Buffer[] = []
  const types: string[] = []
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    const body = png.subarray(at + 4, at + 8 + length)
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(body))
    types.push(body.subarray(0, 4).toString('latin1'))
    if (types.at(-1) === 'IDAT') data.push(body.subarray(4))
    at += 12 + length
  }
  expect([types[0], types.at(-1)]).toEqual(['IHDR', 'IEND'])
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)]
  expect([...png.subarray(24, 29)]).toEqual([8, 6, 0, 0, 0])
  return { width, height, pixels: unfilter(inflateSync(Buffer.concat(data)), width, height) }
}

function unfilter(raw: Buffer, width: number, height: number): Uint8Array {
  const stride = 4 * width
  expect(raw.length).toBe(height * (stride + 1))
  const pixels = new Uint8Array(height * stride)
  for (let y = 0; y < height; y++) {
    expect(raw[y * (stride + 1)]).toBe(2)
    for (let i = 0; i < stride; i++) pixels[y * stride + i] = raw[y * (stride + 1) + 1 + i]! + (y > 0 ? pixels[(y - 1) * stride + i]! : 0)
  }
  return pixels
}

async function* strips(pixels: Uint8Array, width: number, rows: number): AsyncGenerator<Strip> {
  const size = 4 * width * rows
  for (let at = 0; at < pixels.length; at += size) {
    const part = pixels.subarray(at, at + size)
    yield { rows: part.length / (4 * width), pixels: part }
  }
}

test('a PNG gives its pixels back, in however many strips they came', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 50 }), fc.infiniteStream(fc.nat(255)), async (width, height, rows, bytes) => {
      const pixels = Uint8Array.from({ length: 4 * width * height }, () => bytes.next().value!)
      const png = Buffer.from(join(await encodePng(width, height, strips(pixels, width, rows))))
      expect(decode(png)).toEqual({ width, height, pixels })
    }),
    { numRuns: 30 },
  )
})

test('a large one is made piece by piece', async () => {
  const [width, height] = [1000, 1000]
  const random = seededRandom(3)
  async function* noise(): AsyncGenerator<Strip> {
    for (let y = 0; y < height; y += 100) {
      const pixels = new Uint8Array(4 * width * 100)
      for (let i = 0; i < pixels.length; i++) pixels[i] = 256 * random()
      yield { rows: 100, pixels }
    }
  }
  const parts = await encodePng(width, height, noise())
  expect(parts.length).toBeGreaterThan(4)
  expect(decode(Buffer.from(join(parts)))).toMatchObject({ width, height })
})

test('what the strips throw comes out', async () => {
   
  async function* broken(): AsyncGenerator<Strip> {
    throw new Error('no more paint')
  }
  await expect(encodePng(1, 1, broken())).rejects.toThrow('no more paint')
})
