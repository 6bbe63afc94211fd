import fc from 'fast-check'
import { expect, test } from 'vitest'
import { overlaps, union, type Box } from './box'
import { SpatialIndex } from './spatial'

const n = fc.integer({ min: -100, max: 100 })
const side = fc.integer({ min: 0, max: 40 })
const box = fc.tuple(n, n, side, side).map(([x, y, w, h]): Box => ({ minX: x, minY: y, maxX: x + w, maxY: y + h }))

test('an index finds what a look at every box finds, also after removals', () => {
  fc.assert(
    fc.property(fc.array(box, { maxLength: 60 }), fc.array(fc.nat(59)), box, (boxes, removals, wanted) => {
      const index = new SpatialIndex<{ box: Box }>()
      const items = new Set(boxes.map((box) => ({ box })))
      const all = [...items]
      index.addAll(all.slice(0, 30))
      for (const item of all.slice(30)) index.add(item)
      for (const i of removals) {
        const item = all[i]
        if (item && items.delete(item)) index.remove(item)
      }
      expect(new Set(index.within(wanted))).toEqual(new Set([...items].filter(({ box }) => overlaps(box, wanted))))
      expect(index.bounds()).toEqual([...items].reduce<Box | undefined>((sum, { box }) => union(sum, box), undefined))
    }),
  )
})
