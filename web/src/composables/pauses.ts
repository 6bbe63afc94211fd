import type { Steps } from '../access/steps'
import { inPause } from '../canvas/pause'

/** Does long work in the page's pauses, a little at a time; returns how to give it up. */
export function inPauses<T>(steps: Steps<T>, then: (result: T) => void): () => void {
  let cancel = inPause(work)

  function work(end: number): void {
    while (performance.now() < end) {
      const { done, value } = steps.next()
      if (done) return then(value)
    }
    cancel = inPause(work)
  }

  return () => cancel()
}
