import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Patch } from '../board/types'
import { contains, grow, type Box } from '../geometry/box'
import { boxAround } from '../geometry/oriented'
import { world } from '../geometry/point'
import { pictureOf, shapeOf, touches } from '.'
import { flatten } from './flatten'
import { isDrawable, KINDS } from './kinds'
import { isOutline, kindWith, OUTLINES } from './outlines'
import type { PathItem, TextItem } from './picture'
import { textBox } from './text/label'

const FOLDER = new URL('../../../whiteboard/outlines/', import.meta.url)
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json')).sort()

/** A notch at the right of the top; nothing about it is symmetric. */
const flag = kindWith({ outline: 'M 0 0 L 0.5 0 L 0.75 0.25 L 1 0 L 1 1 L 0 1 Z', room: [0.1, 0.25, 0.9, 0.7], size: [100, 100] })
/** The same with a line across. */
const page = kindWith({ outline: 'M 0 0 L 0.5 0 L 0.75 0.25 L 1 0 L 1 1 L 0 1 Z', lines: 'M 0 0.75 L 0.5 0.75', room: [0.1, 0.25, 0.9, 0.7], size: [100, 100] })
const bow = kindWith({ outline: 'M 0 0 C 0.3 0.5 0.7 0.5 1 0 Q 0.5 1 0 0 Z', room: [0.4, 0.3, 0.6, 0.4], size: [100, 50] })

const square: Patch = { at: [100, 200], size: [100, 200], width: 2 }
const paths = (picture: readonly unknown[]) => (picture as PathItem[]).filter((item) => item.do === 'path')
const at = (x: number, y: number) => ({ a: world(x, y), b: world(x, y) })

test('every file is a kind, and no other kind is one', () => {
  expect([...OUTLINES.keys()]).toEqual(files.map((name) => name.replace('.json', '')))
  for (const kind of KINDS) expect(isOutline(kind)).toBe(files.includes(`${kind}.json`))
  expect(['rect', 'constructor', '', undefined, 4].map(isOutline)).toEqual([false, false, false, false, false])
})

test('the first load has all of a file but its names', () => {
  for (const name of files) {
    const { names: _, ...rest } = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as { names: unknown }
    expect(OUTLINES.get(name.replace('.json', ''))).toEqual(rest)
  }
})

describe.each([...OUTLINES])('a %s', (kind, { size, room }) => {
  const props: Patch = { kind, at: [-30, 40], size: [...size], fill: 'red', text: 'Label' }

  test('may be drawn, fills its box, and has room in it', () => {
    expect(isDrawable(props)).toBe(true)
    const shape = shapeOf('s', props)!
    const outline = boxAround(shape.kind.outline!(props))!
    for (const side of ['minX', 'minY', 'maxX', 'maxY'] as const) expect(outline[side]).toBeCloseTo(shape.frame[side], 0)
    expect(room[0] < room[2] && room[1] < room[3]).toBe(true)
  })

  test('stays in its box whatever its size and flip', () => {
    const extent = fc.double({ min: 0, max: 1000, noNaN: true })
    fc.assert(
      fc.property(extent, extent, fc.constantFrom([1, 1], [-1, 1], [1, -1], [-1, -1]), fc.constantFrom('sharp', 'round'), (w, h, flip, corners) => {
        const shape = shapeOf('s', { kind, at: [5, 5], size: [w, h], flip, corners, width: 1 })!
        for (const { path } of paths(pictureOf(shape))) {
          const box = boxAround(flatten(path).flat())!
          expect(contains(grow(shape.frame, 1e-6), box)).toBe(true)
        }
      }),
      { numRuns: 20 },
    )
  })
})

test('the inner lines are painted above the fill, with the same stroke, and not filled', () => {
  const items = paths(page.picture({ ...square, fill: 'red', dash: 'dashed' }, 'full'))
  expect(items.map(({ fill }) => fill)).toEqual(['red', undefined])
  expect(items[1]!.stroke).toEqual(items[0]!.stroke)
  expect(items[1]!.path.coordinates).toEqual([100, 350, 150, 350])
})

test('a flip mirrors outline, lines and room about the middle of the box', () => {
  const label = { ...square, text: 'x', fontsize: 10, align: 'left', valign: 'top' }
  const plain = page.picture(label, 'full')
  const flipped = page.picture({ ...label, flip: [-1, -1] }, 'full')
  const mirror = (coordinates: readonly number[]) => coordinates.map((value, i) => (i % 2 === 0 ? 300 - value : 600 - value))
  for (const i of [0, 1]) expect((flipped[i] as PathItem).path.coordinates).toEqual(mirror((plain[i] as PathItem).path.coordinates))
  // The room is from 110, 250 to 190, 340; mirrored, from 110, 260 to 190, 350.
  const text = (picture: readonly unknown[]) => picture.at(-1) as TextItem
  expect(text(plain).x).toBe(text(flipped).x)
  expect(text(flipped).y - text(plain).y).toBeCloseTo(10)
})

test('a label stands in the room', () => {
  const label = { ...square, text: 'one two three four five six', fontsize: 8, wrap: true }
  const { x, y, width } = page.picture(label, 'full').at(-1) as TextItem
  const room: Box = { minX: 110, minY: 250, maxX: 190, maxY: 340 }
  expect(contains(room, { minX: x, minY: y, maxX: x + width, maxY: y })).toBe(true)
  expect(textBox(label, room, { align: 'left', valign: 'top' })!.maxX).toBeLessThanOrEqual(190)
})

test('round corners are those of straight outlines without inner lines', () => {
  const commands = (kind: typeof flag, corners: string) => paths(kind.picture({ ...square, corners }, 'full'))[0]!.path.commands.join('')
  expect(commands(flag, 'sharp')).toBe('MLLLLLZ')
  expect(commands(flag, 'round')).toBe('MQLQLQLQLQLQZ')
  expect(commands(bow, 'round')).toBe(commands(bow, 'sharp'))
  expect(commands(page, 'round')).toBe(commands(page, 'sharp'))
  expect([flag, bow, page].map(({ shown }) => shown.includes('corners'))).toEqual([true, false, false])
})

test('clicks on the line, near inner lines, and within what is filled or labelled count', () => {
  const near = (shape: Patch, x: number, y: number, radius = 3) => page.touches(shape, at(x, y), radius)
  expect(near(square, 100, 300)).toBe(true)
  expect(near(square, 120, 353)).toBe(true)
  expect(near(square, 180, 353)).toBe(false)
  expect(near(square, 150, 300)).toBe(false)
  expect(near({ ...square, fill: 'red' }, 150, 300)).toBe(true)
  expect(near({ ...square, text: 'x' }, 150, 300)).toBe(true)
  // In the notch.
  expect(near({ ...square, fill: 'red' }, 175, 215)).toBe(false)
  expect(near({ ...square, fill: 'red', flip: [-1, 1] }, 175, 215)).toBe(true)
})

test.each([...OUTLINES.keys()])('an arrow stops at the outline of a %s', (kind) => {
  const target: Patch = { kind, at: [0, 0], size: [100, 100], width: 2 }
  const arrow: Patch = { kind: 'arrow', at: [-200, -150], size: [250, 200], endbind: { to: 't', at: [0.5, 0.5], inside: false } }
  const { at: start, size } = shapeOf('a', arrow, (id) => (id === 't' ? target : undefined))!.props as { at: number[]; size: number[] }
  const end = at(start[0]! + size[0]!, start[1]! + size[1]!)
  const shape = shapeOf('t', target)!
  expect(touches(shape, end, 9)).toBe(true)
  expect(touches(shape, end, 1)).toBe(false)
})
