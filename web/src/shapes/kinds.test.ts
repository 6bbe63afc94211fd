import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Document } from '../board/document'
import { ABSENT, sameJson } from '../board/history'
import type { Json, Op, Patch } from '../board/types'
import { isDrawable, kindOf, KINDS, TABLES } from './kinds'
import { contains, grow, union, type Box } from '../geometry/box'
import { boxAround, centreOf, turn } from '../geometry/oriented'
import { world, type World } from '../geometry/point'
import { arbitraryShape, propsOf, runsOf, TYPICAL_KINDS, VALUES, valueOf } from '../testing/shapes'
import { pictureOf, shapeOf, touches, type Shape } from '.'
import { flatten } from './flatten'
import type { Item } from './picture'

/** What others the shapes below may look at. */
const BOARD: { readonly [id: string]: Patch } = {
  a: { kind: 'rect', at: [100, 100], size: [200, 100], rotation: 0.5 },
  b: { kind: 'arrow', at: [0, 0], size: [300, 200], startbind: { to: 'a', at: [0.5, 0.5], inside: false } },
  c: { kind: 'frame', at: [-100, -100], size: [400, 300] },
}
const lookup = (id: string) => BOARD[id]

const shapeIn = (props: Patch) => shapeOf('s', props, lookup)!

function itemBox(item: Item): Box | undefined {
  if (item.do === 'image') return item.box
  // Letters reach about so far above and below the baseline.
  if (item.do === 'text') return { minX: item.x, minY: item.y - 0.7 * item.size, maxX: item.x + item.width, maxY: item.y + 0.2 * item.size }
  const box = boxAround(flatten(item.path).flat())
  return box && grow(box, (item.stroke?.width ?? 0) / 2)
}

/** Around all that is painted, on the plane. */
function paintedBox(shape: Shape): Box | undefined {
  const middle = centreOf(shape.frame)
  let painted: Box | undefined
  for (const item of pictureOf(shape)) {
    const box = itemBox(item)
    if (box) painted = union(painted, box)
  }
  if (!painted) return undefined
  const { minX, minY, maxX, maxY } = painted
  const corners: World[] = [world(minX, minY), world(maxX, minY), world(maxX, maxY), world(minX, maxY)]
  return boxAround(corners.map((corner) => turn(corner, middle, shape.rotation)))
}

test('every property has values to be tested with', () => {
  for (const kind of KINDS) for (const prop of propsOf(kind)) expect(VALUES, prop).toHaveProperty(prop)
})

describe.each(KINDS)('what the kind %s says of itself', (name) => {
  const kind = kindOf({ kind: name })!
  const isAllowed = (props: Patch) => Object.entries(props).every(([prop, value]) => TABLES[name]![prop]?.(value))

  test('is about properties that it has', () => {
    for (const prop of kind.shown) expect(kind.table).toHaveProperty(prop)
    expect(isAllowed(kind.defaults ?? {})).toBe(true)
    if (kind.mirrors) expect(kind.table).toHaveProperty('flip')
    expect('size' in kind.table).toBe(kind.form !== 'ink')
    expect('bends' in kind.table).toBe(kind.form === 'path')
  })

  test('leads by Tab only to kinds with the same properties, and to what one can go on from', () => {
    if (!kind.next) return
    const next = kindOf(kind.next)!
    expect(isAllowed(kind.next)).toBe(true)
    expect(next.table).toBe(kind.table)
    expect(next.next).toBeDefined()
  })
})

describe.each(KINDS)('a shape of the kind %s', (kind) => {
  const any = arbitraryShape(kind)

  test('is where it is painted', () => {
    fc.assert(
      fc.property(any, (props) => {
        const shape = shapeIn(props)
        for (const n of Object.values(shape.box)) expect(Number.isFinite(n)).toBe(true)
        const painted = paintedBox(shape)
        if (painted) expect(contains(grow(shape.box, 0.01), painted)).toBe(true)
      }),
      { numRuns: runsOf(kind, 60) },
    )
  })

  test('is touched only near where it is painted', () => {
    const place = fc.tuple(fc.double({ min: -0.5, max: 1.5, noNaN: true }), fc.double({ min: -0.5, max: 1.5, noNaN: true }))
    fc.assert(
      fc.property(any, place, fc.double({ min: 0, max: 20, noNaN: true }), (props, [u, v], radius) => {
        const shape = shapeIn(props)
        const { minX, minY, maxX, maxY } = shape.box
        const at = world(minX + u * (maxX - minX), minY + v * (maxY - minY))
        if (!touches(shape, { a: at, b: at }, radius)) return
        expect(contains(grow(shape.box, radius + 0.01), { minX: at.x, minY: at.y, maxX: at.x, maxY: at.y })).toBe(true)
      }),
      { numRuns: runsOf(kind, 60) },
    )
  })

  test('looks the same, coarse or not, when it is painted again', () => {
    fc.assert(
      fc.property(any, fc.constantFrom('full', 'coarse'), (props, detail) => {
        const [a, b] = [shapeIn(props), shapeIn(structuredClone(props))]
        expect(pictureOf(a, detail)).toEqual(pictureOf(b, detail))
      }),
      { numRuns: runsOf(kind, 30) },
    )
  })
})

