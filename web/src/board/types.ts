/** Words of the board, as in docs/board-protocol.md and in Go's package whiteboard. */

/** 1–32 characters of [0-9A-Za-z_-]. */
export type RecordId = string
/** One replica, in practice one tab: 8–20 characters of [0-9A-Za-z]. */
export type ActorId = string
/** 9 base-36 digits of Unix ms, 3 of a counter, then the actor. Compares as a string. */
export type Stamp = string

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Property values by name. */
export type Patch = { readonly [prop: string]: Json }

/** One change to one record. */
export interface Op {
  readonly stamp: Stamp
  readonly id: RecordId
  readonly patch: Patch
}

/** An op on the wire: [first 12 characters of the stamp, record, patch]. */
export type WireOp = readonly [time: string, id: RecordId, patch: Patch]

/** What an actor commits at once; n counts from 1 without gaps. */
export interface Batch {
  readonly c: ActorId
  readonly n: number
  readonly ops: readonly WireOp[]
}

/** A batch at its place in the board's order. */
export interface Entry extends Batch {
  readonly q: number
  readonly u: string
  /** Unix milliseconds. */
  readonly t: number
}

/** A record's registers on the wire: every property's stamp is v, except those in pv. */
export interface WireRecord {
  readonly id: RecordId
  readonly v: Stamp
  readonly pv?: { readonly [prop: string]: Stamp }
  readonly p: Patch
}

/** A board's records after the entry seq; deleted records are included. */
export interface Snapshot {
  readonly seq: number
  readonly records: readonly WireRecord[]
}

/** Where a change came from; only 'user' changes enter the undo history. */
export type Origin = 'user' | 'undo' | 'remote' | 'load'

/** A record's properties before and after a change; undefined = the record did not exist. */
export interface Change {
  readonly id: RecordId
  readonly before: Patch | undefined
  readonly after: Patch | undefined
}

export type Role = 'editor' | 'viewer'

/** Ends a subscription; calling it again does nothing. */
export type Unsubscribe = () => void
