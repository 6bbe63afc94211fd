import { systemRandom } from '../board/ids'
import type { Scheduler } from '../sync/ports'

/** This machine's clock, timers and chance. */
export const systemScheduler: Scheduler = {
  now: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
  random: systemRandom,
}