describe.each(TYPICAL_KINDS)('a shape of the kind %s', (kind) => {
  test.each(propsOf(kind))('is painted with any %s', (prop) => {
    fc.assert(
      fc.property(arbitraryShape(kind), valueOf(kind, prop), (props, value) => {
        const next = { ...props, [prop]: value }
        const { p0: _, ...named } = next as Patch
        expect(isDrawable(named)).toBe(true)
        for (const item of pictureOf(shapeIn(next))) {
          if (item.do === 'path') expect(item.path.coordinates.every(Number.isFinite)).toBe(true)
          if (item.do === 'text') expect([item.x, item.y, item.width].every(Number.isFinite)).toBe(true)
        }
      }),
      { numRuns: 6 },
    )
  })
})

describe.each(TYPICAL_KINDS)('two people who edit different properties of one %s', (kind) => {
  const base = fc.sample(arbitraryShape(kind), { numRuns: 1, seed: 2 })[0]!
  const values: { [prop: string]: Json } = { ...Object.fromEntries(propsOf(kind).map((prop) => [prop, another(kind, prop, base)])), deleted: true }
  if (kindOf({ kind })!.form === 'ink') Object.assign(values, { p1: base['p0'] })
  const props = Object.keys(values)

  test.each(props)('both keep their change when one edits %s', (prop) => bothKeep(base, values, prop))
})

/** Records that are no shapes. */
const OTHERS: readonly (readonly [what: string, base: Patch, values: Patch])[] = [
  ['layer', { kind: 'layer', name: 'Sketch', z: 'a0' }, { name: 'Plan', z: 'a1', hidden: true, locked: true, deleted: true }],
  ['board', { title: 'Old' }, { title: 'New', background: { asset: 'ab'.repeat(32), at: [0, 0], size: [9, 9] }, paper: 'yellow' }],
  ['thread', { kind: 'thread', at: [0, 0] }, { at: [5, 5], bind: { to: 'a', at: [0.5, 0.5], inside: true }, resolved: true, deleted: true }],
]

test.each(OTHERS)('two people who edit different properties of a %s both keep their change', (_, base, values) => {
  for (const prop of Object.keys(values)) bothKeep(base, values, prop)
})

function bothKeep(base: Patch, values: Patch, prop: string): void {
  for (const other of Object.keys(values)) {
    if (other === prop) continue
    const [mine, theirs] = [values[prop]!, values[other]!]
    const [here, there] = edited(base, { [prop]: mine }, { [other]: theirs })
    expect([here[prop], here[other]]).toEqual([mine, theirs])
    expect(there).toEqual(here)
  }
}

/** A value that the shape does not have: what changes nothing is not written. */
function another(kind: string, prop: string, base: Patch): Json {
  if (prop === 'deleted') return true
  return fc.sample(valueOf(kind, prop), { numRuns: 100, seed: 1 }).find((value) => !sameJson(value, base[prop] ?? ABSENT[prop]))!
}

/** What both replicas show after both edits, each of which was made before the other was heard of. */
function edited(base: Patch, mine: Patch, theirs: Patch): [Patch, Patch] {
  let now = 1000
  const replicas = ['actor000', 'actor001'].map((actor) => new Document({ actor, now: () => now++ })) as [Document, Document]
  const [a, b] = replicas
  b.applyRemote(a.edit([['s', base]]))
  const ops: [Op[], Op[]] = [a.edit([['s', mine]]), b.edit([['s', theirs]])]
  expect(ops.map(({ length }) => length)).toEqual([1, 1])
  a.applyRemote(ops[1])
  b.applyRemote(ops[0])
  return [a.get('s')!, b.get('s')!]
}

test('what an absent property means is what the tables say', () => {
  fc.assert(
    fc.property(fc.constantFrom(...KINDS).chain((kind) => fc.tuple(fc.constant(kind), arbitraryShape(kind))), ([kind, props]) => {
      const whole: { [prop: string]: unknown } = { ...props }
      for (const prop of propsOf(kind)) if (!(prop in props) && prop in ABSENT && !isAligned(kind, prop)) whole[prop] = ABSENT[prop]
      expect(pictureOf(shapeIn(whole as Patch))).toEqual(pictureOf(shapeIn(props)))
    }),
    { numRuns: 100 },
  )
})

/** Text alone stands at the top left if nothing else is said. */
function isAligned(kind: string, prop: string): boolean {
  return kind === 'text' && (prop === 'align' || prop === 'valign')
}
