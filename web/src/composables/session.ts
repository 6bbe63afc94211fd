import { computed, onScopeDispose, shallowRef } from 'vue'
import type { Change, Role } from '../board/types'
import { BOARD_RECORD } from '../board/ids'
import { MAX_TITLE } from '../board/validate'
import type { Session } from '../sync/session'
import { HttpApi } from '../transport/api'
import { openBoard } from '../transport/open'

export const api = new HttpApi()

/** Refusals that mean that the link does not open the board, or not any more. */
const NO_ACCESS = ['unauthorized', 'forbidden', 'not_found']

/** Opens a board for as long as the scope lasts. */
export function openSession(board: string, secret: string, name: string): Session {
  const session = openBoard(api, { board, secret, name: name || undefined })
  session.start()
  // The page may be kept in memory after it is left: what is not sent yet stays in the outbox.
  onScopeDispose(() => void session.stop())
  return session
}

/** What templates show of a session; `assumedRole` holds until the server has said. */
export function useSession(session: Session, assumedRole: Role | undefined) {
  const read = () => ({ status: session.status, people: session.people, self: session.self, role: session.role, loaded: session.loaded, waiting: session.waiting })
  const state = shallowRef(read())
  onScopeDispose(session.subscribe(() => (state.value = read())))
  const status = computed(() => state.value.status)
  return {
    status,
    people: computed(() => state.value.people),
    self: computed(() => state.value.self),
    mayEdit: computed(() => (state.value.role ?? assumedRole) === 'editor'),
    isViewer: computed(() => state.value.role === 'viewer'),
    role: computed(() => state.value.role),
    loaded: computed(() => state.value.loaded),
    waiting: computed(() => state.value.waiting),
    noAccess: computed(() => status.value.at === 'refused' && NO_ACCESS.includes(status.value.code)),
  }
}

/** The board's title, its paper, and whether it has a background. */
export function useBoardRecord({ document: doc }: Session) {
  const record = shallowRef(doc.get(BOARD_RECORD))
  onScopeDispose(
    doc.subscribe((changes: readonly Change[]) => {
      if (changes.some(({ id }) => id === BOARD_RECORD)) record.value = doc.get(BOARD_RECORD)
    }),
  )
  const title = computed(() => (typeof record.value?.['title'] === 'string' ? record.value['title'] : ''))
  const hasBackground = computed(() => Boolean(record.value?.['background']))
  const paper = computed(() => (typeof record.value?.['paper'] === 'string' ? record.value['paper'] : null))
  const rename = (next: string) => doc.edit([[BOARD_RECORD, { title: [...next.trim()].slice(0, MAX_TITLE).join('') }]])
  return { title, hasBackground, paper, rename }
}

/** Whether there is something to undo and to redo. */
export function useHistory({ document: { history } }: Session) {
  const state = shallowRef({ canUndo: history.canUndo, canRedo: history.canRedo })
  onScopeDispose(history.subscribe(() => (state.value = { canUndo: history.canUndo, canRedo: history.canRedo })))
  return state
}
