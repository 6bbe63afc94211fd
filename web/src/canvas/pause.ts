/** Ms of work at a time, unless said otherwise, and how long a pause is waited for at most. */
const BUDGET = 4
const PATIENCE = 1000
/** Ms of a pause that are left to whatever the browser has to do before the next frame. */
const LEFT = 3

/** Calls `fn` in the page's next pause with the time, as performance.now() tells it, when it should end, after `most` ms or earlier; returns how to give it up. */
export function inPause(fn: (end: number) => void, most = BUDGET): () => void {
  if (typeof requestIdleCallback === 'function') {
    const work = (pause: IdleDeadline) => {
      const time = pause.didTimeout ? BUDGET : Math.min(pause.timeRemaining() - LEFT, most)
      fn(performance.now() + time)
    }
    const id = requestIdleCallback(work, { timeout: PATIENCE })
    return () => cancelIdleCallback(id)
  }
  const timer = setTimeout(() => fn(performance.now() + BUDGET), 2 * BUDGET)
  return () => clearTimeout(timer)
}
