import { expect, test } from 'vitest'
import type { Patch } from '../board/types'
import { shapeOf } from '../shapes'
import { boxOfPart } from './write'

const records: { readonly [id: string]: Patch } = {
  frame: { kind: 'frame', at: [0, 0], size: [100, 50], z: 'a0' },
  turned: { kind: 'frame', at: [0, 0], size: [100, 50], z: 'a0', rotation: Math.PI / 2 },
  within: { kind: 'image', at: [80, 20], size: [100, 10], z: 'a1', frame: 'frame' },
  beyond: { kind: 'image', at: [500, 20], size: [100, 10], z: 'a1', frame: 'frame' },
  free: { kind: 'image', at: [-50, -20], size: [10, 10], z: 'a1' },
}
const shape = (id: string) => shapeOf(id, records[id], (id) => records[id])!
const boxOf = (...ids: string[]) => boxOfPart({ shapes: ids.map(shape), beneath: undefined }, 0)

test('what a frame clips away takes no room', () => {
  expect(boxOf('within')).toEqual({ minX: 80, minY: 20, maxX: 100, maxY: 30 })
  expect(boxOf('within', 'free')).toEqual({ minX: -50, minY: -20, maxX: 100, maxY: 30 })
  expect(boxOf('beyond')).toBeUndefined()
})

test('a frame that is turned is shown as a whole', () => {
  const show = (id: string) => boxOfPart({ shapes: [], beneath: undefined, frame: shape(id) }, 8)!
  expect(show('frame')).toEqual({ minX: 0, minY: 0, maxX: 100, maxY: 50 })
  const { minX, minY, maxX, maxY } = show('turned')
  for (const [is, should] of [[minX, 25], [minY, -25], [maxX, 75], [maxY, 75]] as const) expect(is).toBeCloseTo(should)
})
