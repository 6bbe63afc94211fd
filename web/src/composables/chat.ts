import { computed, onScopeDispose, shallowRef } from 'vue'
import type { Patch, RecordId } from '../board/types'
import type { Session } from '../sync/session'

/** A line as it is shown. */
export interface ChatLine {
  readonly id: RecordId
  readonly user: string
  readonly name: string
  readonly text: string
  /** Unix ms. */
  readonly time: number
}

/** The board's chat, oldest line first, and how many lines have come since it was last open. */
export function useChat(session: Session) {
  const known = new Map<RecordId, ChatLine>()
  const lines = shallowRef<readonly ChatLine[]>([])
  const isOpen = shallowRef(false)
  const seen = shallowRef(0)

  function take(id: RecordId, props: Patch | undefined): boolean {
    const line = lineOf(id, props)
    if (line) known.set(id, line)
    return line ? true : known.delete(id)
  }

  function show(): void {
    lines.value = [...known.values()].sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1))
    if (isOpen.value) seen.value = lines.value.length
  }

  for (const [id, props] of session.document.records()) take(id, props)
  show()
  onScopeDispose(
    session.document.subscribe((changes, origin) => {
      const touched = changes.map(({ id, after }) => take(id, after))
      if (!touched.includes(true)) return
      show()
      // What was said before one came is no news.
      if (origin === 'load') seen.value = lines.value.length
    }),
  )

  function toggle(open = !isOpen.value): void {
    isOpen.value = open
    seen.value = lines.value.length
  }

  const unread = computed(() => {
    const self = session.self?.user
    return isOpen.value ? 0 : lines.value.slice(seen.value).filter(({ user }) => user !== self).length
  })
  return { lines, isOpen, unread, toggle }
}

function lineOf(id: RecordId, props: Patch | undefined): ChatLine | undefined {
  if (props?.['kind'] !== 'chat' || props['deleted'] === true) return undefined
  const { user, name, text, time } = props
  if (typeof user !== 'string' || typeof text !== 'string' || typeof time !== 'number') return undefined
  return { id, user, name: typeof name === 'string' ? name : '', text, time }
}
