import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build, type Rolldown } from 'vite'
import { expect, test, type Page } from '@playwright/test'
import { outlines } from '../scripts/outlines.mjs'

import type { Patch } from '../src/board/types'
import type * as painter from './fixtures/painter'

/** Golden boards as the server draws them, beside what the client's painter makes of them in a browser. */

type Records = { readonly [id: string]: Patch }

const GOLDEN = path.resolve(import.meta.dirname, '../../whiteboard/testdata/golden')
/** How much a channel may differ, of 255: anti-aliasing is not the same in any two programs. */
const MOST = 48
/** How many pixels may differ by more. */
const SHARE = 0.005
/**
 * Words in fonts that are not the board's: how much the mean colour of a square of so many pixels may differ, of 255.
 * Browsers fit the outlines of such fonts to the pixels, which moves edges by up to a pixel: at most 28 in these boards.
 * Every mistake that is tried below is more than what is allowed.
 */
const WORDS = { side: 12, most: 40 }
const SCALE = 2

let data: string
let script: string

test.beforeAll(async () => {
  data = mkdtempSync(path.join(tmpdir(), 'easel-pictures-'))
  script = await bundle(path.join(import.meta.dirname, 'fixtures/painter.ts'))
})

test.afterAll(() => rmSync(data, { recursive: true, force: true }))

/** These have letters that the board's fonts lack, for which each browser takes its own. */
const FOREIGN = ['emoji.json', 'scripts.json', 'text.json']
const boards = readdirSync(GOLDEN).filter((name) => /^\w+\.json$/.test(name) && !FOREIGN.includes(name))

for (const file of boards) {
  test(`the server draws ${file} as the client does`, async ({ page }) => {
    const { records } = goldenOf(file)
    await openPainter(page)
    const id = importBoard(records)
    const [png, svg] = [exported(id, 'png'), exported(id, 'svg')]
    await expectSame(page, records, svg, png)
  })
}

for (const file of FOREIGN) {
  test(`the server sets the words of ${file} as the client does`, async ({ page }) => {
    const { records, pictures } = goldenOf(file)
    await openPainter(page)
    const id = importBoard(records)
    await expectSameWords(page, records, pictures, exported(id, 'svg'), exported(id, 'png'))
  })
}

test('the server draws pictures as the client does', async ({ page }) => {
  await openPainter(page)
  const image = Buffer.from(await page.evaluate(gradient), 'base64')
  const asset = createHash('sha256').update(image).digest('hex')
  const shapes: Patch[] = [
    { at: [0, 0], size: [120, 80] },
    { at: [140, 0], size: [300, 200], rotation: 0.3 },
    { at: [0, 100], size: [40, 27], flip: [-1, 1] },
    { at: [0, 150], size: [100, 100], crop: [0.25, 0.5, 0.5, 0.25], flip: [1, -1], opacity: 0.5 },
  ]
  const records = Object.fromEntries(shapes.map((shape, i) => [`p${i}`, { kind: 'image', asset, z: `a${i}`, ...shape }]))
  const id = importBoard(records, [{ Hash: asset, Type: 'image/png', Data: image.toString('base64') }])
  const [png, svg] = [exported(id, 'png'), exported(id, 'svg')]
  await expectSame(page, records, svg, png, { [asset]: image.toString('base64') })
})

for (const theme of ['light', 'dark'] as const) {
  for (const scale of [0.3, 1, 2]) {
    test(`the files of client and server show the same, ${theme}, at ${scale} pixels a unit`, async ({ page }) => {
      await openPainter(page)
      const image = await page.evaluate(gradient)
      const asset = createHash('sha256').update(Buffer.from(image, 'base64')).digest('hex')
      const { records } = JSON.parse(JSON.stringify(goldenOf('everything.json')).replaceAll('ab'.repeat(32), asset)) as { records: Records }
      const id = importBoard(records, [{ Hash: asset, Type: 'image/png', Data: image }])
      const [png, svg] = [exported(id, 'png', scale, theme), exported(id, 'svg', scale, theme)]
      const assets = { [asset]: image }
      const sheet = { ...sheetOf(svg), scale, theme }
      const clientPng = Buffer.from(await paintedBy(page, records, sheet, assets), 'base64')
      const clientSvg = Buffer.from(await writtenBy(page, records, sheet, assets))
      await expectAlike(page, file('client.png', clientPng), file('server.png', png))
      await expectAlike(page, file('client.svg', clientSvg), file('server.svg', svg))
      // In pixels, what is too small to see is drawn plainly.
      if (scale >= 1) await expectAlike(page, file('server.svg', svg), file('server.png', png))
    })
  }
}

