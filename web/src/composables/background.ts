import { BOARD_RECORD } from '../board/ids'
import type { BoardView } from '../canvas/view'
import type { Session } from '../sync/session'
import type { HttpBoardApi } from '../transport/api'
import { t } from '../i18n'
import { notify } from './notices'

/** Uploads an image and puts it beneath the drawing. Failures are told in a notice. */
export async function setBackground(file: Blob, session: Session, board: HttpBoardApi, view: BoardView): Promise<void> {
  const { readyImage } = await import('../transfer/images')
  try {
    const { blob, width, height } = await readyImage(file)
    const { id } = await board.upload(blob)
    session.document.edit([[BOARD_RECORD, { background: { asset: id, ...view.placeFor(width, height) } }]])
  } catch (err) {
    const { reasonOf } = await import('./transferwork')
    notify(reasonOf(err), { tone: 'bad' })
  }
}

export function removeBackground({ document: doc }: Session): void {
  const background = doc.get(BOARD_RECORD)?.['background'] ?? null
  doc.edit([[BOARD_RECORD, { background: null }]])
  notify(t('board.backgroundRemoved'), { action: { label: t('common.undo'), run: () => doc.edit([[BOARD_RECORD, { background }]]) } })
}
