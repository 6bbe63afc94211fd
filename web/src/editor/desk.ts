import type { Document } from '../board/document'
import type { Json, Patch, RecordId } from '../board/types'
import { compareOrder } from '../board/order'
import { isKind } from '../shapes/kinds'
import type { Box } from '../geometry/box'
import type { Shape } from '../shapes'

/** The edit of a record: an id that is not there yet makes one. */
export type Edit = readonly [RecordId, Patch]

/** The shapes that are on the board, hidden ones left out. */
export interface Shapes {
  get(id: RecordId): Shape | undefined
  /** Bottom first. */
  all(): readonly Shape[]
  /** Those whose boxes overlap a box, bottom first. */
  within(box: Box): readonly Shape[]
}

/** What an action works on. */
export interface Desk {
  readonly document: Pick<Document, 'get' | 'records'>
  readonly shapes: Shapes
  /** The shapes that are selected. */
  readonly selection: ReadonlySet<RecordId>
  /** A number from 0 up to 1. */
  readonly random: () => number
}

/** What an action wants done, as one step of undo. */
export interface Outcome {
  readonly edits: readonly Edit[]
  /** What is selected afterwards; absent = what was. */
  readonly select?: Iterable<RecordId>
  /** How many shapes were left alone because they are locked. */
  readonly locked?: number
}

/** What a person can do to the selection. */
export type Action = (desk: Desk) => Outcome

export const NOTHING: Outcome = { edits: [] }

/** Whether the record is a shape that is not deleted. */
export function isShape(record: Patch | undefined): record is Patch {
  return record !== undefined && record['deleted'] !== true && isKind(record['kind'])
}

/** The layer a shape is in; null for none, or one that is not there. */
export function layerOf({ document }: Desk, { layer }: Patch): RecordId | null {
  if (typeof layer !== 'string') return null
  const record = document.get(layer)
  return record?.['kind'] === 'layer' && record['deleted'] !== true ? layer : null
}

/** Whether a shape may not be changed: it or its layer is locked. */
export function isLocked(desk: Desk, record: Patch): boolean {
  if (record['locked'] === true) return true
  const layer = layerOf(desk, record)
  return layer !== null && desk.document.get(layer)?.['locked'] === true
}

/** A record with its id, in its order. */
export interface Piece {
  readonly id: RecordId
  readonly z: string
  readonly record: Patch
}

/** The shapes of a layer, hidden ones too, bottom first. */
export function piecesOf(desk: Desk, layer: RecordId | null): Piece[] {
  const pieces: Piece[] = []
  for (const [id, record] of desk.document.records()) {
    if (isShape(record) && layerOf(desk, record) === layer) pieces.push({ id, record, z: keyOf(record) })
  }
  return pieces.sort(compareOrder)
}

/** The selected shapes that may be changed, in their order, and how many may not. */
export function working(desk: Desk): { free: Piece[]; locked: number } {
  const free: Piece[] = []
  let locked = 0
  for (const id of desk.selection) {
    const record = desk.document.get(id)
    if (!isShape(record)) continue
    if (isLocked(desk, record)) locked++
    else free.push({ id, record, z: keyOf(record) })
  }
  return { free: free.sort(compareOrder), locked }
}

/** The ids of the groups a shape is in, innermost first. */
export function groupsOf({ groups }: Patch): readonly RecordId[] {
  return Array.isArray(groups) ? (groups as RecordId[]) : []
}

/** The same patch for each shape. */
export function each(pieces: readonly Piece[], patch: Patch | ((piece: Piece) => Patch | undefined)): Edit[] {
  const edits: Edit[] = []
  for (const piece of pieces) {
    const one = typeof patch === 'function' ? patch(piece) : patch
    if (one) edits.push([piece.id, one])
  }
  return edits
}

function keyOf({ z }: Record<string, Json>): string {
  return typeof z === 'string' ? z : ''
}
