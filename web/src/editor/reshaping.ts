import { each, working, type Action } from './desk'
import { isReshapable } from './reshapable'

/** Makes the selected shapes ones of another kind, those that are outlines in boxes. Places, looks and words stay. */
export function reshape(kind: string): Action {
  return (desk) => {
    const { free, locked } = working(desk)
    return { edits: each(free, ({ record }) => (isReshapable(record) && record['kind'] !== kind ? { kind } : undefined)), locked }
  }
}
