import type { Patch, RecordId } from '../board/types'
import { extentOf, moved, stretched, stretchOf } from '../shapes/transform'
import { bindingsLeft, boundTo, ENDS, resolved } from './bindings'
import { each, working, type Action, type Desk, type Edit, type Piece } from './desk'
import { withContents } from './frames'

/** Moves the selection by so many world units. */
export function moveBy(dx: number, dy: number): Action {
  return (desk) => {
    const { free, locked } = working(desk)
    return { edits: moving(desk, free, () => [dx, dy]), locked }
  }
}

/** The edits that move shapes, what is in those that are frames, and the bends of arrows between them, each by its own way. */
export function moving(desk: Desk, pieces: readonly Piece[], way: (piece: Piece) => readonly [dx: number, dy: number]): Edit[] {
  const ways = new Map<string, readonly [number, number]>()
  for (const piece of pieces) for (const { id } of withContents(desk, [piece])) if (!ways.has(id)) ways.set(id, way(piece))
  for (const piece of pieces) ways.set(piece.id, way(piece))
  const along = new Set(ways.keys())
  const edits = each(withContents(desk, pieces), ({ id, record }) => {
    const [dx, dy] = ways.get(id)!
    if (dx === 0 && dy === 0) return undefined
    return { ...moved(resolved(desk, id), dx, dy), ...bindingsLeft(record, along) }
  })
  return [...edits, ...bendsMoved(desk, ways)]
}

/** Arrows whose ends follow shapes that are moved the same way take their bends along. */
function bendsMoved({ shapes }: Desk, ways: ReadonlyMap<RecordId, readonly [dx: number, dy: number]>): Edit[] {
  const edits: Edit[] = []
  for (const { id, props } of shapes.all()) {
    const [start, end] = ENDS.map((end) => ways.get(boundTo(props, end) ?? ''))
    if (!start || !end || ways.has(id) || start[0] !== end[0] || start[1] !== end[1]) continue
    edits.push([id, moved(props, ...start)])
  }
  return edits
}

/** Mirrors the selection within its own box, left to right. */
export const flipHorizontally = flip([-1, 1])

/** Mirrors the selection within its own box, upside down. */
export const flipVertically = flip([1, -1])

function flip(by: readonly [number, number]): Action {
  return (desk) => {
    const { free, locked } = working(desk)
    const pieces = withContents(desk, free)
    const box = extentOf(pieces.map(({ id }) => resolved(desk, id)))
    const along = new Set(pieces.map(({ id }) => id))
    if (!box) return { edits: [], locked }
    const stretch = stretchOf(box, box, by)
    const edits = each(pieces, ({ id }) => {
      const props = resolved(desk, id)
      return { ...stretched(props, stretch), ...mirroredEnds(props, by, along) }
    })
    return { edits, locked }
  }
}

/** Where ends are on the shapes that are mirrored with them. */
function mirroredEnds(props: Patch, [x, y]: readonly [number, number], along: ReadonlySet<string>): Patch {
  const bound = ENDS.filter((end) => along.has(boundTo(props, end) ?? ''))
  return Object.fromEntries(
    bound.map((end) => {
      const bind = props[end] as unknown as { readonly to: string; readonly at: readonly [number, number]; readonly inside: boolean }
      const [u, v] = bind.at
      return [end, { ...bind, at: [x < 0 ? 1 - u : u, y < 0 ? 1 - v : v] }]
    }),
  )
}
