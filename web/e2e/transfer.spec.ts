import { readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { deflateSync, inflateSync, crc32 } from 'node:zlib'
import type { Download, FileChooser, Page } from '@playwright/test'
import { converge, type BoardPage } from './fixtures/board'
import { expect, test, via } from './fixtures/test'

interface Carried {
  readonly [type: string]: string
}

interface CarriedFile {
  readonly name: string
  readonly type: string
  readonly base64: string
}

/** Pastes as the browser does when the keys for it are pressed. */
async function paste({ page }: BoardPage, data: Carried, files: readonly CarriedFile[] = [], keys?: string): Promise<void> {
  if (keys) await page.keyboard.press(keys)
  await page.evaluate(
    ({ data, files }) => {
      const carried = new DataTransfer()
      for (const [type, text] of Object.entries(data)) carried.setData(type, text)
      for (const { name, type, base64 } of files) carried.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type }))
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }))
    },
    { data, files },
  )
}

/** Drags files over the board and lets them go there. */
async function drop({ page }: BoardPage, files: readonly CarriedFile[], [clientX, clientY]: readonly [number, number], onlyOver = false): Promise<void> {
  await page.evaluate(
    ({ files, clientX, clientY, onlyOver }) => {
      const dataTransfer = new DataTransfer()
      for (const { name, type, base64 } of files) dataTransfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type }))
      const board = document.querySelector('[data-board]')!
      for (const type of onlyOver ? ['dragenter', 'dragover'] : ['dragenter', 'dragover', 'drop']) {
        board.dispatchEvent(new DragEvent(type, { dataTransfer, clientX, clientY, bubbles: true, cancelable: true }))
      }
    },
    { files, clientX, clientY, onlyOver },
  )
}

/** Waits until all pictures of the board have arrived. */
async function uploaded(board: BoardPage): Promise<void> {
  await expect.poll(async () => (await shapesOf(board)).filter((shape) => shape['kind'] === 'image' && !shape['asset'])).toEqual([])
  await expect(board.page.getByTestId('picture-mark')).toHaveCount(0)
}

/** Waits for the browser's dialog for files; from here on the page can't open one unseen. */
async function chosen({ page }: BoardPage): Promise<{ readonly shown: Promise<FileChooser> }> {
  const shown = page.waitForEvent('filechooser')
  await page.evaluate(() => undefined) // behind what tells the browser to catch dialogs
  return { shown }
}

const fileOf = (name: string, type: string, content: string | Buffer): CarriedFile => ({ name, type, base64: Buffer.from(content).toString('base64') })
const example = (name: string) => readFileSync(new URL(`../src/formats/fixtures/excalidraw/${name}.excalidraw`, import.meta.url), 'utf8')

/** A PNG of one colour. */
function png(width: number, height: number, [r, g, b]: readonly [number, number, number]): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const ends = Buffer.alloc(8)
    ends.writeUInt32BE(data.length)
    ends.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const row = Buffer.concat([Buffer.from([0]), ...Array.from({ length: width }, () => Buffer.from([r, g, b]))])
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))), chunk('IEND', Buffer.alloc(0))])
}

interface Pixels {
  readonly width: number
  readonly height: number
  at(x: number, y: number): number[]
}

/** The pixels of a PNG as the board writes it. */
function decodePng(file: Buffer): Pixels {
  const data: Buffer[] = []
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at)
    expect(file.readUInt32BE(at + 8 + length)).toBe(crc32(file.subarray(at + 4, at + 8 + length)))
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(file.subarray(at + 8, at + 8 + length))
    at += 12 + length
  }
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)]
  const raw = inflateSync(Buffer.concat(data))
  const stride = 4 * width + 1
  expect(raw.length).toBe(height * stride)
  for (let y = 1; y < height; y++) for (let i = 1; i < stride; i++) raw[y * stride + i] = raw[y * stride + i]! + raw[(y - 1) * stride + i]!
  return { width, height, at: (x, y) => [...raw.subarray(y * stride + 1 + 4 * x, y * stride + 5 + 4 * x)] }
}