test('the server sets letters that the board’s fonts lack in those of the machine, as the client does', async ({ page }) => {
  const lines = ['שלום Easel 42 עולם', 'السلام عليكم', 'ホワイトボード 白板 easel']
  const records = Object.fromEntries(lines.map((text, i) => [`line${i}`, { kind: 'text', at: [0, 60 * i], size: [400, 50], z: `a${i}`, text, font: 'sans', fontsize: 40, color: 'black' } satisfies Patch]))
  await openPainter(page)
  const id = importBoard(records)
  const [png, svg] = [exported(id, 'png'), exported(id, 'svg')]
  // Browsers fit the outlines of such fonts to the pixels. Letters in other places would be ten times as much.
  await expectSame(page, records, svg, png, {}, 0.015)
})

for (const { mistake, text, instead } of [
  { mistake: 'a missing letter', text: 'السلام عليكم', instead: 'السلام عليك' },
  { mistake: 'a letter in the middle that is missing', text: 'ホワイトボード', instead: 'ホワ トボード' },
  { mistake: 'two letters the wrong way round', text: 'Кириллица', instead: 'Кирлилица' },
  { mistake: 'words from left to right', text: 'שלום עולם', instead: 'םלוע םולש' },
  { mistake: 'a line that ends a letter too late', text: '白い紙に大\nきな字', instead: '白い紙に大き\nな字' },
  { mistake: 'another skin tone', text: '👋🏿', instead: '👋🏽' },
  { mistake: 'a family that is not joined', text: '👩‍👩‍👧', instead: '👩👩👧' },
]) {
  test(`the comparison of words sees ${mistake}`, async ({ page }) => {
    await openPainter(page)
    const sheet: painter.Sheet = { box: [0, 0, 200, 60], scale: SCALE, paper: '#ffffff' }
    const [right, wrong] = await Promise.all(
      [text, instead].map((text) => paintedBy(page, { t: { kind: 'text', at: [0, 0], size: [200, 50], z: 'a0', font: 'sans', fontsize: 16, text } }, sheet, {})),
    )
    const [by] = await misplaced(page, ['image/png', right!], ['image/png', wrong!], [[0, 0, 400, 120]])
    expect(by).toBeGreaterThan(WORDS.most)
  })
}

async function expectSame(page: Page, records: Records, svg: Buffer, png: Buffer, assets: { [hash: string]: string } = {}, most = SHARE): Promise<void> {
  const client = Buffer.from(await paintedBy(page, records, sheetOf(svg), assets), 'base64')
  for (const other of [file('client.png', client), file('server.svg', svg)]) await expectAlike(page, other, file('server.png', png), most)
}

interface File {
  readonly name: string
  readonly data: Buffer
  readonly encoded: Encoded
}

function file(name: string, data: Buffer): File {
  return { name, data, encoded: [name.endsWith('.svg') ? 'image/svg+xml' : 'image/png', data.toString('base64')] }
}

/** What differs is left beside the results of a failed test. */
async function expectAlike(page: Page, a: File, b: File, most = SHARE): Promise<void> {
  const share = await difference(page, a.encoded, b.encoded)
  if (share >= most) for (const { name, data } of [a, b]) writeFileSync(test.info().outputPath(name), data)
  expect.soft(share, `share of pixels of ${b.name} that differ from ${a.name}`).toBeLessThan(most)
}

/** Compares the words of each shape by themselves, so that what is wrong is not lost in a large picture. */
async function expectSameWords(page: Page, records: Records, pictures: readonly Pictured[], svg: Buffer, png: Buffer): Promise<void> {
  const sheet = sheetOf(svg)
  const client = Buffer.from(await paintedBy(page, records, sheet, {}), 'base64')
  const places = pictures.map(({ box }) => box.map((v, i) => (v - sheet.box[i % 2]!) * SCALE) as unknown as painter.Place)
  for (const [name, type, other] of [['client.png', 'image/png', client], ['server.svg', 'image/svg+xml', svg]] as const) {
    const worst = await misplaced(page, [type, other.toString('base64')], ['image/png', png.toString('base64')], places)
    if (worst.some((by) => by >= WORDS.most)) {
      writeFileSync(test.info().outputPath(name), other)
      writeFileSync(test.info().outputPath('server.png'), png)
    }
    worst.forEach((by, i) => expect.soft(by, `how far a place in the words of ${pictures[i]!.id} is from ${name}`).toBeLessThan(WORDS.most))
  }
}

interface Pictured {
  readonly id: string
  readonly box: readonly [number, number, number, number]
}

