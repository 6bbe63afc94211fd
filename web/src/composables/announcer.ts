import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { News } from '../access/news'
import type { Change, Origin, RecordId } from '../board/types'
import type { BoardView } from '../canvas/view'
import { t } from '../i18n'
import type { Session } from '../sync/session'
import type { ChatLine } from './chat'
import type { Face } from './people'
import { notify } from './notices'
import { load, save } from './storage'

/** What is said within this time is said together, in ms. */
const TOGETHER = 150
/** What others do is told no more often than this, in ms. */
const OTHERS = 3000

const said = shallowRef({ text: '', count: 0 })
let waiting: string[] = []
let timer: ReturnType<typeof setTimeout> | undefined

/** Says something to those who listen to the page. */
export function announce(text: string): void {
  if (!text || waiting.includes(text)) return
  waiting.push(text)
  timer ??= setTimeout(() => {
    timer = undefined
    said.value = { text: waiting.join('. '), count: said.value.count + 1 }
    waiting = []
  }, TOGETHER)
}

/** What was said last, for a live region; `count` tells apart what is said twice. */
export function useSaid() {
  return said
}

const others = shallowRef(load('quiet') !== true)

/** Whether what others do is told; kept in this browser. */
export function useOthersAnnounced() {
  const set = (on: boolean) => {
    others.value = on
    save('quiet', !on)
  }
  return { isOn: others, set }
}

export interface AnnouncerOptions {
  readonly session: Session
  readonly view: Readonly<Ref<BoardView | undefined>>
  readonly faces: Readonly<Ref<readonly Face[]>>
  readonly lines: Readonly<Ref<readonly ChatLine[]>>
  readonly isChatOpen: Readonly<Ref<boolean>>
}

/** Tells what happens on the board: what one does oneself at once, what others do now and then, what is lost by it in any case. */
export function useAnnouncer(o: AnnouncerOptions): void {
  tellChanges(o)
  tellSelection(o)
  tellLoss(o)
  tellPeople(o)
  tellConnection(o.session)
  watch(o.lines, (lines, before) => {
    const line = lines.at(-1)
    if (!line || o.isChatOpen.value || lines.length !== before.length + 1 || line.user === o.session.self?.user) return
    if (others.value) announce(t('access.message', { name: line.name || t('common.someone'), text: line.text }))
  })
}

function tellChanges({ session, faces }: AnnouncerOptions): void {
  let own = new News()
  let ownTimer: ReturnType<typeof setTimeout> | undefined
  const byOthers = new Map<string, News>()
  let othersTimer: ReturnType<typeof setTimeout> | undefined

  function tellOwn(): void {
    ownTimer = undefined
    announce(own.own(t))
    own = new News()
  }

  function tellOthers(): void {
    othersTimer = undefined
    if (others.value) for (const [name, news] of byOthers) if (!news.isEmpty) announce(news.of(name, t))
    byOthers.clear()
  }

  function nameOf(id: RecordId): string {
    const user = session.userOf(session.document.writerOf(id) ?? '')
    return faces.value.find((face) => face.user === user)?.name ?? t('common.someone')
  }

  function take(changes: readonly Change[], origin: Origin): void {
    if (origin === 'load') return
    if (origin === 'remote') {
      for (const change of changes) {
        const name = nameOf(change.id)
        if (!byOthers.has(name)) byOthers.set(name, new News())
        byOthers.get(name)!.take([change])
      }
      othersTimer ??= setTimeout(tellOthers, OTHERS)
    } else {
      own.take(changes)
      ownTimer ??= setTimeout(tellOwn, TOGETHER)
    }
  }

  const end = session.document.subscribe(take)
  onScopeDispose(() => {
    end()
    clearTimeout(ownTimer)
    clearTimeout(othersTimer)
  })
}

function tellSelection({ view }: AnnouncerOptions): void {
  watch(
    view,
    (now, _, onCleanup) => {
      const end = now?.selection.subscribe(() => {
        const n = now.selection.size
        announce(n === 0 ? t('access.noneSelected') : t('access.selected', { n }))
      })
      onCleanup(() => end?.())
    },
    { immediate: true },
  )
}

function tellLoss({ view, session: { document } }: AnnouncerOptions): void {
  watch(
    view,
    (now, _, onCleanup) => {
      const end = now?.on('lost', ({ shape }) => {
        const run = () => document.edit([[shape, { deleted: false }]])
        notify(t('canvas.lost'), { action: { label: t('common.undo'), run } })
      })
      onCleanup(() => end?.())
    },
    { immediate: true },
  )
}

function tellPeople({ session, faces }: AnnouncerOptions): void {
  let known: ReadonlyMap<string, string> | undefined
  const tell = (now: readonly Face[]) => {
    const here = new Map(now.filter(({ isMe }) => !isMe).map(({ user, name }) => [user, name]))
    const before = known
    // Without a connection nobody is known to be here, which is no news of them.
    if (!session.loaded || session.status.at === 'offline' || now.length === 0) return
    known = here
    if (!before || !others.value) return
    for (const [user, name] of here) if (!before.has(user)) announce(t('access.joined', { name }))
    for (const [user, name] of before) if (!here.has(user)) announce(t('access.left', { name }))
  }
  watch(faces, tell, { immediate: true })
}

function tellConnection(session: Session): void {
  let wasOffline = false
  const tell = () => {
    const { at } = session.status
    if (at === 'connecting') return
    const isOffline = at === 'offline'
    if (isOffline !== wasOffline) announce(t(isOffline ? 'access.offline' : 'access.online'))
    wasOffline = isOffline
  }
  tell()
  onScopeDispose(session.subscribe(tell))
}
