import { packHistory, unpackHistory } from '../board/keephistory'
import type { Session } from '../sync/session'

/** Keeps what can be undone as long as the tab lives: a reload, or a look at another board, takes nothing away. Returns how to end that. */
export function keepHistory(board: string, { document: { history } }: Session): () => void {
  const key = `easel.undo.${board}`
  const kept = stored(() => sessionStorage.getItem(key))
  const past = kept ? unpackHistory(kept) : undefined
  if (past) history.resume(past)
  const keep = () => void stored(() => sessionStorage.setItem(key, packHistory(history.stacks)))
  window.addEventListener('pagehide', keep)
  return () => {
    keep()
    window.removeEventListener('pagehide', keep)
  }
}

/** A browser may refuse to store anything, or may be full. */
function stored<T>(fn: () => T): T | undefined {
  try {
    return fn()
  } catch {
    return undefined
  }
}