/** The board's records as the server has them. */
async function records({ page }: BoardPage): Promise<Record<string, Record<string, unknown>>> {
  return page.evaluate(async () => {
    const board = location.pathname.split('/').pop()
    const answer = await fetch(`/diagram?board=${board}`, { headers: { authorization: `Bearer ${location.hash.slice(1)}` } })
    const { records } = (await answer.json()) as { records: { id: string; p: Record<string, unknown> }[] }
    return Object.fromEntries(records.filter(({ p }) => p['deleted'] !== true && p['kind']).map(({ id, p }) => [id, p]))
  })
}

async function shapesOf(board: BoardPage): Promise<Record<string, unknown>[]> {
  await board.saved()
  return Object.values(await records(board))
}

async function openExport({ page }: BoardPage): Promise<void> {
  await page.getByTestId('menu').click()
  await page.getByTestId('menu-export').click()
  await expect(page.getByTestId('export-dialog')).toBeVisible()
}

async function exported(board: BoardPage, format: string, choose: (page: Page) => Promise<void> = async () => {}): Promise<{ name: string; file: Buffer }> {
  await openExport(board)
  await board.page.getByTestId(`export-${format}`).check()
  await choose(board.page)
  const download = board.page.waitForEvent('download', { timeout: 300_000 })
  await board.page.getByTestId('export-download').click()
  return content(await download)
}

/** Whatever is selected, all of the board. */
const whole = async (page: Page): Promise<void> => {
  await page.getByTestId('export-what').selectOption('board')
}

async function content(download: Download): Promise<{ name: string; file: Buffer }> {
  return { name: download.suggestedFilename(), file: readFileSync(await download.path()) }
}

test('text is pasted where the pointer is, selected, and taken back as one step', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  await ann.page.mouse.move(500, 300)
  await paste(ann, { 'text/plain': 'Hello\nboard' })
  await bob.shapes(1)
  await converge(ann, bob)
  expect(await shapesOf(ann)).toMatchObject([{ kind: 'text', text: 'Hello\nboard' }])
  await ann.undo()
  await bob.shapes(0)
})

test('a long text is broken, an address leads where it says', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await paste(ann, { 'text/plain': 'words and '.repeat(60) })
  await ann.shapes(1)
  await paste(ann, { 'text/plain': 'https://example.com/page' })
  await ann.shapes(2)
  const shapes = await shapesOf(ann)
  const long = shapes.find(({ wrap }) => wrap === true)
  expect((long!['size'] as number[])[0]).toBe(600)
  expect(shapes.filter((shape) => shape !== long)).toMatchObject([{ link: 'https://example.com/page' }])
})

test('an image is uploaded and shown to the others', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  const blank = await bob.pixels([640, 400])
  await paste(ann, {}, [fileOf('red.png', 'image/png', png(400, 300, [255, 0, 0]))])
  await bob.shapes(1)
  await expect.poll(() => bob.pixels([640, 400])).not.toBe(blank)
  await uploaded(ann)
  const [image] = await shapesOf(ann)
  expect(image).toMatchObject({ kind: 'image', alt: 'red' })
  expect(image!['asset']).toMatch(/^[0-9a-f]{64}$/)
  await ann.undo()
  await bob.shapes(0)
})

test('while an image is uploaded its shape is there, with what is known of it for everyone', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  let letGo = () => {}
  const held = new Promise<void>((resolve) => (letGo = resolve))
  await ann.page.route('**/background/upload?*', async (route) => {
    await held
    await route.continue()
  })
  await paste(ann, {}, [fileOf('red.png', 'image/png', png(400, 300, [255, 0, 0]))])
  await bob.shapes(1)
  const mark = ({ page }: BoardPage) => page.getByTestId('picture-mark')
  await expect(mark(ann)).toHaveAttribute('data-state', 'sending')
  await expect(mark(ann).getByRole('progressbar')).toBeVisible()
  await expect(mark(bob)).toHaveText('This image has not been uploaded yet.')
  // The mark stays on its shape, which can be moved meanwhile.
  const before = (await mark(bob).boundingBox())!
  await ann.page.keyboard.press('Shift+ArrowRight')
  await expect.poll(async () => (await mark(bob).boundingBox())!.x - before.x).toBeCloseTo(10, 0)
  letGo()
  for (const person of [ann, bob]) await expect(mark(person)).toHaveCount(0)
  await converge(ann, bob)
})

