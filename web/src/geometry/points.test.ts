import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seeds } from '../testing/random'
import { vectors } from '../testing/vectors'
import { MAX_CHUNK_POINTS, Points, encodeStroke, strokePoints } from './points'

interface Vectors {
  chunks: { name: string; from: [number, number]; pressure: boolean; points: number[][]; text: string }[]
  invalid: { name: string; text: string }[]
}

const { chunks, invalid } = vectors<Vectors>('points.json')

describe('the chunks that Go writes', () => {
  test.each(chunks)('$name', ({ from, pressure, points, text }) => {
    const stroke = begin(from, pressure)
    for (const [x, y, p] of points) stroke.push(x!, y!, p)
    expect(stroke.encode(1, stroke.length)).toBe(text)

    const read = begin(from, false)
    expect(read.decode(text)).toBe(true)
    expect(columns(read)).toEqual(columns(stroke))
    expect(read.hasPressure).toBe(pressure)
  })
  test.each(invalid)('refused: $name', ({ text }) => {
    const points = begin([3, 4], false)
    expect(points.decode(text)).toBe(false)
    expect(points.length).toBe(1)
  })
})

test('decode after encode gives the same points, over any chunks', () => {
  const coordinate = fc.integer({ min: -8e7, max: 8e7 })
  const point = fc.tuple(coordinate, coordinate, fc.integer({ min: 0, max: 255 }))
  const property = fc.property(fc.array(point, { minLength: 1, maxLength: 1200 }), fc.boolean(), (all, pressure) => {
    const stroke = new Points(pressure)
    for (const [x, y, p] of all) stroke.push(x, y, pressure ? p : undefined)
    const patch = encodeStroke(stroke)
    expect(Object.keys(patch)).toHaveLength(Math.ceil(all.length / MAX_CHUNK_POINTS))
    expect(columns(strokePoints(patch))).toEqual(columns(stroke))
  })
  fc.assert(property, { seed: seeds(1)[0]!, numRuns: 50 })
})

test('any text is decoded to what encodes to it, or refused', () => {
  const text = fc
    .tuple(fc.integer({ min: 0, max: 2 }), fc.uint8Array({ maxLength: 12 }))
    .map(([flags, bytes]) => btoa(String.fromCharCode(flags, ...bytes)))
  const property = fc.property(fc.oneof(text, fc.string()), (chunk) => {
    const points = new Points()
    const ok = points.decode(chunk)
    expect(points.length > 0).toBe(ok)
    if (ok) expect(points.encode(0, points.length)).toBe(chunk)
  })
  fc.assert(property, { seed: seeds(1)[0]!, numRuns: 2000 })
})

test('a missing chunk ends the stroke', () => {
  const stroke = new Points()
  for (let i = 0; i < 3 * MAX_CHUNK_POINTS; i++) stroke.push(i, i)
  const { p1: _, ...gap } = encodeStroke(stroke)
  expect(strokePoints(gap).length).toBe(MAX_CHUNK_POINTS)
})

test('points are rounded to eighths, pressure to 1/255', () => {
  const points = new Points(true)
  points.add({ x: 1.03, y: -2.5, pressure: 0.5 })
  expect(points.at(0)).toEqual({ x: 1, y: -2.5, pressure: 128 / 255 })
})

/** A list that holds one point, which the next is against. */
function begin([x, y]: [number, number], pressure: boolean): Points {
  const points = new Points(pressure)
  points.push(x, y, 128)
  return points
}

function columns({ xs, ys, pressures, length }: Points): number[][] {
  return [xs, ys, pressures].map((column) => [...column.slice(0, length)])
}
