import type { Page } from '@playwright/test'
import { sharp } from './easel'
import { frames, median, pan, undisturbed, type Frames } from './measure'
import { PEER_CANVAS, type Peer } from './peer'
import { report } from './report'
import { test } from './test'

const CANVAS = '[data-testid=canvas]'
const RUNS = 3
/** Which way to pan in each run: from the middle to where nothing has been painted yet, and not off the board. */
const WAYS = [[6, 4], [-6, 4], [-6, -4]] as const
/** Beyond this, Excalidraw takes minutes and is left out. */
const PEER_LIMIT = 50_000

const PANS = [
  { n: 10_000, fps: '≥ 58', p95: '≤ 20' },
  { n: 50_000, fps: '≥ 55', p95: '≤ 22' },
  { n: 100_000, fps: '≥ 50', p95: '≤ 25' },
]

for (const { n, fps, p95 } of PANS) {
  test(`pan over ${n} shapes`, async ({ easel, excalidraw }) => {
    let ours = await easel(n)
    const theirs = n <= PEER_LIMIT ? await excalidraw(n) : undefined
    const runs: { easel: Frames; provisional: number; excalidraw: Frames | undefined }[] = []
    for (const way of WAYS) {
      const own = await undisturbed(async (isAgain) => {
        if (isAgain) {
          // There, what was panned over is painted already.
          await ours.context().close()
          ours = await easel(n)
        }
        await ours.bringToFront()
        const provisional = shareOfProvisional(ours)
        return { easel: await pan(ours, CANVAS, way), provisional: await provisional }
      })
      runs.push({ ...own, excalidraw: theirs && (await inFront(theirs, () => pan(theirs, PEER_CANVAS, way))) })
    }
    const of = (pick: (frames: Frames) => number) => ({
      easel: median(runs.map(({ easel }) => pick(easel))),
      ...(theirs && { excalidraw: median(runs.map(({ excalidraw }) => pick(excalidraw!))) }),
    })
    report({ work: `pan, ${n} shapes`, unit: 'frames/s', goal: fps, ...of(({ fps }) => fps) })
    report({ work: `pan, ${n} shapes, p95`, unit: 'ms', goal: p95, ...of(({ p95 }) => p95) })
    if (n === 100_000) {
      report({ work: `pan, ${n} shapes, provisional tiles`, unit: '%', goal: '≤ 8', easel: median(runs.map(({ provisional }) => 100 * provisional)) })
    }
  })
}

test('zoom over 50 000 shapes to a tenth and back', async ({ easel, excalidraw }) => {
  const ours = await easel(50_000)
  const theirs = await excalidraw(50_000)
  const runs: { easel: Frames; sharp: number; excalidraw: Frames | undefined }[] = []
  for (let i = 0; i < RUNS; i++) {
    await ours.bringToFront()
    const own = await undisturbed(async () => {
      const easel = frames(await zoom(ours))
      const stopped = Date.now()
      await sharp(ours)
      return { easel, sharp: Date.now() - stopped }
    })
    runs.push({ ...own, excalidraw: theirs && (await inFront(theirs, async () => frames(await zoomPeer(theirs)))) })
  }
  const p95 = (pick: 'easel' | 'excalidraw') => median(runs.map((run) => run[pick]!.p95))
  report({ work: 'zoom, 50000 shapes, p95', unit: 'ms', goal: '≤ 25', easel: p95('easel'), excalidraw: theirs && p95('excalidraw') })
  report({ work: 'zoom, 50000 shapes, sharp after', unit: 'ms', goal: '≤ 300', easel: median(runs.map((run) => run.sharp)) })
})

async function inFront<T>(page: Page, work: () => Promise<T>): Promise<T> {
  await page.bringToFront()
  return work()
}

/** The share of visible tiles that were not final, on average over three seconds of frames. */
function shareOfProvisional(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const shares: number[] = []
        const end = performance.now() + 3000
        const frame = (now: number) => {
          shares.push(window.__easel!.stats().provisional)
          if (now < end) requestAnimationFrame(frame)
          else resolve(shares.reduce((a, b) => a + b, 0) / shares.length)
        }
        requestAnimationFrame(frame)
      }),
  )
}

/** Zooms by the wheel, 100 % to 10 % and back within two seconds; returns the times between frames. */
function zoom(page: Page): Promise<number[]> {
  return page.evaluate(
    (selector) =>
      new Promise<number[]>((resolve) => {
        const target = document.querySelector(selector)!
        const { left, top, width, height } = target.getBoundingClientRect()
        const times: number[] = []
        let shown = 0
        const frame = (now: number) => {
          times.push(now)
          const elapsed = now - times[0]!
          if (elapsed > 2000) return resolve(times.slice(1).map((time, i) => time - times[i]!))
          const wanted = Math.log(10) * (1 - Math.abs(1 - elapsed / 1000))
          const init = { deltaY: 100 * (wanted - shown), ctrlKey: true, clientX: left + width / 2, clientY: top + height / 2 }
          target.dispatchEvent(new WheelEvent('wheel', { ...init, bubbles: true, cancelable: true }))
          shown = wanted
          requestAnimationFrame(frame)
        }
        requestAnimationFrame(frame)
      }),
    CANVAS,
  )
}

/** The same for Excalidraw, whose wheel has a measure of its own: by its interface. */
function zoomPeer(page: Page): Promise<number[]> {
  return page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const times: number[] = []
        const frame = (now: number) => {
          times.push(now)
          const elapsed = now - times[0]!
          if (elapsed > 2000) return resolve(times.slice(1).map((time, i) => time - times[i]!))
          const value = Math.exp(-Math.log(10) * (1 - Math.abs(1 - elapsed / 1000)))
          ;(window as never as Required<Peer>).excalidraw.updateScene({ appState: { zoom: { value } } })
          requestAnimationFrame(frame)
        }
        requestAnimationFrame(frame)
      }),
  )
}
