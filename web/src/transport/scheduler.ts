import { systemRandom } from '../board/ids'
import type { Scheduler } from '../sync/ports'

/** Resolves when the page has nothing else to do, or soon after. */
export function systemPause(): Promise<void> {
  const hasIdle = typeof requestIdleCallback === 'function'
  return new Promise((resolve) => (hasIdle ? requestIdleCallback(() => resolve(), { timeout: 200 }) : setTimeout(resolve, 8)))
}

/** Resolves as soon as what waits has had its turn: input, frames. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

/** How long a frame is waited for, in ms: a page that is hidden has none. */
const PATIENCE = 300

/** Resolves after the next frame; a little later if there is none. */
export function afterFrame(): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, PATIENCE)
    requestAnimationFrame(() => {
      clearTimeout(late)
      setTimeout(resolve)
    })
  })
}

/** This machine's clock, timers and chance. */
export const systemScheduler: Scheduler = {
  now: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
  random: systemRandom,
}