test('an upload that fails can be tried again, given up, and goes on by itself with the connection', async ({ board, join, line }) => {
  const [ann, bob] = [await join(via(line, board.links.edit)), await join(board.links.edit)]
  const red = fileOf('red.png', 'image/png', png(400, 300, [255, 0, 0]))
  const mark = ann.page.getByTestId('picture-mark')
  // A server that refuses.
  await ann.page.route('**/background/upload?*', (route) => route.fulfill({ status: 507, json: { error: { code: 'full', message: 'no room left' } } }))
  await paste(ann, {}, [red])
  await expect(mark).toHaveAttribute('data-state', 'failed')
  await expect(ann.page.getByText('The image was not uploaded: no room left.')).toBeVisible()
  await ann.page.getByTestId('picture-remove').click()
  await bob.shapes(0)
  await expect(mark).toHaveCount(0)
  await ann.undo()
  await bob.shapes(1)
  await expect(mark).toHaveAttribute('data-state', 'failed')
  await ann.page.unroute('**/background/upload?*')
  await ann.page.getByTestId('picture-retry').click()
  await uploaded(ann)
  // No server at all, until there is one again.
  line.cut()
  await ann.offline()
  await paste(ann, {}, [{ ...red, name: 'again.png' }])
  await expect(mark).toHaveAttribute('data-state', 'failed')
  line.restore()
  await uploaded(ann)
  await bob.shapes(2)
  await converge(ann, bob)
})

test('an SVG becomes an image, and nothing in it runs', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80" onload="window.ran=1"><script>window.ran=1</script><rect width="120" height="80" fill="#00f"/></svg>`
  await paste(ann, { 'text/plain': svg })
  await ann.shapes(1)
  await uploaded(ann)
  const [image] = await shapesOf(ann)
  expect(image).toMatchObject({ kind: 'image', size: [120, 80] })
  expect(await ann.page.evaluate(() => 'ran' in window)).toBe(false)
  const stored = await ann.page.evaluate(async (asset) => {
    const bitmap = await createImageBitmap(await (await fetch(`/background/${asset}`)).blob())
    return [bitmap.width, bitmap.height]
  }, image!['asset'])
  expect(stored).toEqual([240, 160])
})

test('what is no image says so', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await paste(ann, {}, [fileOf('broken.png', 'image/png', 'not a picture')])
  await expect(ann.page.getByText('broken.png: This file is not an image that can be shown.')).toBeVisible()
  await ann.shapes(0)
})

test('of several files those that can be read arrive, and each of the others says why not', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  const good = [fileOf('red.png', 'image/png', png(20, 10, [255, 0, 0])), fileOf('words.txt', 'text/plain', 'Hello')]
  await drop(ann, [fileOf('paper.pdf', 'application/pdf', '%PDF-1.4'), good[0]!, fileOf('half.excalidraw', '', '{"type":"excalidraw","elem'), good[1]!], [300, 300])
  await ann.shapes(2)
  await expect(ann.page.getByText('paper.pdf: This is no file that a board can show.')).toBeVisible()
  await expect(ann.page.getByText('half.excalidraw is not as it should be.')).toBeVisible()
  await uploaded(ann)
  expect((await shapesOf(ann)).map(({ kind }) => kind).sort()).toEqual(['image', 'text'])
})

