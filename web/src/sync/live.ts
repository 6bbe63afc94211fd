import type { Points } from '../geometry/points'
import type { ActorId, Patch, RecordId, Unsubscribe } from '../board/types'

/** Where someone points, in world units. */
export interface Cursor {
  /** As the service vouches for it. */
  readonly user: string
  readonly actor: ActorId
  readonly x: number
  readonly y: number
  /** When it was last heard of: this machine's Unix ms. */
  readonly seen: number
}

/** Something that someone is drawing or dragging and has not committed yet. */
export type Draft = InkDraft | ShapeDraft

/** The tail of a stroke: points from index `offset` on. What comes before is in the record. */
export interface InkDraft {
  readonly kind: 'ink'
  readonly id: RecordId
  readonly user: string
  readonly actor: ActorId
  /** The stroke's properties except its points: at, color, width, …. */
  readonly props: Patch
  readonly offset: number
  /** Relative to props.at; the list grows in place. */
  readonly points: Points
  readonly seen: number
}

export interface ShapeDraft {
  readonly kind: 'shape'
  readonly id: RecordId
  readonly user: string
  readonly actor: ActorId
  /** All properties, to be shown in the place of the record. */
  readonly props: Patch
  readonly seen: number
}

/** A point in world units. */
export interface Position {
  readonly x: number
  readonly y: number
}

/** The live lane: cursors and unfinished shapes, ours to others and theirs to us. Lossy; never stored. */
export declare class Live {
  /** Others' cursors by person and actor. */
  readonly cursors: ReadonlyMap<string, Cursor>
  /** Others' unfinished shapes by record. */
  readonly drafts: ReadonlyMap<RecordId, Draft>
  /** Shows where we point; null when the pointer leaves the canvas. */
  sendCursor(at: Position | null): void
  /** Shows a stroke being drawn: all its points so far, of which the first `committed` are in the record. */
  sendInk(id: RecordId, style: Patch, points: Points, committed: number): void
  /** Shows a shape being made or dragged: all its properties. */
  sendShape(id: RecordId, props: Patch): void
  /** Takes a preview back; others see the record again, if there is one. */
  cancel(id: RecordId): void
  /** Calls `fn` after cursors or drafts have changed. */
  subscribe(fn: () => void): Unsubscribe
  /** Sends what is due and drops what is stale; `now` is this machine's Unix ms. Called by the session. */
  tick(now: number): void
}
