import { BOARD_RECORD, systemRandom } from '../board/ids'
import type { BoardView } from '../canvas/view'
import { CLIPBOARD_MIME } from '../formats/clipboard'
import { FormatError, type Warning } from '../formats/fragment'
import type { World } from '../geometry/point'
import { t } from '../i18n'
import '../i18n/late/transfer'
import { ApiError } from '../sync/ports'
import type { Session } from '../sync/session'
import { ImageError } from '../transfer/images'
import { insert } from '../transfer/insert'
import { FileError, readCarried, type Carried } from '../transfer/read'
import { Uploading } from '../transfer/uploading'
import type { Look, Part, Source } from '../transfer/write'
import { MOST_FRAMES, type Shape } from '../shapes'
import { selectedShapes } from './clipboard'
import { notify } from './notices'
import type { TransferOptions } from './transfer'

/** Of so many files that can't be read it is told why. */
const MOST_FAILURES = 3

type BringOptions = Omit<TransferOptions, 'view'> & { readonly view: BoardView; readonly at: World }

/** Adds what was pasted, dropped or chosen, and tells what did not go well. */
export async function bring(carried: Carried, o: BringOptions, isPlain = false): Promise<void> {
  try {
    const { document } = o.session
    const incoming = await readCarried(carried, { taken: (id) => document.get(id) !== undefined, sizeFor: (w, h) => o.view.placeFor(w, h).size }, isPlain)
    if (!incoming) return notify(t('transfer.nothingToPaste'))
    for (const failure of (incoming.failures ?? []).slice(0, MOST_FAILURES)) notify(reasonOf(failure), { tone: 'bad' })
    if (incoming.failures?.length && incoming.fragment.shapes.length === 0) return
    const { ids, error } = await insert(incoming, { ...o, uploading: uploadingOf(o) })
    for (const warning of incoming.fragment.warnings) notify(textOfWarning(warning))
    if (error) notify(reasonOf(error), { tone: 'bad' })
    else if (incoming.isWhole) notify(t('transfer.added', { n: ids.length }))
  } catch (err) {
    notify(reasonOf(err), { tone: 'bad' })
  }
}

/** What sends the pictures of a board that is open: one for each, as long as the board is. */
const sending = new WeakMap<Session, Uploading>()

function uploadingOf({ session, uploads, pictures }: BringOptions): Uploading {
  const known = sending.get(session)
  if (known) return known
  const made: Uploading = new Uploading({
    document: session.document,
    uploads,
    failed: (error, isFinal) => notify(reasonOf(error), { tone: 'bad', ...(!isFinal && { action: { label: t('common.retry'), run: () => made.retry((err) => err === error) } }) }),
  })
  sending.set(session, made)
  pictures.value = made
  return made
}

function textOfWarning({ code, n }: Warning): string {
  const keys = { skipped: 'skipped', shortened: 'shortened', 'image-missing': 'imageMissing', 'details-lost': 'detailsLost' } as const
  return t(`transfer.warnings.${keys[code]}`, { n })
}

/** Why something did not come to the board, in words for a notice. */
export function reasonOf(err: unknown): string {
  if (err instanceof FileError) {
    const reason = reasonOf(err.reason)
    return reason.includes(err.file) ? reason : t('transfer.errors.ofFile', { file: err.file, reason })
  }
  if (err instanceof FormatError) return t(`transfer.errors.${err.code}`, { field: err.field, limit: err.limit ?? 0 })
  if (err instanceof ImageError) return t(err.code === 'too-large' ? 'board.imageTooLarge' : 'board.notAnImage')
  if (err instanceof ApiError) return err.status === 0 ? t('board.notUploadedOffline') : t('board.notUploadedBecause', { reason: err.message })
  return t('transfer.errors.unknown')
}

/** What the clipboard holds, if the browser gives it away; undefined if not. */
export async function readClipboardItems(): Promise<Carried | undefined> {
  const items = await navigator.clipboard?.read?.().catch(() => undefined)
  if (!items) return undefined
  const text = async (type: string) => {
    const item = items.find(({ types }) => types.includes(type))
    return item ? (await item.getType(type)).text() : ''
  }
  const files: File[] = []
  for (const item of items) {
    const type = item.types.find((type) => type.startsWith('image/'))
    if (type) files.push(new File([await item.getType(type)], 'image', { type }))
  }
  return { own: await text(`web ${CLIPBOARD_MIME}`), excalidraw: '', html: await text('text/html'), plain: await text('text/plain'), files }
}

/** Deletes what is selected. */
export async function removeSelection(session: Session, view: BoardView): Promise<void> {
  const { deleteSelection } = await import('../editor')
  const { edits } = deleteSelection({ document: session.document, shapes: view.scene, selection: view.selection.ids, random: systemRandom })
  if (edits.length > 0) session.document.edit(edits)
}

/** The selection, or everything if nothing is selected. */
export function partOf(view: BoardView): Part {
  const selected = selectedShapes(view)
  return selected.length > 0 ? { shapes: selected, beneath: undefined } : wholeOf(view)
}

export function wholeOf(view: BoardView): Part {
  return { shapes: view.scene.all(), beneath: view.scene.background }
}

/** The inside of a frame. */
export function frameOf(view: BoardView, id: string): Part {
  const isIn = ({ props }: Shape, depth = 0): boolean => {
    const outer = props['frame']
    if (outer === id) return true
    const frame = typeof outer === 'string' && depth < MOST_FRAMES ? view.scene.get(outer) : undefined
    return frame !== undefined && isIn(frame, depth + 1)
  }
  const shapes = view.scene.all().filter((shape) => isIn(shape))
  return { shapes, beneath: view.scene.background, frame: view.scene.get(id) }
}

/** The paper of a board as its record has it; null = the theme's own. */
export function ownPaper({ document }: Session): string | null {
  const paper = document.get(BOARD_RECORD)?.['paper']
  return typeof paper === 'string' ? paper : null
}

/** What is copied for other programs, by its name. */
const COPIES = { png: 'PNG', svg: 'SVG', excalidraw: 'Excalidraw' } as const
type Copy = keyof typeof COPIES

/** Copies the selection, or everything, for other programs: as a picture, or as shapes for Excalidraw, which reads them as text. */
export async function copyAs(format: Copy, o: Omit<TransferOptions, 'view'> & { readonly view: BoardView }): Promise<void> {
  const part = partOf(o.view)
  if (part.shapes.length === 0 && !part.beneath) return notify(t('transfer.empty'))
  const look: Look = { theme: 'light', paper: ownPaper(o.session), ground: true, padding: 16, scale: format === 'png' ? 2 : 1 }
  const source: Source = { title: o.title.value, assetUrl: (asset) => o.assetUrl(asset), progress: () => undefined }
  try {
    await putPicture(format, part, look, source)
    notify(t('transfer.copiedAs', { format: COPIES[format] }))
  } catch {
    notify(t('transfer.clipboardRefused'), { tone: 'bad' })
  }
}

/** Browsers want the clipboard written in the moment of the key; the picture may come later. */
export async function putPicture(format: Copy, part: Part, look: Look, source: Source): Promise<void> {
  const made = import('../transfer/write').then(({ toPng, toSvg, toExcalidraw }) => ({ png: toPng, svg: toSvg, excalidraw: toExcalidraw })[format](part, look, source))
  if (format === 'png') return navigator.clipboard.write([new ClipboardItem({ 'image/png': made })])
  const text = made.then(async (blob) => new Blob([await blob.text()], { type: 'text/plain' }))
  await navigator.clipboard.write([new ClipboardItem({ 'text/plain': text })])
}
