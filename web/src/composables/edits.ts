import type { Ref } from 'vue'
import { BOARD_RECORD, systemRandom } from '../board/ids'
import type { RecordId } from '../board/types'
import type { BoardView } from '../canvas/view'
import { t } from '../i18n'
import type { Session } from '../sync/session'
import { withEditor } from './context'
import { notify } from './notices'

/** What the page's own buttons do to the board. */
export function useEdits({ document: doc }: Session, view: Readonly<Ref<BoardView | undefined>>) {
  function clear(): void {
    const board = view.value
    if (!board) return
    withEditor(({ clearBoard }) => {
      const { edits } = clearBoard({ document: doc, shapes: board.scene, selection: board.selection.ids, random: systemRandom })
      const gone = edits.filter(([, patch]) => patch['deleted'] === true).map(([id]) => id)
      if (gone.length === 0) return notify(t('board.emptyAlready'))
      doc.edit(edits)
      const restore = () => doc.edit(gone.map((id) => [id, { deleted: false }]))
      notify(t('board.removed', { n: gone.length }), { action: { label: t('common.undo'), run: restore } })
    })
  }

  function undo(): void {
    if (view.value?.cancel()) return
    const { changed, skipped } = doc.history.undo()
    if (changed.length === 0 && skipped.length > 0) notify(t('board.nothingUndone'))
  }

  /** What is selected and not locked. */
  const free = () => [...(view.value?.selection.ids ?? [])].filter((id) => !view.value!.scene.isLocked(id))

  /** Where the selected shapes lead to. */
  function link(to: string | null): void {
    doc.edit(free().map((id) => [id, { link: to }]))
  }

  function moveToLayer(layer: RecordId | null): void {
    doc.edit(free().map((id) => [id, { layer }]))
  }

  const paper = (color: string | null) => doc.edit([[BOARD_RECORD, { paper: color }]])
  return { clear, undo, redo: () => doc.history.redo(), link, moveToLayer, paper }
}
