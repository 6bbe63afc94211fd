import type { Document } from '../board/document'
import type { Role, Unsubscribe } from '../board/types'
import type { Live } from './live'

/** Whether our work has reached the server. */
export type Status =
  | { readonly at: 'connecting' }
  | { readonly at: 'saved' }
  /** How many ops are on their way. */
  | { readonly at: 'saving'; readonly count: number }
  /** How many ops wait for a connection. */
  | { readonly at: 'offline'; readonly waiting: number }
  /** The board can't be opened, or the server has refused a change, which has been taken back. */
  | { readonly at: 'refused'; readonly code: string; readonly message: string }

/** Someone on the board, possibly with several connections. */
export interface Person {
  readonly user: string
  readonly name: string
  readonly role: Role
  readonly connections: number
}

/** A board that is open: its document, kept in step with the server's. */
export declare class Session {
  readonly document: Document
  readonly live: Live
  readonly status: Status
  readonly people: readonly Person[]
  /** Undefined until the first connection. */
  readonly self: { readonly user: string; readonly name: string } | undefined
  readonly role: Role | undefined
  /** Opens the board; may be called once. */
  start(): void
  /** Closes the board. What is not committed stays in the outbox for the next session. */
  stop(): Promise<void>
  /** Changes one's display name: 1–64 characters. */
  rename(name: string): void
  /** Adds a chat line: 1–2000 characters. */
  sendChat(text: string): void
  /** Calls `fn` after status, people, self or role have changed. */
  subscribe(fn: () => void): Unsubscribe
}
