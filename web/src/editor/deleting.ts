import { lastEnds } from './bindings'
import { each, isLocked, working, type Action } from './desk'
import { withContents } from './frames'

/** Deletes the selection, and of frames what is in them. Arrows that were bound to it stay where they are. */
export const deleteSelection: Action = (desk) => {
  const { free, locked } = working(desk)
  const pieces = withContents(desk, free)
  const going = new Set(pieces.map(({ id }) => id))
  return {
    edits: [...lastEnds(desk, going), ...each(pieces, { deleted: true })],
    select: [...desk.selection].filter((id) => !going.has(id)),
    locked,
  }
}

/** Deletes every shape that is neither locked nor hidden. */
export const clearBoard: Action = (desk) => {
  const all = desk.shapes.all()
  const free = all.filter(({ props }) => !isLocked(desk, props)).map(({ id }) => id)
  const edits = free.map((id) => [id, { deleted: true }] as const)
  return { edits: [...lastEnds(desk, new Set(free)), ...edits], select: [], locked: all.length - free.length }
}
