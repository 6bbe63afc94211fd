import { computed, onScopeDispose, shallowRef, type Ref } from 'vue'
import type { Patch, RecordId } from '../board/types'
import type { BoardView } from '../canvas/view'
import { placeOf } from '../comments/place'
import { Talk, type News, type Speaker, type Spot } from '../comments/talk'
import type { World } from '../geometry/point'
import { t } from '../i18n'
import type { Session } from '../sync/session'
import { announce, useOthersAnnounced } from './announcer'
import { notify } from './notices'
import { isObject } from '../board/validate'
import { load, save } from './storage'

export interface CommentOptions {
  readonly session: Session
  readonly view: BoardView
  readonly board: string
  /** Whether there were comments when one came: what came later is news. */
  readonly wasThere: boolean
  readonly self: Readonly<Ref<Speaker | undefined>>
}

/** What is said on a board, and how to say something. */
export function useComments({ session, view, board, wasThere, self }: CommentOptions) {
  const talk = new Talk(session.document)
  const threads = shallowRef(talk.threads)
  const { isOn: isTold } = useOthersAnnounced()
  const seen = shallowRef(seenOn(board) ?? (wasThere ? everything(talk) : {}))
  save(`comments-seen.${board}`, seen.value)

  const end = talk.subscribe((fresh) => {
    threads.value = talk.threads
    fresh.forEach(tell)
  })
  if (!wasThere) for (const { comments } of talk.threads) comments.forEach((comment, i) => tell({ comment, isReply: i > 0 }))
  onScopeDispose(() => {
    end()
    talk.stop()
  })

  /** Says something as oneself, if one is known yet. */
  function speak<T>(say: (speaker: Speaker, now: number) => T): T | undefined {
    if (self.value) return say(self.value, session.now())
    notify(t('comments.notYet'), { tone: 'bad' })
    return undefined
  }

  /** What others say is announced to those who listen. */
  function tell({ comment: { user, name, text }, isReply }: Pick<News, 'comment' | 'isReply'>): void {
    if (!isTold.value || user === self.value?.user) return
    announce(t(isReply ? 'comments.newsReply' : 'comments.news', { name: name || t('common.someone'), text }))
  }

  function removeThread(id: RecordId): void {
    talk.removeThread(id)
    notify(t('comments.threadDeleted'), { action: { label: t('common.undo'), run: () => talk.removeThread(id, false) } })
  }

  function remove(comment: RecordId): void {
    talk.remove(comment)
    notify(t('comments.deleted'), { action: { label: t('common.undo'), run: () => talk.remove(comment, false) } })
  }

  /** What is in the thread now is no news any more. */
  function see(id: RecordId): void {
    const last = talk.get(id)?.comments.at(-1)?.time ?? 0
    if ((seen.value[id] ?? 0) >= last) return
    const known = new Set(talk.threads.map((thread) => thread.id))
    seen.value = Object.fromEntries([...Object.entries(seen.value), [id, last] as const].filter(([one]) => known.has(one)))
    save(`comments-seen.${board}`, seen.value)
  }

  /** The threads in which others have said something since one last looked. */
  const unread = computed<ReadonlySet<RecordId>>(() => {
    const isNews = (id: RecordId, user: string, time: number) => user !== self.value?.user && time > (seen.value[id] ?? 0)
    return new Set(threads.value.filter(({ id, comments }) => comments.some(({ user, time }) => isNews(id, user, time))).map(({ id }) => id))
  })

  /** Where a thread is shown: on its shape as that is shown, or as it was when it was deleted. */
  const lookup = (id: RecordId): Patch | undefined => view.shown(id) ?? session.document.get(id)
  const whereIs = (thread: Pick<Spot, 'at' | 'on'>): World => placeOf(thread, lookup)

  return {
    ...{ threads, unread, see, whereIs, remove, removeThread },
    begin: (spot: Spot, text: string) => speak((speaker, now) => talk.begin(spot, text, speaker, now)),
    reply: (id: RecordId, text: string) => speak((speaker, now) => talk.reply(id, text, speaker, now)) ?? false,
    edit: (comment: RecordId, text: string) => talk.edit(comment, text, session.now()),
    resolve: (id: RecordId, resolved: boolean) => talk.resolve(id, resolved),
    move: (id: RecordId, spot: Spot) => talk.move(id, spot),
  }
}

export type Comments = ReturnType<typeof useComments>

type Seen = { readonly [thread: RecordId]: number }

function seenOn(board: string): Seen | undefined {
  const stored = load(`comments-seen.${board}`)
  return isObject(stored) ? (stored as Seen) : undefined
}

/** Whoever comes to a board for the first time has read everything. */
function everything(talk: Talk): Seen {
  return Object.fromEntries(talk.threads.map(({ id, comments }) => [id, comments.at(-1)!.time]))
}
