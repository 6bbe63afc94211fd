import { newRecordId } from '../board/ids'
import { keyBetween } from '../board/order'
import type { RecordId } from '../board/types'
import { grow, height, width, type Box } from '../geometry/box'
import { isInside } from '../geometry/oriented'
import { world } from '../geometry/point'
import { extentOf, orientedOf } from '../shapes/transform'
import { resolved } from './bindings'
import { each, isLocked, isShape, layerOf, piecesOf, working, type Action, type Desk, type Piece } from './desk'
import { unitsOf } from './groups'

/** Room between a new frame and what is in it, in world units. */
const MARGIN = 24

/** Makes a frame around the selection, and puts it in. */
export const wrapInFrame: Action = (desk) => {
  const { free, locked } = working(desk)
  const box = extentOf(free.map(({ id }) => resolved(desk, id)))
  if (!box) return { edits: [], locked }
  const id = newRecordId(desk.random)
  const layer = layerOf(desk, free[0]!.record)
  const outer = free[0]!.record['frame']
  const frame = { ...placeOf(grow(box, MARGIN)), kind: 'frame', z: keyBeneath(desk, free[0]!), ...(layer !== null && { layer }) }
  const held = new Set(free.map((piece) => piece.id))
  const top = free.filter(({ record }) => !held.has(record['frame'] as RecordId))
  return {
    edits: [[id, { ...frame, ...(typeof outer === 'string' && !held.has(outer) && { frame: outer }) }], ...each(top, { frame: id })],
    select: [id],
    locked,
  }
}

/** Puts what is selected into the topmost frame that its middle is in. */
export const putIntoFrame: Action = (desk) => {
  const { free, locked } = working(desk)
  const held = new Set(withContents(desk, free).map(({ id }) => id))
  const frames = desk.shapes.all().filter(({ id, props }) => props['kind'] === 'frame' && !held.has(id))
  const edits = unitsOf(desk, free).flatMap((unit) => {
    const box = extentOf(unit.map(({ id }) => resolved(desk, id)))
    const middle = box && world((box.minX + box.maxX) / 2, (box.minY + box.maxY) / 2)
    const frame = middle && frames.findLast(({ props }) => isInside(orientedOf(props)!, middle))
    return frame ? each(unit, { frame: frame.id }) : []
  })
  return { edits, locked }
}

/** Takes the selection out of its frames. */
export const takeOutOfFrame: Action = (desk) => {
  const { free, locked } = working(desk)
  return { edits: each(free, ({ record }) => (typeof record['frame'] === 'string' ? { frame: null } : undefined)), locked }
}

/** Deletes the selected frames and leaves what is in them. */
export const removeFrame: Action = (desk) => {
  const { free, locked } = working(desk)
  const frames = free.filter(({ record }) => record['kind'] === 'frame')
  const gone = new Set(frames.map(({ id }) => id))
  const inside = contentsOf(desk, gone)
  return {
    edits: [...each(frames, { deleted: true }), ...each(inside, ({ record }) => ({ frame: outerOf(record['frame'], desk, gone) }))],
    select: inside.map(({ id }) => id),
    locked,
  }
}

/** Selects what is in the selected frames. */
export const selectContents: Action = (desk) => {
  const inside = contentsOf(desk, desk.selection).filter(({ record }) => !isLocked(desk, record) && record['hidden'] !== true)
  return { edits: [], ...(inside.length > 0 && { select: inside.map(({ id }) => id) }) }
}

/** The pieces and, of those that are frames, all that is in them, however deep; locked ones are left out. */
export function withContents(desk: Desk, pieces: readonly Piece[]): Piece[] {
  const all = new Map(pieces.map((piece) => [piece.id, piece]))
  let frames = pieces.filter(isFrame)
  while (frames.length > 0) {
    const inside = contentsOf(desk, new Set(frames.map(({ id }) => id))).filter(({ id, record }) => !all.has(id) && !isLocked(desk, record))
    for (const piece of inside) all.set(piece.id, piece)
    frames = inside.filter(isFrame)
  }
  return [...all.values()]
}

function contentsOf({ document }: Desk, frames: ReadonlySet<RecordId>): Piece[] {
  if (frames.size === 0) return []
  return [...document.records()]
    .filter(([, record]) => isShape(record) && frames.has(record['frame'] as RecordId))
    .map(([id, record]) => ({ id, record, z: String(record['z'] ?? '') }))
}

/** The frame around a frame that goes. */
function outerOf(frame: unknown, { document }: Desk, gone: ReadonlySet<RecordId>): RecordId | null {
  for (let i = 0; typeof frame === 'string' && i < 16; i++) {
    if (!gone.has(frame)) return frame
    frame = document.get(frame)?.['frame']
  }
  return null
}

function keyBeneath(desk: Desk, lowest: Piece): string {
  const pieces = piecesOf(desk, layerOf(desk, lowest.record))
  const at = pieces.findIndex(({ id }) => id === lowest.id)
  return keyBetween(pieces[at - 1]?.z ?? null, lowest.z, desk.random)
}

function placeOf(box: Box): { at: [number, number]; size: [number, number] } {
  return { at: [box.minX, box.minY], size: [width(box), height(box)] }
}

const isFrame = ({ record }: Piece): boolean => record['kind'] === 'frame'