test('a picture dragged from a page comes as a picture, an address alone as a link, a page as its words', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  const from = { 'text/uri-list': 'https://example.com/cat.png', 'text/html': '<img src="https://example.com/cat.png">' }
  await paste(ann, { ...from, 'text/plain': 'https://example.com/cat.png' }, [fileOf('cat.png', 'image/png', png(20, 10, [255, 0, 0]))])
  await ann.shapes(1)
  await uploaded(ann)
  await paste(ann, { 'text/uri-list': 'https://example.com/page' })
  await ann.shapes(2)
  await paste(ann, { 'text/html': '<style>p {}</style><h1>Title</h1>\n<p>one <b>two</b><br>three</p><script>window.ran = 1</script><ul>\n<li>x</li><li>y</li></ul>' })
  await ann.shapes(3)
  const [picture, link, words] = await shapesOf(ann)
  expect([picture, link, words]).toMatchObject([{ kind: 'image' }, { kind: 'text', link: 'https://example.com/page' }, { kind: 'text', text: 'Title\none two\nthree\nx\ny' }])
  expect(await ann.page.evaluate(() => 'ran' in window)).toBe(false)
})

test('an SVG with all that editors write before it is a picture, as large as it says', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  const head = '<?xml version="1.0"?>\n<!-- made by hand -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [\n<!ENTITY red "#f00">\n]>\n'
  await paste(ann, { 'text/plain': `${head}<svg xmlns="http://www.w3.org/2000/svg" width="25.4mm" height="1in"><rect width="96" height="96"/></svg>` })
  await ann.shapes(1)
  expect(await shapesOf(ann)).toMatchObject([{ kind: 'image', size: [96, 96] }])
})

test('a picture whose drawing is broken is a picture', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  const payload = '<!-- payload-type:application/vnd.excalidraw+json --><!-- payload-start -->bm9uc2Vuc2U=<!-- payload-end -->'
  await drop(ann, [fileOf('drawing.svg', 'image/svg+xml', `<svg xmlns="http://www.w3.org/2000/svg" width="30" height="30"><metadata>${payload}</metadata><rect width="9" height="9"/></svg>`)], [300, 300])
  await ann.shapes(1)
  expect(await shapesOf(ann)).toMatchObject([{ kind: 'image', size: [30, 30] }])
})

test("Excalidraw's clipboard becomes shapes with what binds them", async ({ board, join }) => {
  const ann = await join(board.links.edit)
  const { elements } = JSON.parse(example('bindings')) as { elements: unknown[] }
  await paste(ann, { 'text/plain': JSON.stringify({ type: 'excalidraw/clipboard', elements }) })
  await ann.shapes(4)
  await ann.saved()
  expect((await records(ann))['bound1']).toMatchObject({ kind: 'arrow', startbind: { to: 'bindA' }, endbind: { to: 'bindB', inside: true } })
})

test('pasted as text alone, a file of shapes is text', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await paste(ann, { 'text/plain': '{"type":"excalidraw/clipboard","elements":[]}' }, [], 'Control+Shift+v')
  await expect.poll(async () => (await shapesOf(ann)).map(({ kind }) => kind)).toContain('text')
})

test('shapes are copied from one board to another by the keys', async ({ server, browser }) => {
  const [one, other] = [await server.createBoard(), await server.createBoard()]
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
  const from = await import('./fixtures/board').then(({ BoardPage }) => BoardPage)
  const ann = await from.open(await context.newPage(), one.links.edit)
  await ann.introduce('Ann')
  await paste(ann, { 'text/plain': example('groups') })
  await ann.shapes(4)
  await ann.page.keyboard.press('Control+c')
  const bob = await from.open(await context.newPage(), other.links.edit)
  await bob.page.mouse.move(600, 400)
  await bob.page.keyboard.press('Control+v')
  await bob.shapes(4)
  await bob.page.keyboard.press('Control+v')
  await bob.shapes(8)
  await bob.saved()
  const all = await records(bob)
  expect(Object.keys(all)).not.toContain('g1')
  const groups = Object.values(all).map(({ groups }) => (groups as string[] | undefined)?.join())
  expect(new Set(groups.filter(Boolean)).size).toBe(4)
  await bob.page.keyboard.press('Control+x')
  await bob.shapes(4)
  await bob.undo()
  await bob.shapes(8)
  await context.close()
})