/** A golden board and where its shapes are. */
function goldenOf(file: string): { records: Records; pictures: Pictured[] } {
  const { records } = JSON.parse(readFileSync(path.join(GOLDEN, file), 'utf8')) as { records: { id: string; p: Patch }[] }
  const pictures = JSON.parse(readFileSync(path.join(GOLDEN, file.replace('.json', '.picture.json')), 'utf8')) as Pictured[]
  return { records: Object.fromEntries(records.map(({ id, p }) => [id, p])), pictures }
}

/** A picture with edges and soft colours. */
async function gradient(): Promise<string> {
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width: 240, height: 160 })
  const pen = canvas.getContext('2d')!
  const colors = pen.createLinearGradient(0, 0, 240, 160)
  colors.addColorStop(0, '#e5383b')
  colors.addColorStop(1, '#1aa7ec')
  pen.fillStyle = colors
  pen.fillRect(0, 0, 240, 160)
  pen.fillStyle = '#fff'
  pen.fillRect(40, 30, 60, 50)
  pen.arc(170, 100, 40, 0, 7)
  pen.fill()
  return canvas.toDataURL('image/png').split(',')[1]!
}

/** One script that leaves the painter in the window. */
async function bundle(entry: string): Promise<string> {
  const built = (await build({
    configFile: false,
    plugins: [outlines()],
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry, formats: ['iife'], name: 'painter' } },
  })) as Rolldown.RolldownOutput[]
  return built[0]!.output[0].code
}

/** An empty page with the board's fonts. */
async function openPainter(page: Page): Promise<void> {
  const fonts = path.resolve(import.meta.dirname, '../public')
  await page.route('http://painter.test/**', (route) => {
    const { pathname } = new URL(route.request().url())
    return pathname === '/' ? route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }) : route.fulfill({ path: path.join(fonts, pathname) })
  })
  await page.goto('http://painter.test/')
  await page.addScriptTag({ content: script })
}

declare global {
  interface Window {
    painter: typeof painter
  }
}

function importBoard(records: Records, assets: object[] = []): string {
  const ops = Object.entries(records).map(([id, patch]) => ['0mf1a0000001', id, patch])
  const entry = { q: 1, u: 'golden', t: 1_700_000_000_000, c: 'golden0001', n: 1, ops }
  const lines = [{ format: 'easel-board', version: 1 }, ...assets.map((asset) => ({ asset })), { entry }]
  const input = lines.map((line) => JSON.stringify(line) + '\n').join('')
  return (JSON.parse(easel(['board', 'import', '-o', 'json'], input).toString()) as { id: string }).id
}

function exported(id: string, format: 'png' | 'svg', scale = SCALE, theme = 'light'): Buffer {
  return easel(['board', 'export', '--board', id, '--format', format, '--scale', String(scale), '--theme', theme])
}

function easel(args: string[], input = ''): Buffer {
  return execFileSync(process.env.EASEL_BIN!, [...args, '--data', data], { input, maxBuffer: 1 << 28 })
}

/** What a picture shows, as its SVG says. */
function sheetOf(svg: Buffer): painter.Sheet {
  const text = svg.toString()
  const box = /viewBox="([^"]+)"/.exec(text)![1]!.split(' ').map(Number) as [number, number, number, number]
  return { box, scale: SCALE, paper: /<rect[^>]* fill="([^"]+)"/.exec(text)![1]! }
}

/** Records go as text: their type is too deep for the compiler. */
interface Handed {
  readonly text: string
  readonly sheet: painter.Sheet
  readonly assets: { readonly [hash: string]: string }
}

/** What the client's painter makes of a board, as PNG in base64. */
function paintedBy(page: Page, records: Records, sheet: painter.Sheet, assets: { [hash: string]: string }): Promise<string> {
  const script = ({ text, sheet, assets }: Handed) => window.painter.paintBoard(JSON.parse(text) as Records, sheet, assets)
  return page.evaluate(script, { text: JSON.stringify(records), sheet, assets })
}

/** What the client writes of a board as SVG. */
function writtenBy(page: Page, records: Records, sheet: painter.Sheet, assets: { [hash: string]: string }): Promise<string> {
  const script = ({ text, sheet, assets }: Handed) => window.painter.svgOfBoard(JSON.parse(text) as Records, sheet, assets)
  return page.evaluate(script, { text: JSON.stringify(records), sheet, assets })
}

type Encoded = readonly [type: string, base64: string]

function difference(page: Page, a: Encoded, b: Encoded): Promise<number> {
  return page.evaluate(async ({ a, b, most }) => window.painter.difference(a, b, most), { a, b, most: MOST })
}

function misplaced(page: Page, a: Encoded, b: Encoded, places: readonly painter.Place[]): Promise<number[]> {
  return page.evaluate(async ({ a, b, places, side }) => window.painter.misplaced(a, b, places, side), { a, b, places, side: WORDS.side })
}
