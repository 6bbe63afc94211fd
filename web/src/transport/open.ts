import { Session } from '../sync/session'
import type { HttpApi } from './api'
import { earlyOf } from './early'
import { systemScheduler } from './scheduler'
import { WebPubSubTransport } from './webpubsub'

/** What a link to a board says, and who follows it. */
export interface BoardLink {
  readonly board: string
  readonly secret: string
  /** Display name, if one has been chosen. */
  readonly name?: string | undefined
}

/** A session in this browser, not yet started: real transport, clock and storage. */
export function openBoard(api: HttpApi, { board, secret, name }: BoardLink): Session {
  const early = earlyOf({ board, secret })
  // Locks exist in secure contexts only; without them tabs tell by a heartbeat that they live.
  const locks = navigator.locks as LockManager | undefined
  return new Session({
    board,
    name,
    api: api.board(board, secret, () => early.takeDiagram()),
    transport: new WebPubSubTransport(systemScheduler),
    scheduler: systemScheduler,
    outboxes: async () => (await import('../sync/indexeddb')).openOutboxes({ board, scheduler: systemScheduler, locks }),
    snapshots: early.snapshots,
    onWake,
    onHide,
  })
}

/** Calls `fn` when the page becomes visible or the network comes or goes; returns how to end that. */
function onWake(fn: () => void): () => void {
  const visible = () => {
    if (document.visibilityState === 'visible') fn()
  }
  document.addEventListener('visibilitychange', visible)
  window.addEventListener('online', fn)
  window.addEventListener('offline', fn)
  return () => {
    document.removeEventListener('visibilitychange', visible)
    window.removeEventListener('online', fn)
    window.removeEventListener('offline', fn)
  }
}

/** Calls `fn` when the page is hidden; returns how to end that. */
function onHide(fn: () => void): () => void {
  const hidden = () => {
    if (document.visibilityState === 'hidden') fn()
  }
  document.addEventListener('visibilitychange', hidden)
  return () => document.removeEventListener('visibilitychange', hidden)
}