test('copying does not take words that are selected, nor keys of a text field', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await paste(ann, { 'text/plain': 'Hello' })
  await ann.shapes(1)
  await ann.openChat()
  await ann.page.getByTestId('chat-input').focus()
  await ann.page.evaluate(() => {
    const data = new DataTransfer()
    data.setData('text/plain', 'for the chat')
    document.activeElement!.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  })
  await ann.shapes(1)
})

test('a file is dropped where it is let go, and the board shows that it may', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  const file = fileOf('blue.png', 'image/png', png(100, 100, [0, 0, 255]))
  await drop(ann, [file], [300, 500], true)
  await expect(ann.page.getByTestId('drop-veil')).toBeVisible()
  await drop(ann, [file, { ...file, name: 'again.png' }], [300, 500])
  await expect(ann.page.getByTestId('drop-veil')).toBeHidden()
  await ann.shapes(2)
  await uploaded(ann)
  expect(createHash('sha256').update(Buffer.from(file.base64, 'base64')).digest('hex')).toBe((await shapesOf(ann))[0]!['asset'])
})

test('the image tool asks for pictures and puts them where it was used', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await ann.page.keyboard.press('9')
  const chooser = await chosen(ann)
  await ann.page.mouse.click(400, 300)
  const { name, type: mimeType, base64 } = fileOf('green.png', 'image/png', png(80, 60, [0, 255, 0]))
  await (await chooser.shown).setFiles({ name, mimeType, buffer: Buffer.from(base64, 'base64') })
  await ann.shapes(1)
  expect(await shapesOf(ann)).toMatchObject([{ kind: 'image', size: [80, 60], alt: 'green' }])
})

test('the menu imports a library', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await ann.page.getByTestId('menu').click()
  const chooser = await chosen(ann)
  await ann.page.getByTestId('menu-import').click()
  const item = { elements: (JSON.parse(example('groups')) as { elements: unknown[] }).elements }
  const library = JSON.stringify({ type: 'excalidrawlib', version: 2, libraryItems: [item, { elements: (JSON.parse(example('diamond')) as { elements: unknown[] }).elements }] })
  await (await chooser.shown).setFiles({ name: 'mine.excalidrawlib', mimeType: 'application/json', buffer: Buffer.from(library) })
  await ann.shapes(6)
})

test('a viewer can drop and paste nothing', async ({ board, join }) => {
  const viewer = await join(board.links.view)
  await drop(viewer, [fileOf('a.txt', 'text/plain', 'Hello')], [300, 300])
  await paste(viewer, { 'text/plain': 'Hello' })
  await viewer.shapes(0)
})

test('a file that can not be read says which field is wrong', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await drop(ann, [fileOf('new.excalidraw', '', '{"type":"excalidraw","version":9,"elements":[]}')], [300, 300])
  await expect(ann.page.getByText('version is above 2')).toBeVisible()
})

test('an Excalidraw file goes in and comes out the same', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  for (const [name, count] of [['image', 3], ['frame', 7], ['labels', 11]] as const) {
    await drop(ann, [fileOf(`${name}.excalidraw`, '', example(name))], [300, 300])
    await ann.shapes(count)
  }
  await uploaded(ann)
  const { file } = await exported(ann, 'excalidraw', whole)
  const scene = JSON.parse(file.toString()) as { elements: { id: string; type: string; fileId?: string }[]; files: Record<string, { dataURL: string }> }
  const expected = ['image', 'frame', 'labels'].flatMap((name) => (JSON.parse(example(name)) as { elements: { id: string; type: string }[] }).elements)
  expect(scene.elements.map(({ id, type }) => [id, type])).toEqual(expected.map(({ id, type }) => [id, type]))
  expect(scene.files).toEqual((JSON.parse(example('image')) as { files: unknown }).files)
})

