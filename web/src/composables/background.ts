import { BOARD_RECORD } from '../board/ids'
import type { BoardView } from '../canvas/view'
import { t } from '../i18n'
import type { Session } from '../sync/session'
import { ApiError } from '../sync/ports'
import type { HttpBoardApi } from '../transport/api'
import { notify } from './notices'

/** Larger images are made smaller before they are sent: pixels of a side, and bytes. */
const MOST_SIDE = 4096
const MOST_BYTES = 10 << 20
const TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif']

/** Uploads an image and puts it beneath the drawing. Failures are told in a notice. */
export async function setBackground(file: Blob, session: Session, board: HttpBoardApi, view: BoardView): Promise<void> {
  try {
    const { id, width, height } = await board.upload(await shrink(file))
    const { at, size } = view.placeFor(width, height)
    session.document.edit([[BOARD_RECORD, { background: { asset: id, at, size } }]])
  } catch (err) {
    notify(reason(err), { tone: 'bad' })
  }
}

export function removeBackground({ document: doc }: Session): void {
  const background = doc.get(BOARD_RECORD)?.['background'] ?? null
  doc.edit([[BOARD_RECORD, { background: null }]])
  notify(t('board.backgroundRemoved'), { action: { label: t('common.undo'), run: () => doc.edit([[BOARD_RECORD, { background }]]) } })
}

/** The image as it may be uploaded. */
async function shrink(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file).catch(() => undefined)
  if (!bitmap) throw new Error(t('board.notAnImage'))
  const { width, height } = bitmap
  const scale = Math.min(1, MOST_SIDE / Math.max(width, height))
  if (scale === 1 && file.size <= MOST_BYTES && TYPES.includes(file.type)) return file
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  const type = file.type === 'image/png' && file.size <= MOST_BYTES ? 'image/png' : 'image/webp'
  const smaller = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, 0.9))
  if (!smaller || smaller.size > MOST_BYTES) throw new Error(t('board.imageTooLarge'))
  return smaller
}

function reason(err: unknown): string {
  if (err instanceof ApiError && err.status === 0) return t('board.notUploadedOffline')
  if (err instanceof ApiError) return t('board.notUploadedBecause', { reason: err.message })
  return err instanceof Error ? err.message : t('board.notUploaded')
}
