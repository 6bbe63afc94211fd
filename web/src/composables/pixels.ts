import type { Session } from '../sync/session'

/** How long what surrounds a board waits for the board, in ms. */
const PATIENCE = 300
/** The same for the frame that shows it: a page that is hidden has none. */
const FRAME = 100

/** How long what is of use only with a board's content waits for it, in ms. */
const CONTENT = 600

/** Resolves when all of the board is there, or when that takes too long. */
export function content(session: Session): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(done, CONTENT)
    const end = session.subscribe(() => session.loaded && done())
    if (session.loaded) done()

    function done(): void {
      clearTimeout(late)
      end()
      resolve()
    }
  })
}

/** Resolves when something of the board is on the screen, or when that takes too long. */
export function firstPixels(session: Session): Promise<void> {
  return new Promise((resolve) => {
    let late = setTimeout(done, PATIENCE)
    const ends = [session.onArrival(shown), session.subscribe(() => session.loaded && shown())]
    if (session.loaded) shown()

    function shown(): void {
      for (const end of ends.splice(0)) end()
      clearTimeout(late)
      late = setTimeout(done, FRAME)
      requestAnimationFrame(() => setTimeout(done))
    }

    function done(): void {
      clearTimeout(late)
      for (const end of ends.splice(0)) end()
      resolve()
    }
  })
}
