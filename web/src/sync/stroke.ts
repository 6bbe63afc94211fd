import type { Document } from '../board/document'
import type { Patch, RecordId } from '../board/types'
import type { StrokePoint } from '../geometry/points'
import type { Live } from './live'

/**
 * Writes a stroke while it is drawn: shows it on the live lane at once and commits a chunk every
 * 512 points or 2 s. However long, it is one undo entry.
 */
export declare class StrokeWriter {
  /** `style`: kind, color, width, z, …; `at` is set to the first point. `now`: this machine's Unix ms. */
  constructor(doc: Document, live: Live, now: () => number, style: Patch)
  /** The record being written; a stroke too long for one record goes on in another. */
  readonly id: RecordId
  /** How many points of the current record are in the document. */
  readonly committed: number
  /** Adds points in world units. If the first has no pressure, the stroke has none. */
  extend(points: readonly StrokePoint[]): void
  /** Commits the rest. */
  finish(): void
  /** Removes the stroke for everyone, without an undo entry. */
  cancel(): void
}
