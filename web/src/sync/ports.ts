import type { Entry, Json, Role, Snapshot, WireRecord } from '../board/types'

/** What a session needs of the world. Everything is passed in, so that a session runs anywhere. */

/** Time and chance. */
export interface Scheduler {
  /** This machine's Unix ms. */
  now(): number
  /** Calls `fn` after `ms`, unless the returned function is called before. */
  after(ms: number, fn: () => void): () => void
  /** From 0 up to 1. */
  random(): number
}

export type TransportState = 'connecting' | 'open' | 'closed'

export interface TransportListener {
  /** `closed` is between two attempts, and after close(). */
  state(state: TransportState): void
  /** An answer to an event of ours. */
  message(data: unknown): void
  /** A message to a group; `user` is the publisher as the service vouches for them, undefined for the web app. */
  groupMessage(group: string, data: unknown, user: string | undefined): void
}

/**
 * A connection to the messaging service that is kept up. Messages of one connection arrive in
 * order; nothing arrives from an old connection once `closed` has been reported.
 */
export interface Transport {
  /** Connects, and again whenever the connection is lost. `url` is asked before every attempt. */
  connect(url: () => Promise<string>, listener: TransportListener): void
  /** Gives up the connection, if any, and tries again at once. */
  reconnect(): void
  close(): void
  /** Resolves when the service has passed the event on; rejects when it has not or may not have. */
  sendEvent(name: string, data: Json): Promise<void>
  /** Publishes without echo and without acknowledgement; dropped unless open. */
  sendToGroup(group: string, data: Json): void
}

export interface Negotiation {
  readonly url: string
  readonly user: { readonly id: string; readonly name: string }
  readonly role: Role
  readonly seq: number
  /** The server's Unix ms. */
  readonly now: number
}

/** Someone on the board, possibly with several connections. */
export interface Person {
  readonly user: string
  readonly name: string
  readonly role: Role
  readonly connections: number
}

/** The web app's HTTP interface, for one board. Failures are ApiErrors. */
export interface BoardApi {
  negotiate(name: string | undefined): Promise<Negotiation>
  /** `arrived` may be given the records a few at a time, before all are there. */
  snapshot(arrived?: (records: readonly WireRecord[]) => void): Promise<Snapshot>
  /** Entries after a seq, and the board's current one. */
  entries(after: number, limit: number): Promise<{ readonly seq: number; readonly entries: readonly Entry[] }>
  people(): Promise<readonly Person[]>
}

/** An answer that is not success, or no answer. */
export class ApiError extends Error {
  /** `status` is 0 when there was no answer; `code` is the web app's, in snake_case. */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
    this.name = 'ApiError'
  }

  /** Whether asking again can't help: the link is wrong or was revoked. */
  get isFinal(): boolean {
    return [401, 403, 404].includes(this.status)
  }
}

/** A delay in ms before attempt `n` (from 0): doubling from `first` to `most`, spread over its upper half. */
export function backoff(n: number, first: number, most: number, random: () => number): number {
  return Math.min(most, first * 2 ** Math.min(n, 20)) * (0.5 + random() / 2)
}

