import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import type { Change, Patch, RecordId } from '../board/types'
import type { BoardView } from '../canvas/view'
import { width } from '../geometry/box'
import { world } from '../geometry/point'
import { ApiError } from '../sync/ports'
import type { Session } from '../sync/session'
import type { Upload, Uploading } from '../transfer/uploading'

/** How many marks are shown at once. */
const MOST = 50
/** Narrower than this on the screen, in pixels, there is no room for a mark. */
const LEAST = 56

const isMissing = (record: Patch | undefined) => record?.['kind'] === 'image' && !record['asset'] && record['deleted'] !== true

/** The image shapes of a board whose pictures have not been sent, or not yet. */
export function useMissingPictures({ document: doc }: Session): Readonly<Ref<ReadonlySet<RecordId>>> {
  const missing = shallowRef<ReadonlySet<RecordId>>(new Set([...doc.records()].flatMap(([id, record]) => (isMissing(record) ? [id] : []))))
  const follow = (changes: readonly Change[]) => {
    const differs = changes.filter(({ id, after }) => isMissing(after) !== missing.value.has(id))
    if (differs.length === 0) return
    const next = new Set(missing.value)
    for (const { id, after } of differs) isMissing(after) ? next.add(id) : next.delete(id)
    missing.value = next
  }
  onScopeDispose(doc.subscribe(follow))
  return missing
}

/** What is told of a picture that is not there: where on the canvas, in pixels, and how far it has come, if it is ours. */
export interface PictureMark {
  readonly id: RecordId
  readonly x: number
  readonly y: number
  readonly width: number
  readonly upload: Upload | undefined
}

export interface MarkOptions {
  readonly session: Session
  readonly view: BoardView
  readonly missing: Readonly<Ref<ReadonlySet<RecordId>>>
  readonly pictures: Readonly<Ref<Uploading | undefined>>
}

/** The marks of the pictures that are in view. Leaving is asked about while one of ours is under way; what failed offline is tried again. */
export function usePictureMarks({ session, view, missing, pictures }: MarkOptions) {
  const turn = shallowRef(0)
  const uploads = shallowRef<readonly Upload[]>([])
  const again = () => void turn.value++
  const ends = [view.subscribe(again), view.scene.subscribe(again)]
  watch(
    pictures,
    (sending, _, onCleanup) => {
      if (!sending) return
      const read = () => (uploads.value = sending.all)
      read()
      onCleanup(sending.subscribe(read))
    },
    { immediate: true },
  )

  const marks = computed((): readonly PictureMark[] => {
    void turn.value
    const own = new Map(uploads.value.flatMap((upload) => upload.shapes.map((id) => [id, upload] as const)))
    const found: PictureMark[] = []
    for (const id of missing.value) {
      const mark = markOf(view, id, own.get(id))
      if (mark) found.push(mark)
      if (found.length === MOST) break
    }
    return found
  })

  let wasOffline = session.status.at === 'offline'
  ends.push(
    session.subscribe(() => {
      const isOffline = session.status.at === 'offline'
      if (wasOffline && !isOffline) pictures.value?.retry((error) => error instanceof ApiError && error.status === 0)
      wasOffline = isOffline
    }),
  )
  const onLeave = (e: BeforeUnloadEvent) => pictures.value?.isPending && e.preventDefault()
  window.addEventListener('beforeunload', onLeave)
  ends.push(() => window.removeEventListener('beforeunload', onLeave))
  onScopeDispose(() => ends.forEach((end) => end()))
  return marks
}

function markOf(view: BoardView, id: RecordId, upload: Upload | undefined): PictureMark | undefined {
  const shape = view.scene.get(id)
  if (!shape) return undefined
  const { box } = shape
  const wide = width(box) * view.camera.zoom
  const { x, y } = view.toScreen(world((box.minX + box.maxX) / 2, (box.minY + box.maxY) / 2))
  const isSeen = x > -wide / 2 && y > 0 && x < view.size.width + wide / 2 && y < view.size.height
  return isSeen && (wide >= LEAST || upload?.state === 'failed') ? { id, x, y, width: wide, upload } : undefined
}