test('every format is exported and can be read', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await drop(ann, [fileOf('frame.excalidraw', '', example('frame')), fileOf('red.png', 'image/png', png(60, 40, [255, 0, 0]))], [400, 300])
  await ann.shapes(5)
  await paste(ann, { 'text/plain': 'Grüße 漢字' })
  await ann.shapes(6)
  await uploaded(ann)

  const { name, file } = await exported(ann, 'png', async (page) => {
    await page.getByTestId('export-what').selectOption('board')
    await page.getByTestId('export-scale').selectOption('1')
  })
  expect(name).toBe('Untitled board.png')
  const picture = decodePng(file)
  expect(picture.width).toBeGreaterThan(400)
  expect(picture.at(0, 0)).toEqual([255, 255, 255, 255])

  const svg = (await exported(ann, 'svg', whole)).file.toString()
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="\d/)
  expect(svg).toContain("@font-face{font-family:'Easel Hand';src:url(data:font/woff2;base64,")
  expect(svg).toContain('href="data:image/png;base64,')
  const parsed = await ann.page.evaluate((text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror')?.textContent, svg)
  expect(parsed).toBeUndefined()

  const pdf = (await exported(ann, 'pdf', whole)).file.toString('latin1')
  expect(pdf.startsWith('%PDF-1.7')).toBe(true)
  expect(pdf).toContain('/Count 2')
  expect(pdf).toContain('/FontFile2')
  expect(pdf.match(/\/Type \/Page /g)).toHaveLength(2)

  const own = (await exported(ann, 'easel')).file.toString()
  expect(own.split('\n')[0]).toMatch(/^\{"format":"easel-board","version":1/)
  expect(own).toContain('"asset":{"Hash"')
})

test("a frame alone is exported at the frame's size, transparent if wished", async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await drop(ann, [fileOf('frame.excalidraw', '', example('frame'))], [400, 300])
  await ann.shapes(4)
  const { file } = await exported(ann, 'png', async (page) => {
    await page.getByTestId('export-what').selectOption({ label: 'Page one' })
    await page.getByTestId('export-scale').selectOption('2')
    await page.getByTestId('export-background').uncheck()
  })
  const picture = decodePng(file)
  expect([picture.width, picture.height]).toEqual([800, 600])
  expect(picture.at(400, 500)).toEqual([0, 0, 0, 0])
  expect(picture.at(40, 80)[3]).toBeGreaterThan(200)
})

test('a board file makes the board again', async ({ server, join }) => {
  const [one, other] = [await server.createBoard('Plan'), await server.createBoard()]
  const ann = await join(one.links.edit)
  await drop(ann, [fileOf('image.excalidraw', '', example('image'))], [400, 300])
  await ann.shapes(3)
  await uploaded(ann)
  const { name, file } = await exported(ann, 'easel')
  expect(name).toBe('Plan.easel')
  const bob = await join(other.links.edit)
  await drop(bob, [fileOf(name, '', file)], [400, 300])
  await bob.shapes(3)
  await uploaded(bob)
  const strip = (all: Record<string, Record<string, unknown>>) => Object.fromEntries(Object.entries(all).map(([id, { z: _, ...rest }]) => [id, rest]))
  expect(strip(await records(bob))).toEqual(strip(await records(ann)))
})

test('a board file brings its comments along, and nothing else shows them', async ({ server, join }) => {
  const [one, other] = [await server.createBoard('Plan'), await server.createBoard()]
  const ann = await join(one.links.edit, { name: 'Ann' })
  await ann.draw('rect', [300, 200], [500, 300])
  await ann.page.keyboard.press('Alt+c')
  await ann.page.mouse.click(500, 250)
  await ann.page.getByTestId('comment-input').fill('Wider, please')
  await ann.page.getByTestId('comment-input').press('Enter')
  await ann.page.keyboard.press('Escape')
  await ann.saved()
  for (const format of ['svg', 'excalidraw']) expect((await exported(ann, format)).file.toString()).not.toContain('Wider')
  const { name, file } = await exported(ann, 'easel')
  const bob = await join(other.links.edit, { name: 'Bob' })
  await drop(bob, [fileOf(name, '', file)], [400, 300])
  await bob.saved()
  await bob.page.getByTestId('pin').click()
  await expect(bob.page.getByTestId('comment')).toContainText('Ann, added by Bob')
  await expect(bob.page.locator('.comment-text')).toHaveText('Wider, please')
})

test('the selection is copied as a picture by the keys', async ({ board, join }) => {
  const ann = await join(board.links.edit, { permissions: ['clipboard-read', 'clipboard-write'] })
  await drop(ann, [fileOf('red.png', 'image/png', png(100, 50, [255, 0, 0]))], [400, 300])
  await ann.shapes(1)
  await uploaded(ann)
  await ann.page.keyboard.press('Alt+Shift+C')
  await expect(ann.page.getByText('Copied as PNG')).toBeVisible()
  const size = await ann.page.evaluate(async () => {
    const [item] = await navigator.clipboard.read()
    const bitmap = await createImageBitmap(await item!.getType('image/png'))
    return [bitmap.width, bitmap.height]
  })
  expect(size).toEqual([2 * (100 + 32), 2 * (50 + 32)])
  await ann.page.keyboard.press('Control+Shift+C')
  await expect(ann.page.getByText('Copied as SVG')).toBeVisible()
  expect(await ann.page.evaluate(() => navigator.clipboard.readText())).toContain('<svg')
})

test('the selection is copied for Excalidraw as the text that it pastes', async ({ board, join }) => {
  const ann = await join(board.links.edit, { permissions: ['clipboard-read', 'clipboard-write'] })
  await paste(ann, { 'text/plain': 'Hello' })
  await ann.shapes(1)
  await ann.page.keyboard.press('Control+k')
  await ann.page.getByTestId('palette-input').fill('Copy for Excalidraw')
  await ann.page.keyboard.press('Enter')
  await expect(ann.page.getByText('Copied as Excalidraw')).toBeVisible()
  const copied = JSON.parse(await ann.page.evaluate(() => navigator.clipboard.readText())) as unknown
  expect(copied).toMatchObject({ type: 'excalidraw', elements: [{ type: 'text', text: 'Hello' }] })
})

test('ten thousand shapes come in without a stop, and leave as a picture of 8000 × 8000', async ({ board, join }) => {
  test.slow()
  const ann = await join(board.links.edit)
  const elements = Array.from({ length: 10_000 }, (_, i) => ({ id: `shape-${i}`, type: i % 3 ? 'rectangle' : 'ellipse', x: 40 * (i % 100), y: 40 * Math.floor(i / 100), width: 40, height: 40, strokeColor: '#1e1e1e', backgroundColor: i % 2 ? '#a5d8ff' : 'transparent', fillStyle: 'solid', strokeWidth: 2 }))
  await ann.page.evaluate(() => {
    const page = window as unknown as { longest: number }
    page.longest = 0
    new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (page.longest = Math.max(page.longest, duration)))).observe({ entryTypes: ['longtask'] })
  })
  await drop(ann, [fileOf('many.excalidraw', '', JSON.stringify({ type: 'excalidraw', version: 2, elements }))], [400, 300])
  await expect(ann.root).toHaveAttribute('data-shapes', '10000', { timeout: 300_000 })
  const longest = await ann.page.evaluate(() => (window as unknown as { longest: number }).longest)
  console.log(`longest task of the import: ${Math.round(longest)} ms`)
  await expect(ann.root).toHaveAttribute('data-status', 'saved', { timeout: 300_000 })
  const { file } = await exported(ann, 'png', async (page) => {
    await page.getByTestId('export-what').selectOption('board')
    await page.getByTestId('export-padding').selectOption('0')
    await page.getByTestId('export-scale').selectOption('2')
  })
  expect(file.readUInt32BE(16)).toBeGreaterThanOrEqual(8000)
  expect(file.readUInt32BE(20)).toBeGreaterThanOrEqual(8000)
  const picture = decodePng(file)
  // The inside of a filled shape in the last row, far from the first tile.
  expect(picture.at(80 * 99 + 40, 80 * 99 + 40)).toEqual([0xa5, 0xd8, 0xff, 255])
})
