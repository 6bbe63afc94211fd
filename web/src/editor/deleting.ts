import { each, isLocked, working, type Action, type Desk } from './desk'

/** Deletes the selection. */
export const deleteSelection: Action = (desk) => {
  const { free, locked } = working(desk)
  return { edits: each(free, { deleted: true }), select: [...desk.selection].filter((id) => !free.some((one) => one.id === id)), locked }
}

/** Deletes every shape that is not locked, hidden ones left out. */
export const clearBoard: Action = (desk: Desk) => {
  const all = desk.shapes.all()
  const free = all.filter(({ props }) => !isLocked(desk, props))
  return { edits: free.map(({ id }) => [id, { deleted: true }]), select: [], locked: all.length - free.length }
}
