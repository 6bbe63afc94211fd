import { expect, type Page } from '@playwright/test'
import { strokePoints } from '../src/geometry/points'
import { withBench } from './easel'
import { busy, frames, penStroke, percentile, undisturbed, watchStroke, type Gap, type Stroke } from './measure'
import { type Peer } from './peer'
import { report } from './report'
import { test } from './test'

const SAMPLES = 600
/** On so many pages a stroke is drawn, which is the hardest as it is the first after loading, and then so many shorter ones. */
const PAGES = 3
const MORE = 5
const MORE_SAMPLES = 60
/** Longer than this between two frames, in ms, and one was dropped. */
const DROPPED = 25

test('strokes over 50 000 shapes, the first of 600 samples', async ({ easel, excalidraw }) => {
  const strokes: Stroke[] = []
  for (let i = 0; i < PAGES; i++) {
    let ours: Page | undefined
    const first = await undisturbed(async () => {
      await ours?.context().close()
      ours = await easel(50_000)
      await ours.bringToFront()
      await ours.keyboard.press('p')
      return watchStroke(ours, SAMPLES)
    })
    strokes.push(first)
    for (let k = 0; k < MORE; k++) strokes.push(await undisturbed(() => watchStroke(ours!, MORE_SAMPLES)))
    await ours?.context().close()
  }
  const theirs = await excalidraw(50_000)
  const peer: Stroke[] = []
  await theirs?.bringToFront()
  await theirs?.evaluate(() => (window as never as Required<Peer>).excalidraw.setActiveTool({ type: 'freedraw' }))
  for (let k = 0; theirs && k <= MORE; k++) peer.push(await watchStroke(theirs, k === 0 ? SAMPLES : MORE_SAMPLES))
  const gaps = (strokes: readonly Stroke[]) => strokes.flatMap(({ gaps }) => gaps)
  const dropped = (strokes: readonly Stroke[]) => (100 * gaps(strokes).filter(isDropped).length) / gaps(strokes).length
  const handler = (strokes: readonly Stroke[]) => percentile(strokes.flatMap(({ handlers }) => handlers), 0.95)
  const p95 = (strokes: readonly Stroke[]) => frames(gaps(strokes).map(({ ms }) => ms)).p95
  const row = (of: (strokes: readonly Stroke[]) => number) => ({ easel: of(strokes), excalidraw: theirs && of(peer) })
  for (const [i, { gaps }] of strokes.entries()) tellDropped(i + 1, gaps)
  report({ work: 'ink over 50000 shapes, handler p95', unit: 'ms', goal: '< 2', ...row(handler) })
  report({ work: 'ink over 50000 shapes, frame p95', unit: 'ms', goal: '≤ 20', ...row(p95) })
  report({ work: 'ink over 50000 shapes, frames dropped', unit: '%', goal: '0', ...row(dropped) })
})

test('four samples a frame', async ({ server, browser, excalidraw }) => {
  const board = await server.createBoard()
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage()
  await page.goto(withBench(board.links.edit))
  await page.locator('[data-board][data-status=saved]').waitFor()
  await page.keyboard.press('p')
  await penStroke(page, SAMPLES, 4)
  const points = () =>
    page.evaluate(() => [...window.__easel!.session.document.records()].map(([, props]) => props))
  await expect.poll(async () => (await points()).length).toBe(1)
  await page.locator('[data-board][data-status=saved]').waitFor()
  const stored = Math.max(...(await points()).map((props) => strokePoints(props).length))
  const theirs = await excalidraw(0)
  await theirs?.evaluate(() => (window as never as Required<Peer>).excalidraw.setActiveTool({ type: 'freedraw' }))
  if (theirs) await penStroke(theirs, SAMPLES, 4)
  const elements = await theirs?.evaluate(() => (window as never as Required<Peer>).excalidraw.getSceneElements().map(({ points }) => points?.length ?? 0))
  const share = (count: number) => (100 * count) / SAMPLES
  report({ work: 'samples stored of 4 a frame', unit: '%', goal: '≥ 95', easel: share(stored), excalidraw: elements && share(Math.max(...elements)) })
  await page.context().close()
})

