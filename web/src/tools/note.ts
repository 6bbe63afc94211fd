import type { RecordId } from '../board/types'
import { styleFor } from '../editor/style'
import { height, width, type Box } from '../geometry/box'
import { bandOf, follow, isDrag, type Hand } from './drag'
import { frameAt } from './frames'
import type { Board, Edit, Step } from './tool'

export type NoteState = { readonly at: 'idle' } | { readonly at: 'spanning'; readonly id: RecordId; readonly z: string; readonly hand: Hand }
type Spanning = Extract<NoteState, { at: 'spanning' }>

/** The sides of a note that was placed by a click, in world units. */
export const NOTE_SIZE = 200
const LEAST = 40

const idle: NoteState = { at: 'idle' }

/** A sticky note: a click puts one around the point, a drag spans one. Then one writes on it. */
export const note: Step<NoteState> = (state, event, board) => {
  if (state.at === 'idle') {
    if (event.type !== 'down') return [state, []]
    const { place, mods, pointer = 'mouse' } = event
    return [{ at: 'spanning', id: board.newId(), z: board.newKey(), hand: { from: place, to: place, mods, pointer } }, []]
  }
  switch (event.type) {
    case 'move':
    case 'mods': {
      const next = { ...state, hand: follow(state.hand, event) }
      return [next, isDrag(next.hand) ? [{ do: 'preview', edits: [editOf(next, board)] }] : []]
    }
    case 'up':
      return [idle, [{ do: 'edit', edits: [editOf(state, board)], then: { made: true, select: [state.id], write: state.id } }]]
    case 'cancel':
      return [idle, [{ do: 'give-up' }]]
    default:
      return [state, []]
  }
}

function editOf({ id, z, hand }: Spanning, board: Board): Edit {
  const box = isDrag(hand) ? spanned(hand) : around(hand)
  const frame = frameAt(hand.from.at, board)
  const at = [round(box.minX), round(box.minY)]
  const size = [round(width(box)), round(height(box))]
  return [id, { kind: 'note', at, size, z, ...styleFor('note', board.style), ...(frame && { frame: frame.id }) }]
}

function around({ from: { at } }: Hand): Box {
  const half = NOTE_SIZE / 2
  return { minX: at.x - half, minY: at.y - half, maxX: at.x + half, maxY: at.y + half }
}

/** With Shift all sides are equal. */
function spanned(hand: Hand): Box {
  const { from, to, mods } = hand
  const band = bandOf(hand)
  const [w, h] = [Math.max(width(band), LEAST), Math.max(height(band), LEAST)]
  const [wide, high] = mods.shift ? [Math.max(w, h), Math.max(w, h)] : [w, h]
  const minX = to.at.x < from.at.x ? from.at.x - wide : from.at.x
  const minY = to.at.y < from.at.y ? from.at.y - high : from.at.y
  return { minX, minY, maxX: minX + wide, maxY: minY + high }
}

function round(value: number): number {
  return Math.round(value * 100) / 100 + 0
}
