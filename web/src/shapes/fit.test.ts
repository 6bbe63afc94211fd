import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { Document } from '../board/document'
import type { Patch } from '../board/types'
import { height, width } from '../geometry/box'
import { placeIn } from '../geometry/oriented'
import { measureText } from '.'
import { fitted, type Place } from './fit'
import { OUTLINES } from './outlines'
import { kindOf } from './kinds'
import { loadWidths } from './text/advance'
import { orientedOf, stretchedWithin } from './transform'

beforeAll(() => loadWidths())

const words = 'More words than fit into a shape as small as this one is'
const shape = (props: Patch): Patch => ({ color: 'black', width: 4, at: [0, 0], size: [120, 60], text: words, ...props })
const KINDS = ['rect', 'ellipse', 'diamond', 'polygon', 'note', ...OUTLINES.keys()]

/** How much higher a label is than its room. */
function lacking(props: Patch): number {
  const room = kindOf(props)!.room!(props)
  return measureText({ ...props }, width(room)).height - height(room)
}

describe('a shape is as large as its label', () => {
  test.each(KINDS)('%s', (kind) => {
    const before = shape({ kind, size: [400, 400] })
    const after = { ...before, ...fitted(before, { size: [100, 20] }) }
    expect(after['at']).toEqual([expect.any(Number), 0])
    expect(lacking(after)).toBeLessThan(1)
    expect(fitted(after, { text: words })).toEqual({ text: words })
  })

  test.each<Patch>([{ text: 'longer' + words }, { fontsize: 28 }, { font: 'mono' }, { kind: 'diamond' }, { width: 40 }])('after %j', (patch) => {
    const rect = shape({ kind: 'rect' })
    const before = { ...rect, ...fitted(rect, { text: words }) }
    const after = { ...before, ...fitted(before, patch) }
    expect(lacking(after)).toBeLessThan(1)
    expect(after).toMatchObject({ at: [0, 0], size: [120, expect.any(Number)] })
  })

  test('as long as its words are, up to three ems', () => {
    const narrow = (text: string): Patch => fitted(shape({ kind: 'rect', text, font: 'sans' }), { at: [0, 0], size: [1, 60] }, [0, 0])
    expect(narrow('it')['size']).toEqual([Math.ceil(measureText({ kind: 'rect', text: 'it', font: 'sans' }).width + 16), 60])
    expect((narrow('incomprehensibly')['size'] as number[])[0]).toBe(76)
  })
})

test.each<[Patch, Patch]>([
  [{ kind: 'rect', text: 'word' }, { size: [100, 50] }],
  [{ kind: 'rect', text: '' }, { size: [1, 1] }],
  [{ kind: 'rect' }, { color: 'red', at: [5, 5] }],
  [{ kind: 'note' }, { fontsize: 40 }],
  [{ kind: 'text' }, { text: words + words }],
  [{ kind: 'arrow' }, { size: [1, 1] }],
])('%j changes by %j and no more', (props, patch) => {
  expect(fitted(shape(props), patch)).toEqual(patch)
})

test('however it is turned, what is held stays where it is', () => {
  const corner = fc.constantFrom<Place>([0, 0], [1, 0], [0, 1], [1, 1], [0.5, 0.5])
  const angle = fc.double({ min: -3, max: 3, noNaN: true })
  fc.assert(
    fc.property(fc.constantFrom(...KINDS), angle, corner, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 80 }), (kind, rotation, fixed, wide, high) => {
      const before = shape({ kind, rotation, size: [200, 250] })
      const box = orientedOf(before)!.box
      const to = { minX: fixed[0] * (200 - wide), minY: fixed[1] * (box.maxY - high), maxX: wide + fixed[0] * (200 - wide), maxY: high + fixed[1] * (box.maxY - high) }
      const after = { ...before, ...fitted(before, stretchedWithin(before, box, to, [1, 1]), fixed) }
      const [a, b] = [placeIn(orientedOf(before)!, ...fixed), placeIn(orientedOf(after)!, ...fixed)]
      expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeLessThan(0.1)
      expect(lacking(after)).toBeLessThan(1)
    }),
  )
})

test('replicas agree when one makes smaller what the other writes in', () => {
  const [ana, ben] = ['ana00000', 'ben00000'].map((actor) => new Document({ actor, now: () => 1 })) as [Document, Document]
  const made = ana.edit([['r', shape({ kind: 'rect', text: 'few' })]])
  ben.applyRemote(made)
  const small = ana.edit([['r', fitted(ana.get('r')!, { size: [80, 10] })]])
  const wordy = ben.edit([['r', fitted(ben.get('r')!, { text: words })]])
  ana.applyRemote(wordy)
  ben.applyRemote(small)
  expect(ana.get('r')).toEqual(ben.get('r'))
  expect(ana.digest()).toBe(ben.digest())
})
