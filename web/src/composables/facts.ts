import { onBeforeUnmount, onMounted, watch, type Ref } from 'vue'
import type { BoardView } from '../canvas/view'
import type { Session } from '../sync/session'

/** Pause after a change before the digest is computed, in ms, at least. */
const PAUSE = 30

/**
 * Keeps what the board knows of itself in the data attributes of an element, for tests and for the
 * curious: status, shapes, zoom, digest. `saved` appears together with the digest it belongs to.
 */
export function useFacts(session: Session, view: Ref<BoardView | undefined>, zoom: Ref<number>, root: Ref<HTMLElement | null>): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let pause = PAUSE

  function write(name: string, value: string): void {
    const { value: element } = root
    if (element && element.dataset[name] !== value) element.dataset[name] = value
  }

  /** On a large board the digest takes time, so it is computed less often. */
  function settle(): void {
    timer = undefined
    const start = performance.now()
    write('digest', session.document.digest())
    write('status', session.status.at)
    pause = PAUSE + 20 * (performance.now() - start)
  }

  function note(): void {
    const { at } = session.status
    if (at !== 'saved') write('status', at)
    if (view.value) write('shapes', String(view.value.scene.size))
    timer ??= setTimeout(settle, pause)
  }

  const ends: (() => void)[] = []
  onMounted(() => {
    ends.push(session.subscribe(note), session.document.subscribe(note))
    note()
  })
  watch(view, note)
  watch([view, zoom], () => write('zoom', String(Math.round(zoom.value * 1e4) / 1e4)))
  onBeforeUnmount(() => {
    clearTimeout(timer)
    for (const end of ends) end()
  })
}
