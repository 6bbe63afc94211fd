import { moved } from '../shapes/transform'
import { each, working, type Action } from './desk'

/** Moves the selection by so many world units. */
export function moveBy(dx: number, dy: number): Action {
  return (desk) => {
    const { free, locked } = working(desk)
    return { edits: each(free, ({ record }) => moved(record, dx, dy)), locked }
  }
}
