import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compareOrder } from '../board/order'
import type { Patch } from '../board/types'
import { isDrawable } from './kinds'
import type { Box } from '../geometry/box'
import type { World } from '../geometry/point'
import { pictureOf, shapeOf, type Shape } from '.'
import { ARGUMENTS, type Item, type Path } from './picture'
import { opacityOf } from './shape'

/** Boards and what they look like, shared with the server: see the README there. UPDATE_GOLDEN=1 writes the pictures anew. */
const FOLDER = new URL('../../../whiteboard/testdata/golden/', import.meta.url)
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json') && !name.endsWith('.picture.json'))

interface Board {
  readonly records: readonly { readonly id: string; readonly p: Patch }[]
}

const round = (n: number) => Math.round(n * 1000) / 1000 + 0

function text({ commands, coordinates }: Path): string {
  let at = 0
  return commands.map((command) => [command, ...coordinates.slice(at, (at += ARGUMENTS[command])).map(round)].join(' ')).join(' ')
}

const corners = ({ minX, minY, maxX, maxY }: Box) => [minX, minY, maxX, maxY].map(round)
const point = ({ x, y }: World) => [round(x), round(y)]

function plain(item: Item): unknown {
  if (item.do === 'path') return { ...item, path: text(item.path) }
  if (item.do === 'image') return { ...item, box: corners(item.box) }
  return { ...item, x: round(item.x), y: round(item.y), width: round(item.width) }
}

function pictured(shape: Shape): unknown {
  const { id, box, frame, rotation, clip, props } = shape
  return {
    id,
    box: corners(box),
    frame: corners(frame),
    rotation: round(rotation),
    opacity: opacityOf(props),
    ...(clip && { clip: clip.map(point) }),
    items: pictureOf(shape).map(plain),
  }
}

function picturesOf({ records }: Board): string {
  const lookup = (id: string) => records.find((record) => record.id === id)?.p
  const shapes = records.filter(({ p }) => p['hidden'] !== true).map(({ id, p }) => shapeOf(id, p, lookup)).filter((shape) => shape !== undefined)
  const ordered = shapes.sort((a, b) => compareOrder({ id: a.id, z: a.order }, { id: b.id, z: b.order }))
  return `[\n${ordered.map((shape) => JSON.stringify(pictured(shape))).join(',\n')}\n]\n`
}

function withoutPoints(p: Patch): Patch {
  return Object.fromEntries(Object.entries(p).filter(([prop]) => !/^p\d+$/.test(prop)))
}

test.each(names)('the board %s looks as it did', (name) => {
  const board = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Board
  for (const { id, p } of board.records) if (p['kind'] !== 'layer') expect(isDrawable(withoutPoints(p)), id).toBe(true)
  const file = new URL(name.replace('.json', '.picture.json'), FOLDER)
  const picture = picturesOf(board)
  if (process.env['UPDATE_GOLDEN']) writeFileSync(file, picture)
  expect(picture).toBe(readFileSync(file, 'utf8'))
})
