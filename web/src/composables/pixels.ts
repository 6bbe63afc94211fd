import type { Session } from '../sync/session'

/** How long what surrounds a board waits for the board, in ms. */
const PATIENCE = 150

/** Resolves when something of the board is on the screen, or when that takes too long. */
export function firstPixels(session: Session): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(done, PATIENCE)
    const ends = [session.onArrival(shown), session.subscribe(() => session.loaded && shown())]

    function shown(): void {
      for (const end of ends) end()
      requestAnimationFrame(() => setTimeout(done))
    }

    function done(): void {
      clearTimeout(late)
      for (const end of ends) end()
      resolve()
    }
  })
}
