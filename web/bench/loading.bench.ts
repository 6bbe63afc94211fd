import { expect, type BrowserContext, type Page } from '@playwright/test'
import { withBench } from './easel'
import { VIEW } from './generator'
import { heap, median, undisturbed } from './measure'
import { openPeer } from './peer'
import { report } from './report'
import { test } from './test'

const N = 50_000
const RUNS = 3

test('load and open again', async ({ browser, boards, peer }) => {
  const board = await boards(N)
  const link = withBench(board.links.edit)
  const context = await browser.newContext({ viewport: VIEW })
  const other = await browser.newContext({ viewport: VIEW })
  const fresh: Times[] = []
  const again: Times[] = []
  const theirs: number[] = []
  await timed(context, link)
  if (peer !== undefined) await openPeer(await other.newPage(), peer, N)
  for (let i = 0; i < RUNS; i++) {
    fresh.push(await undisturbed(() => timed(context, link, true)))
    if (peer !== undefined) theirs.push(await timedPeer(other, peer))
  }
  await kept(context, link)
  for (let i = 0; i < RUNS; i++) again.push(await undisturbed(() => timed(context, link)))
  const of = (pick: keyof Times) => median(fresh.map((run) => run[pick]))
  report({ work: 'load 50000 shapes, first paint', unit: 'ms', goal: '≤ 400', easel: of('pixels') })
  report({ work: 'load 50000 shapes, interactive', unit: 'ms', goal: '≤ 1200', easel: of('interactive'), excalidraw: peer === undefined ? undefined : median(theirs) })
  report({ work: 'open 50000 shapes again, pixels of the board', unit: 'ms', goal: '≤ 300', easel: median(again.map(({ pixels }) => pixels)) })
  await context.setOffline(true)
  const offline = await undisturbed(() => timed(context, link))
  report({ work: 'open 50000 shapes again, offline', unit: 'ms', goal: '≤ 300', easel: offline.pixels })
  await context.close()
  await other.close()
})

test('heap with 50 000 shapes', async ({ easel, excalidraw }) => {
  const ours = await easel(N)
  await ours.waitForTimeout(Number(process.env.BENCH_IDLE ?? 10) * 1000)
  const theirs = await excalidraw(N)
  report({ work: 'heap, 50000 shapes', unit: 'MB', goal: '≤ 120', easel: await heap(ours), excalidraw: theirs && (await heap(theirs)) })
  const bytes = await ours.evaluate(() => window.__easel!.stats().tileBytes)
  report({ work: 'tiles, 50000 shapes', unit: 'MB', goal: '≤ 96', easel: bytes / 1e6 })
})

interface Times {
  /** Something of the board: shapes, or a picture of it. */
  readonly pixels: number
  /** All shapes can be edited. */
  readonly interactive: number
}

/** From the start of navigation, in ms. */
async function timed(context: BrowserContext, link: string, fresh = false): Promise<Times> {
  const page = await context.newPage()
  if (fresh) await forget(page, link)
  await page.addInitScript((n) => {
    const times = { pixels: 0, interactive: 0 }
    Object.assign(window, { times })
    const probe = document.createElement('canvas')
    const pen = probe.getContext('2d', { willReadFrequently: true })!
    const isBlank = (canvas: HTMLCanvasElement) => {
      pen.clearRect(0, 0, probe.width, probe.height)
      pen.drawImage(canvas, 0, 0, probe.width, probe.height)
      return pen.getImageData(0, 0, probe.width, probe.height).data.every((value) => value === 0)
    }
    const frame = () => {
      const canvases = times.pixels ? [] : [...document.querySelectorAll<HTMLCanvasElement>('canvas.early, canvas.tiles')]
      if (canvases.some((canvas) => !isBlank(canvas))) times.pixels = performance.now()
      const shapes = document.querySelector('[data-board]')?.getAttribute('data-shapes')
      if (!times.interactive && Number(shapes) >= n) times.interactive = performance.now()
      if (!times.pixels || !times.interactive) requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  }, N)
  await page.goto(link)
  const times = await page.waitForFunction(() => {
    const { times } = window as unknown as { times: Times }
    return times.pixels && times.interactive ? times : undefined
  })
  const result = await times.jsonValue()
  await page.close()
  expect(result).toBeDefined()
  return result!
}

/** Looks at the board until the browser has kept it and its picture, and the files that the page needs without a network. */
async function kept(context: BrowserContext, link: string): Promise<void> {
  const page = await context.newPage()
  await page.goto(link)
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  const pictures = () =>
    page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const opening = indexedDB.open('easel-boards')
          opening.onsuccess = () => {
            const reading = opening.result.transaction('likenesses').objectStore('likenesses').count()
            reading.onsuccess = () => resolve(reading.result)
            opening.result.close()
          }
        }),
    )
  await expect.poll(pictures, { intervals: [1000], timeout: 60_000 }).toBe(1)
  await page.close()
}

/** Drops what the browser keeps of boards; its HTTP cache stays warm. */
async function forget(page: Page, link: string): Promise<void> {
  await page.goto(new URL('/', link).href)
  await page.evaluate(async () => {
    for (const { name } of await indexedDB.databases()) if (name) indexedDB.deleteDatabase(name)
    localStorage.removeItem('easel.kept')
  })
}

async function timedPeer(context: BrowserContext, url: string): Promise<number> {
  const page = await context.newPage()
  await openPeer(page, url, N)
  const time = await page.evaluate(() => performance.now())
  await page.close()
  return time
}
