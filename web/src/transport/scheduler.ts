import { systemRandom } from '../board/ids'
import type { Scheduler } from '../sync/ports'

/** The pointers that are down, and what waits for the last one to be lifted. */
const down = new Set<number>()
const waiting: (() => void)[] = []

function lift({ pointerId }: PointerEvent): void {
  down.delete(pointerId)
  if (down.size === 0) for (const go of waiting.splice(0)) go()
}

if (typeof window !== 'undefined') {
  addEventListener('pointerdown', ({ pointerId }) => down.add(pointerId), { capture: true, passive: true })
  for (const type of ['pointerup', 'pointercancel'] as const) addEventListener(type, lift, { capture: true, passive: true })
}

/** Resolves when nobody draws or drags and the page has nothing else to do, or soon after. */
export async function systemPause(): Promise<void> {
  while (down.size > 0) await new Promise<void>((resolve) => waiting.push(resolve))
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
