import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Patch } from '../../board/types'
import { TABLES } from '../../shapes/kinds'
import { toBase64 } from '../base64'
import type { Fragment } from '../fragment'
import { sizeOfImage } from '../imagesize'
import type { Element } from './fields'
import { withAsset } from './keep'
import { readExcalidraw } from '../../testing/excalidraw'
import type { ReadOptions } from './read'
import { writeExcalidraw, type LoadedAsset } from './write'

const folder = new URL('../fixtures/excalidraw/', import.meta.url)
const css = (color: string) => (color.startsWith('#') ? color : '#123456')
const options: ReadOptions = { css }

/** Reads a file, uploads its pictures and writes it again, as a board does. */
function again(text: string, o: ReadOptions = options): { fragment: Fragment; scene: Element } {
  const result = readExcalidraw(text, o)
  if ('error' in result) throw result.error
  const fragment = result.ok
  const assets = new Map<string, LoadedAsset>()
  const records = new Map(fragment.shapes)
  for (const { type, bytes, shapes } of fragment.files) {
    const hash = createHash('sha256').update(bytes).digest('hex')
    assets.set(hash, { ...sizeOfImage(bytes)!, type, base64: toBase64(bytes) })
    for (const id of shapes) records.set(id, withAsset(records.get(id)!, hash))
  }
  const paper = fragment.paper ?? '#ffffff'
  return { fragment, scene: writeExcalidraw([...records], { css, source: 'https://excalidraw.com', assets, paper }) }
}

const files = readdirSync(folder).filter((name) => name.endsWith('.excalidraw'))

test('there are files for every type of element', () => {
  const types = files.flatMap((name) => (JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { elements: Element[] }).elements.map(({ type }) => type))
  expect(files.length).toBeGreaterThanOrEqual(20)
  expect(new Set(types)).toEqual(
    new Set(['rectangle', 'diamond', 'ellipse', 'line', 'arrow', 'freedraw', 'text', 'image', 'frame', 'magicframe', 'embeddable', 'iframe']),
  )
})

describe.each(files)('%s', (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8')
  const file = JSON.parse(text) as Element

  test('comes back as it was', () => {
    const { scene, fragment } = again(text)
    expect(fragment.warnings).toEqual([])
    expect(scene['appState']).toEqual(file['appState'])
    expect(scene['files']).toEqual(file['files'])
    const elements = scene['elements'] as Element[]
    expect(elements.map(({ id }) => id)).toEqual((file['elements'] as Element[]).map(({ id }) => id))
    for (const [i, original] of (file['elements'] as Element[]).entries()) expectSame(elements[i]!, original)
  })

  test('becomes records that the server takes', () => {
    for (const [, record] of again(text).fragment.shapes) expectValid(record)
  })

  test('comes back when all ids are taken, under others', () => {
    const first = again(text)
    const { elements } = file as { elements: Element[] }
    const { scene } = again(text, { css, taken: () => true })
    const ids = new Map((scene['elements'] as Element[]).map(({ id }, i) => [id, elements[i]!['id']]))
    const fresh = (scene['elements'] as Element[]).map((element) => element['startBinding'] ?? element['frameId'] ?? null)
    const old = (first.scene['elements'] as Element[]).map((element) => element['startBinding'] ?? element['frameId'] ?? null)
    const renamed = JSON.parse(JSON.stringify(fresh), (_, value: unknown) => (typeof value === 'string' ? (ids.get(value) ?? value) : value)) as unknown
    expect(renamed).toEqual(old)
  })
})

/** Geometry of freehand strokes to 0.01 and pressures to 0.002; all else exactly. */
function expectSame(element: Element, original: Element): void {
  const { points, pressures, width, height, boundElements, lastCommittedPoint, ...rest } = element
  const { points: points0, pressures: pressures0, width: width0, height: height0, boundElements: bound0, lastCommittedPoint: last0, ...rest0 } = original
  expect(rest).toMatchObject(rest0)
  near([width, height], [width0, height0], 0.01)
  near(points, points0, 0.01)
  if (pressures0) near(pressures, pressures0, 0.0021)
  if (last0) near(lastCommittedPoint, last0, 0.01)
  expect(new Set((boundElements as unknown[]) ?? [])).toEqual(new Set((bound0 as unknown[]) ?? []))
}

function near(a: unknown, b: unknown, by: number): void {
  if (!Array.isArray(b)) return expect(a).toEqual(b)
  const [flatA, flatB] = [(a as number[]).flat(3), (b as number[]).flat(3)]
  expect(flatA.length).toBe(flatB.length)
  expect(Math.max(0, ...flatA.map((value, i) => Math.abs(value - flatB[i]!)))).toBeLessThanOrEqual(by)
}

function expectValid(record: Patch): void {
  const table = TABLES[String(record['kind'])]!
  for (const [prop, value] of Object.entries(record)) {
    if (/^p\d+$/.test(prop)) continue
    expect([prop, table[prop]?.(value)]).toEqual([prop, true])
  }
}
