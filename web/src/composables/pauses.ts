import type { Steps } from '../access/steps'

/** Ms of work at a time, and how long a pause is waited for at most. */
const BUDGET = 4
const PATIENCE = 1000

/** Does long work in the page's pauses, a little at a time; returns how to give it up. */
export function inPauses<T>(steps: Steps<T>, then: (result: T) => void): () => void {
  let cancel = ask(work)

  function work(): void {
    const end = performance.now() + BUDGET
    do {
      const { done, value } = steps.next()
      if (done) return then(value)
    } while (performance.now() < end)
    cancel = ask(work)
  }

  return () => cancel()
}

function ask(fn: () => void): () => void {
  if (typeof requestIdleCallback === 'function') {
    const id = requestIdleCallback(fn, { timeout: PATIENCE })
    return () => cancelIdleCallback(id)
  }
  const timer = setTimeout(fn, 2 * BUDGET)
  return () => clearTimeout(timer)
}
