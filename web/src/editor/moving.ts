import type { Json, Patch } from '../board/types'
import { each, working, type Action, type Edit, type Piece } from './desk'

/** Moves the selection by so many world units. */
export function moveBy(dx: number, dy: number): Action {
  return (desk) => {
    const { free, locked } = working(desk)
    return { edits: moved(free, dx, dy), locked }
  }
}

/** The edits that move shapes. */
export function moved(pieces: readonly Piece[], dx: number, dy: number): Edit[] {
  return each(pieces, ({ record }) => shifted(record, dx, dy))
}

/** A shape's position moved; undefined if it has none. */
export function shifted({ at }: Patch, dx: number, dy: number): Patch | undefined {
  const [x, y] = Array.isArray(at) ? (at as Json[]) : []
  return typeof x === 'number' && typeof y === 'number' ? { at: [x + dx, y + dy] } : undefined
}
