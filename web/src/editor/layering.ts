import type { RecordId } from '../board/types'
import { each, layerOf, working, type Action } from './desk'

/** Puts the selection on a layer; null for none. */
export function moveToLayer(layer: RecordId | null): Action {
  return (desk) => {
    const { free, locked } = working(desk)
    return { edits: each(free, ({ record }) => (layerOf(desk, record) === layer ? undefined : { layer })), locked }
  }
}