test('a stroke of five seconds on the wire', async ({ server, browser }) => {
  const board = await server.createBoard()
  const [drawer, viewer] = [await browser.newPage(), await browser.newPage()]
  let [sent, received] = [0, 0]
  const size = (payload: string | Buffer) => Buffer.byteLength(payload)
  drawer.on('websocket', (socket) => socket.on('framesent', ({ payload }) => (sent += size(payload))))
  viewer.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => (received += size(payload))))
  for (const page of [viewer, drawer]) {
    await page.goto(board.links.edit)
    await page.locator('[data-board][data-status=saved]').waitFor()
  }
  await drawer.bringToFront()
  await drawer.keyboard.press('p')
  const before = [sent, received] as const
  await slowStroke(drawer, 5000)
  await expect(viewer.locator('[data-board][data-shapes="1"]')).toBeVisible()
  await drawer.locator('[data-board][data-status=saved]').waitFor()
  report({ work: 'stroke of 5 s, sent', unit: 'KiB', goal: '≤ 25', easel: (sent - before[0]) / 1024 })
  report({ work: 'stroke of 5 s, received by a viewer', unit: 'KiB', goal: '≤ 25', easel: (received - before[1]) / 1024 })
  await drawer.close()
  await viewer.close()
})

test('5 000 changes a second from others', async ({ easel }) => {
  const page = await easel(10_000)
  const share = await undisturbed(() => busy(page, () => applyRemote(page, 5000, 3)))
  report({ work: '5000 remote changes/s, main thread', unit: '%', goal: '≤ 30', easel: 100 * share })
})

const isDropped = ({ ms }: Gap) => ms > DROPPED

function tellDropped(stroke: number, gaps: readonly Gap[]): void {
  for (const { ms, afterDown, afterUp } of gaps.filter(isDropped)) {
    console.log(`  stroke ${stroke}: ${ms.toFixed(0)} ms without a frame until ${afterDown.toFixed(0)} ms after it began, ${afterUp.toFixed(0)} ms after it ended`)
  }
}

/** A pen that moves at 60 samples a second. */
async function slowStroke(page: Page, ms: number): Promise<void> {
  const cdp = await page.context().newCDPSession(page)
  const send = (type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', i: number) =>
    cdp.send('Input.dispatchMouseEvent', {
      ...{ type, button: 'left', buttons: 1, clickCount: 1, pointerType: 'pen', force: 0.5 },
      ...{ x: 400 + 300 * Math.sin(i / 20), y: 400 + 200 * Math.sin(i / 13) },
    })
  await send('mousePressed', 0)
  const start = Date.now()
  let i = 1
  for (; Date.now() - start < ms; i++) {
    await send('mouseMoved', i)
    await page.waitForTimeout(Math.max(0, start + i * 16.7 - Date.now()))
  }
  await send('mouseReleased', i)
  await cdp.detach()
}

/** Merges ops as they come from others, a batch every 20 ms, for so many seconds. */
function applyRemote(page: Page, perSecond: number, seconds: number): Promise<void> {
  return page.evaluate(
    ([perSecond, seconds]) =>
      new Promise<void>((resolve) => {
        const { document: board } = window.__easel!.session
        const ids = [...board.records()].map(([id]) => id)
        const start = performance.now()
        let done = 0
        const timer = setInterval(() => {
          const elapsed = performance.now() - start
          const ops = []
          for (; done < (elapsed / 1000) * perSecond; done++) {
            const time = (Date.now() * 1).toString(36).padStart(9, '0') + (done % 46656).toString(36).padStart(3, '0')
            ops.push({ stamp: `${time}remoteperson1`, id: ids[(done * 7919) % ids.length]!, patch: { color: done % 2 ? 'red' : 'green' } })
          }
          board.applyRemote(ops)
          if (elapsed < seconds * 1000) return
          clearInterval(timer)
          resolve()
        }, 20)
      }),
    [perSecond, seconds] as const,
  )
}
