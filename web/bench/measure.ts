import type { CDPSession, Page } from '@playwright/test'
import { readFileSync } from 'node:fs'

/** What other virtual machines may take of one core, as a share of the time, before a run counts as disturbed. */
const MOST_STOLEN = 0.05
/** How often a run is made again at most. */
const MOST_AGAIN = 3
/** The kernel's unit of time in /proc/stat, in ms: proc_stat(5). */
const TICK = 10

/** The times between frames, in ms, and what follows from them. */
export interface Frames {
  readonly fps: number
  readonly p95: number
  readonly worst: number
}

/**
 * Turns the wheel by some pixels in every frame, for some time, over the middle of an element; afterwards, unmeasured,
 * all the way back.
 */
export async function pan(page: Page, selector: string, [deltaX, deltaY]: readonly [number, number], ms = 3000): Promise<Frames> {
  const intervals = await page.evaluate(
    ([selector, deltaX, deltaY, ms]) =>
      new Promise<number[]>((resolve) => {
        const target = document.querySelector(selector)!
        const { left, top, width, height } = target.getBoundingClientRect()
        const init = { deltaX, deltaY, clientX: left + width / 2, clientY: top + height / 2, bubbles: true, cancelable: true }
        const times: number[] = []
        const frame = (now: number) => {
          times.push(now)
          if (now - times[0]! > ms) {
            const back = 1 - times.length
            target.dispatchEvent(new WheelEvent('wheel', { ...init, deltaX: back * deltaX, deltaY: back * deltaY }))
            return resolve(times.slice(1).map((time, i) => time - times[i]!))
          }
          target.dispatchEvent(new WheelEvent('wheel', init))
          requestAnimationFrame(frame)
        }
        requestAnimationFrame(frame)
      }),
    [selector, deltaX, deltaY, ms] as const,
  )
  return frames(intervals)
}

export function frames(intervals: readonly number[]): Frames {
  const sum = intervals.reduce((a, b) => a + b, 0)
  return { fps: (1000 * intervals.length) / sum, p95: percentile(intervals, 0.95), worst: Math.max(...intervals) }
}

/**
 * Makes a run, and makes it again, saying so, while other virtual machines on the same hardware disturb it; returns the
 * least disturbed. The run is told whether it is made again: it may have to start from where it did before.
 */
export async function undisturbed<T>(run: (isAgain: boolean) => Promise<T>): Promise<T> {
  let best: { readonly result: T; readonly stolen: number } | undefined
  for (let i = 0; i <= MOST_AGAIN; i++) {
    const [begun, before] = [Date.now(), stolenTime()]
    const result = await run(i > 0)
    const stolen = (stolenTime() - before) / (Date.now() - begun)
    if (!best || stolen < best.stolen) best = { result, stolen }
    if (stolen <= MOST_STOLEN) break
    console.log(`  other machines took ${(100 * stolen).toFixed(1)} % of a core${i < MOST_AGAIN ? '; once more' : ''}`)
  }
  return best!.result
}

/** For how long, in ms, the processors of this machine have been somebody else's; 0 where that is not known. */
function stolenTime(): number {
  try {
    return TICK * Number(readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.split(/\s+/)[8] ?? 0)
  } catch {
    return 0
  }
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

/** What is held weakly, and code that is not used any more, goes only after some collections. */
const COLLECTIONS = 3

/** The JavaScript heap after garbage collection, in MB. */
export async function heap(page: Page): Promise<number> {
  const cdp = await page.context().newCDPSession(page)
  for (let i = 0; i < COLLECTIONS; i++) await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = await cdp.send('Runtime.getHeapUsage')
  await cdp.detach()
  return usedSize / 1e6
}

/** What the page's main thread was busy with while `work` ran, as a share of the time. */
export async function busy(page: Page, work: () => Promise<void>): Promise<number> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable')
  const before = await metrics(cdp)
  await work()
  const after = await metrics(cdp)
  await cdp.detach()
  return (after['TaskDuration']! - before['TaskDuration']!) / (after['Timestamp']! - before['Timestamp']!)
}

async function metrics(cdp: CDPSession): Promise<Record<string, number>> {
  const { metrics } = await cdp.send('Performance.getMetrics')
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
}

/** Draws with a pen along a spiral, so many samples of it per call of `then`. */
export async function penStroke(page: Page, samples: number, perFrame: number): Promise<void> {
  const cdp = await page.context().newCDPSession(page)
  const send = (type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', i: number) => {
    const angle = i / 12
    const x = 640 + (40 + i / 4) * Math.cos(angle)
    const y = 400 + (40 + i / 4) * Math.sin(angle)
    return cdp.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', buttons: 1, clickCount: 1, pointerType: 'pen', force: 0.5 })
  }
  await send('mousePressed', 0)
  for (let i = 1; i < samples; i += perFrame) {
    await Promise.all(Array.from({ length: Math.min(perFrame, samples - i) }, (_, k) => send('mouseMoved', i + k)))
  }
  await send('mouseReleased', samples - 1)
  await cdp.detach()
}

/** What was watched while a stroke was drawn. */
export interface Stroke {
  /** How long handlers of pointermove took, in ms. */
  readonly handlers: readonly number[]
  readonly gaps: readonly Gap[]
}

/** Between two frames: how long, and when it was over, in ms after the stroke began and ended. */
export interface Gap {
  readonly ms: number
  readonly afterDown: number
  readonly afterUp: number
}

/** What is felt as part of a stroke, in ms before it begins and after it has ended. */
const BEFORE = 100
const AFTER = 200

/** Draws a stroke as penStroke does; watches it, and what is felt as part of it. */
export async function watchStroke(page: Page, samples: number): Promise<Stroke> {
  await page.evaluate(() => {
    const watched = { handlers: [] as number[], frames: [] as number[], down: 0, up: 0 }
    const end = new AbortController()
    const on = (name: string, fn: () => void, capture: boolean) => addEventListener(name, fn, { capture, signal: end.signal })
    let start = 0
    on('pointerdown', () => (watched.down = performance.now()), true)
    on('pointerup', () => (watched.up = performance.now()), true)
    on('pointermove', () => (start = performance.now()), true)
    on('pointermove', () => watched.handlers.push(performance.now() - start), false)
    const frame = (now: number) => {
      watched.frames.push(now)
      if (!end.signal.aborted) requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
    Object.assign(window, { watched, endWatch: () => end.abort() })
  })
  await page.waitForTimeout(3 * BEFORE)
  await penStroke(page, samples, 1)
  await page.waitForTimeout(2 * AFTER)
  const { handlers, frames, down, up } = await page.evaluate(() => {
    const { watched, endWatch } = window as unknown as { watched: { handlers: number[]; frames: number[]; down: number; up: number }; endWatch(): void }
    endWatch()
    return watched
  })
  const gaps = frames.slice(1).map((time, i) => ({ ms: time - frames[i]!, afterDown: time - down, afterUp: time - up }))
  return { handlers, gaps: gaps.filter(({ ms, afterDown, afterUp }) => afterDown > -BEFORE && afterUp - ms < AFTER) }
}
