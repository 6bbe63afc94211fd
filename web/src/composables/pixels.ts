import type { Session } from '../sync/session'
import { afterFrame } from '../transport/scheduler'

/** How long what surrounds a board waits for the board, in ms, and what is of use only with its content for that. */
const PATIENCE = 300
const CONTENT = 1500

/** Resolves when something of the board is on the screen, or when that takes too long. */
export async function firstPixels(session: Session): Promise<void> {
  await within(PATIENCE, session, (done) => session.onArrival(done))
  // The frame in which they are painted, and the one that comes when it is on the screen.
  await afterFrame()
  await afterFrame()
}

/** Resolves when all of the board is there, or when that takes too long. */
export function content(session: Session): Promise<void> {
  return within(CONTENT, session, () => () => undefined)
}

function within(ms: number, session: Session, listen: (done: () => void) => () => void): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(done, ms)
    const ends = [listen(done), session.subscribe(look)]
    look()

    function look(): void {
      if (session.loaded) done()
    }

    function done(): void {
      clearTimeout(late)
      for (const end of ends) end()
      resolve()
    }
  })
}
