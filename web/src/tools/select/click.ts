import type { RecordId } from '../../board/types'
import { TABLES } from '../../shapes/kinds'
import { height, width } from '../../geometry/box'
import { isInside } from '../../geometry/oriented'
import type { World } from '../../geometry/point'
import type { Shape } from '../../shapes'
import { placeOf } from '../handles'
import { newText } from '../text'
import type { Board, Effect } from '../tool'
import { deeper, levelsOf } from './pick'
import type { Pressing } from './index'

/** What a click does, now that the pointer is up and was not dragged. */
export function clicked({ on, hand: { mods }, before }: Pressing, board: Board): readonly Effect[] {
  switch (on.on) {
    case 'handle':
      return []
    case 'shape':
      if (!mods.shift) return [selecting(on.unit)]
      return [selecting(on.wasSelected ? without(before, on.unit) : [...new Set([...before, ...on.unit])])]
    default:
      return mods.shift || board.selection.size === 0 ? [] : [selecting([])]
  }
}

/** Goes into a group, or begins to write: in the shape, in the empty shape around the point, or on the plane. */
export function doubleClicked({ on, hand }: Pressing, board: Board): readonly Effect[] {
  if (on.on === 'handle') return []
  const { at } = hand.from
  if (on.on !== 'shape') return [writing(around(at, board) ?? undefined, at, board)]
  const inner = hand.mods.mod ? undefined : next(on.id, board)
  if (inner) return [selecting(inner)]
  const shape = board.get(on.id)
  return shape && mayWrite(shape) ? [writing(shape, at, board)] : []
}

/** The group within, when the click is on a selected group. */
function next(id: RecordId, board: Board): readonly RecordId[] | undefined {
  return levelsOf(id, board).length > 1 ? deeper(id, board) : undefined
}

function writing(shape: Shape | undefined, at: World, board: Board): Effect {
  return shape ? { do: 'write', id: shape.id } : { do: 'write', id: board.newId(), props: newText(at, board) }
}

/** The smallest shape around a point that takes a label. */
function around(at: World, board: Board): Shape | undefined {
  const area = ({ box }: Shape) => width(box) * height(box)
  return board
    .within({ minX: at.x, minY: at.y, maxX: at.x, maxY: at.y })
    .filter((shape) => mayWrite(shape) && isClosed(shape) && isInside(placeOf(shape), at))
    .reduce<Shape | undefined>((least, shape) => (least && area(least) < area(shape) ? least : shape), undefined)
}

function mayWrite({ props }: Shape): boolean {
  return 'text' in (TABLES[String(props['kind'])] ?? {})
}

function isClosed({ props }: Shape): boolean {
  return 'wrap' in (TABLES[String(props['kind'])] ?? {})
}

function selecting(ids: readonly RecordId[]): Effect {
  return { do: 'select', ids }
}

function without(ids: readonly RecordId[], less: readonly RecordId[]): readonly RecordId[] {
  const gone = new Set(less)
  return ids.filter((id) => !gone.has(id))
}
