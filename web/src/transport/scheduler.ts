import { systemRandom } from '../board/ids'
import type { Scheduler } from '../sync/ports'

/** Resolves when the page has nothing else to do, or soon after. */
export function systemPause(): Promise<void> {
  const hasIdle = typeof requestIdleCallback === 'function'
  return new Promise((resolve) => (hasIdle ? requestIdleCallback(() => resolve(), { timeout: 200 }) : setTimeout(resolve, 8)))
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
