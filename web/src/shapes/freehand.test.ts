import { getStroke } from 'perfect-freehand'
import { expect, test } from 'vitest'
import { seededRandom } from '../testing/random'

/**
 * Outlines of strokes as the server must give them too: whiteboard/testdata/freehand.json, which
 * Go's package whiteboard/draw passes. `npx vitest run -u` rewrites it.
 */

type Ink = readonly [x: number, y: number, pressure: number]

interface Options {
  readonly size: number
  readonly thinning: number
  readonly smoothing: number
  readonly streamline: number
}

const usual: Options = { size: 16, thinning: 0.45, smoothing: 0.5, streamline: 0.35 }

const cases: readonly [name: string, points: readonly Ink[], options?: Partial<Options>][] = [
  ['a dot', [[8, 8, 0.5]]],
  ['a dot of a heavy pen', [[-80, 8, 1]], { size: 64 }],
  ['two points', [[0, 0, 0.2], [300, 40, 0.9]]],
  ['two equal points', [[5, 5, 0.2], [5, 5, 0.9]]],
  ['many equal points', Array.from({ length: 9 }, () => [5, 5, 0.5] as const)],
  ['two points close together', [[0, 0, 0.5], [1, 1, 0.5]]],
  ['three points on a line', [[0, 0, 0.5], [100, 0, 0.5], [200, 0, 0.5]]],
  ['a straight line', line(40)],
  ['a wave', wave(60)],
  ['a wave without thinning', wave(30), { thinning: 0 }],
  ['a wave, all thinning', wave(30), { thinning: 1 }],
  ['a wave, not smoothed', wave(30), { smoothing: 0, streamline: 0 }],
  ['a wave, much smoothed', wave(30), { smoothing: 1, streamline: 0.9 }],
  ['a zigzag', Array.from({ length: 30 }, (_, i) => [i * 20, i % 2 === 0 ? 0 : 200, 0.5] as const)],
  ['there and back', [...line(20), ...line(20).reverse()]],
  ['a scribble', scribble(1, 60)],
  ['a scribble of a wide pen', scribble(2, 40), { size: 320 }],
  ['a scribble of a fine pen', scribble(3, 40), { size: 4, thinning: 0.7, smoothing: 0.2, streamline: 0.6 }],
]

test('outlines of strokes are those that the server draws', async () => {
  const vectors = cases.map(([name, points, changes]) => {
    const options = { ...usual, ...changes }
    const outline = getStroke(points.map((p) => [...p]), { ...options, simulatePressure: false, easing: (t) => t, last: true })
    return JSON.stringify({ name, options, points, outline: outline.map(([x, y]) => [fine(x), fine(y)]) })
  })
  await expect(`[\n${vectors.join(',\n')}\n]\n`).toMatchFileSnapshot('../../../whiteboard/testdata/freehand.json')
})

function line(length: number): Ink[] {
  return Array.from({ length }, (_, i) => [i * 12, i * 5, 0.3 + i / (2 * length)])
}

function wave(length: number): Ink[] {
  return Array.from({ length }, (_, i) => [i * 17, Math.round(800 * Math.sin(i / 5)) / 4, Math.round(100 * Math.cos(i / 9) ** 2) / 100])
}

function scribble(seed: number, length: number): Ink[] {
  const random = seededRandom(seed)
  let [x, y] = [0, 0]
  return Array.from({ length }, () => {
    x += Math.round(80 * (random() - 0.4))
    y += Math.round(80 * (random() - 0.5))
    return [x, y, Math.round(255 * random()) / 255]
  })
}

const fine = (value: number): number => Number(value.toFixed(9))
