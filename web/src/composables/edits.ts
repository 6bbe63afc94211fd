import type { Ref } from 'vue'
import type { UndoResult } from '../board/document'
import { BOARD_RECORD, newRecordId, systemRandom } from '../board/ids'
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
      const merge = `clear ${newRecordId()}`
      doc.edit(edits, { merge })
      const restore = () => tell(doc.history.takeBack(merge), 'board.nothingUndone')
      notify(t('board.removed', { n: gone.length }), { action: { label: t('common.undo'), run: restore } })
    })
  }

  function undo(): void {
    if (!view.value?.cancel()) tell(doc.history.undo(), 'board.nothingUndone')
  }

  const redo = () => tell(doc.history.redo(), 'board.nothingRedone')

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
  return { clear, undo, redo, link, moveToLayer, paper }
}

/** Says so if an undo or redo did nothing, as others have changed all of it. */
function tell({ changed, skipped }: UndoResult, nothing: 'board.nothingUndone' | 'board.nothingRedone'): void {
  if (changed.length === 0 && skipped.length > 0) notify(t(nothing))
}
