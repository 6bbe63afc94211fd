import fc from 'fast-check'
import type { Json, Patch } from '../board/types'
import { PALETTE } from '../board/validate'
import { kindOf, KINDS, TABLES } from '../shapes/kinds'
import { OUTLINES } from '../shapes/outlines'
import { encodeStroke, Points } from '../geometry/points'

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true, noDefaultInfinity: true })
const coordinate = number(-2000, 2000)
const point = fc.tuple(coordinate, coordinate)
const color = fc.oneof(fc.constantFrom<string>(...PALETTE), fc.constant('#12abEF'))
const head = fc.constantFrom('none', 'arrow', 'triangle', 'bar', 'dot', 'diamond', 'crowfoot')
const flip = fc.constantFrom([1, 1], [-1, 1], [1, -1], [-1, -1])
const id = fc.constantFrom('a', 'b', 'c', 'gone')
const text = fc.oneof(
  fc.constantFrom('', 'Label', 'two\nlines', 'شكرا', '日本語、です。', '👩‍👩‍👧 ok', '   ', 'Donaudampfschifffahrt and more words'),
  fc.string({ maxLength: 40, unit: 'binary' }),
)
const binding = fc.option(fc.record({ to: id, at: fc.tuple(number(-1, 2), number(-1, 2)), inside: fc.boolean() }), { nil: null })

/** Allowed values of every property, except `kind`. */
export const VALUES: { readonly [prop: string]: fc.Arbitrary<unknown> } = {
  at: point,
  z: fc.constantFrom('a0', 'a1', 'b'),
  rotation: number(-10, 10),
  color,
  width: number(0.5, 64),
  fill: fc.option(color, { nil: null }),
  fillstyle: fc.constantFrom('solid', 'hachure', 'crosshatch', 'zigzag'),
  dash: fc.constantFrom('solid', 'dashed', 'dotted'),
  opacity: number(0.05, 1),
  locked: fc.boolean(),
  hidden: fc.boolean(),
  deleted: fc.constant(false),
  groups: fc.uniqueArray(id, { maxLength: 3 }),
  frame: fc.option(id, { nil: null }),
  layer: fc.option(id, { nil: null }),
  link: fc.constantFrom(null, 'https://example.org/'),
  meta: fc.constantFrom({}, { agent: 'me' }),
  text,
  font: fc.constantFrom('hand', 'sans', 'serif', 'mono'),
  fontsize: number(4, 400),
  align: fc.constantFrom('left', 'center', 'right'),
  valign: fc.constantFrom('top', 'middle', 'bottom'),
  textcolor: fc.option(color, { nil: null }),
  size: fc.oneof(fc.tuple(number(0, 800), number(0, 800)), fc.constantFrom([0, 0], [0, 50])),
  corners: fc.constantFrom('sharp', 'round'),
  sides: fc.integer({ min: 3, max: 12 }),
  wrap: fc.boolean(),
  flip,
  bends: fc.array(point, { maxLength: 4 }),
  route: fc.constantFrom('straight', 'curved', 'elbow'),
  closed: fc.boolean(),
  starthead: head,
  endhead: head,
  startbind: binding,
  endbind: binding,
  scale: fc.tuple(fc.oneof(number(0.1, 5), number(-5, -0.1)), fc.oneof(number(0.1, 5), number(-5, -0.1))),
  brush: fc.constantFrom('pen', 'highlighter'),
  smoothing: number(0, 1),
  thinning: number(0, 1),
  asset: fc.constantFrom(null, 'ab'.repeat(32)),
  crop: fc.constantFrom(null, [0, 0, 1, 1], [0.25, 0.5, 0.25, 0.5]),
  alt: fc.constantFrom('', 'A tree'),
  name: fc.constantFrom('', 'Plan', 'A name that is rather long for a frame'),
}

const ink = fc.tuple(fc.array(fc.tuple(number(-300, 300), number(-300, 300), number(0, 1)), { minLength: 1, maxLength: 40 }), fc.boolean()).map(
  ([points, pressure]): Patch => {
    const list = new Points(pressure)
    for (const [x, y, p] of points) list.add({ x, y, ...(pressure && { pressure: p }) })
    return encodeStroke(list)
  },
)

/** Outlines are one another's likes: these stand for all of them, one straight, one curved, one with inner lines. */
const TYPICAL = [/^[^QC]*$/, /[QC]/, undefined].map((form) => [...OUTLINES].find(([, { outline, lines }]) => (form ? form.test(outline) : lines))![0])

/** Every kind that is written in code, and some outlines. */
export const TYPICAL_KINDS: readonly string[] = KINDS.filter((kind) => !OUTLINES.has(kind) || TYPICAL.includes(kind))

/** How often a property is tried of a kind: less often of outlines that are like others. */
export function runsOf(kind: string, runs: number): number {
  return TYPICAL_KINDS.includes(kind) ? runs : Math.ceil(runs / 10)
}

/** Properties that a kind of shape has, its kind and points aside. */
export function propsOf(kind: string): string[] {
  return Object.keys(TABLES[kind]!).filter((prop) => prop !== 'kind')
}

/** A shape of a kind: with a place and a size, and any of the other properties. */
export function arbitraryShape(kind: string): fc.Arbitrary<Patch> {
  const all = Object.fromEntries(propsOf(kind).map((prop) => [prop, valueOf(kind, prop)]))
  const props = fc.record(all, { requiredKeys: ['at', ...('size' in all ? ['size'] : [])] })
  return fc.tuple(props, kindOf({ kind })!.form === 'ink' ? ink : fc.constant({})).map(([some, points]) => ({ kind, ...(some as Patch), ...points }))
}

/** A value of a property of a kind of shape. */
export function valueOf(kind: string, prop: string): fc.Arbitrary<Json> {
  const isVector = prop === 'size' && kindOf({ kind })!.form === 'path'
  return (isVector ? point : VALUES[prop]!) as fc.Arbitrary<Json>
}
