import { keysBetween } from '../board/order'
import type { RecordId } from '../board/types'
import { overlaps } from '../geometry/box'
import { layerOf, piecesOf, working, type Action, type Desk, type Edit, type Piece } from './desk'

/** When a key would be longer, the whole layer gets new ones. */
const LONGEST_KEY = 32

/** Puts the selection above all others of its layer. */
export const bringToFront = restack((pieces, isMoved) => [...pieces.filter((one) => !isMoved(one)), ...pieces.filter(isMoved)])

/** Puts the selection beneath all others of its layer. */
export const sendToBack = restack((pieces, isMoved) => [...pieces.filter(isMoved), ...pieces.filter((one) => !isMoved(one))])

/** Puts each selected shape above the next one that it overlaps. */
export const bringForward = restack(forward)

/** Puts each selected shape beneath the next one that it overlaps. */
export const sendBackward = restack((pieces, isMoved, desk) => forward([...pieces].reverse(), isMoved, desk).reverse())

type Reorder = (pieces: readonly Piece[], isMoved: (piece: Piece) => boolean, desk: Desk) => Piece[]

/** The action that reorders the selection within each layer; the selection keeps its own order. */
function restack(reorder: Reorder): Action {
  return (desk) => {
    const { free, locked } = working(desk)
    const moved = new Set(free.map(({ id }) => id))
    const layers = new Set(free.map(({ record }) => layerOf(desk, record)))
    const edits = [...layers].flatMap((layer) => {
      const before = piecesOf(desk, layer)
      const isMoved = ({ id }: Piece) => moved.has(id)
      return rekey(desk, before, reorder(before, isMoved, desk), isMoved)
    })
    return { edits, locked }
  }
}

/** Lifts what is moved, bottom first, over the next shape that it overlaps, and never over what was above it in the selection. */
function forward(pieces: readonly Piece[], isMoved: (piece: Piece) => boolean, desk: Desk): Piece[] {
  const lifted = new Map<number, Piece[]>()
  let floor = -1
  pieces.forEach((piece, i) => {
    if (!isMoved(piece)) return
    floor = Math.max(nextAbove(pieces, i, isMoved, desk) ?? i, floor)
    lifted.set(floor, [...(lifted.get(floor) ?? []), piece])
  })
  return pieces.flatMap((piece, i) => (isMoved(piece) ? [] : [piece]).concat(lifted.get(i) ?? []))
}

function nextAbove(pieces: readonly Piece[], i: number, isMoved: (piece: Piece) => boolean, { shapes }: Desk): number | undefined {
  const own = shapes.get(pieces[i]!.id)?.box
  for (let above = i + 1; own && above < pieces.length; above++) {
    const piece = pieces[above]!
    const box = shapes.get(piece.id)?.box
    if (box && !isMoved(piece) && overlaps(own, box)) return above
  }
  return undefined
}

/** New keys for what is moved; for all, if there is no room for them. */
function rekey(desk: Desk, before: readonly Piece[], after: readonly Piece[], isMoved: (piece: Piece) => boolean): Edit[] {
  if (after.every(({ id }, i) => id === before[i]!.id)) return []
  const edits: Edit[] = []
  for (let i = 0; i < after.length; ) {
    if (!isMoved(after[i]!)) {
      i++
      continue
    }
    let end = i
    while (end < after.length && isMoved(after[end]!)) end++
    const [below, above] = [after[i - 1]?.z ?? null, after[end]?.z ?? null]
    const keys = keysBetween(below, above, end - i, desk.random)
    if (!isRising([below, ...keys, above])) return rebalance(desk, after)
    keys.forEach((z, n) => edits.push([after[i + n]!.id, { z }]))
    i = end
  }
  return edits
}

function isRising(keys: readonly (string | null)[]): boolean {
  const all = keys.filter((key) => key !== null)
  return all.every((key, i) => key.length <= LONGEST_KEY && (i === 0 || all[i - 1]! < key))
}

/** Fresh, short keys in this order. Locked shapes get them too: nothing that can be seen changes for them. */
function rebalance({ random }: Desk, order: readonly Piece[]): Edit[] {
  const keys = keysBetween(null, null, order.length, random)
  return order.map(({ id }, i) => [id, { z: keys[i]! }])
}

/** N rising keys above all shapes of a layer. */
export function keysOnTop(desk: Desk, layer: RecordId | null, n: number): string[] {
  return keysBetween(piecesOf(desk, layer).at(-1)?.z ?? null, null, n, desk.random)
}

