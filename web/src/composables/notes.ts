import { computed, watch, type ComputedRef, type Ref } from 'vue'
import type { Role } from '../board/types'
import { language, t } from '../i18n'
import { RELOAD, type Status } from '../sync/session'
import { notify } from './notices'
import { useRecent } from './recent'

export interface BoardNotes {
  readonly board: string
  readonly secret: string
  readonly title: ComputedRef<string>
  readonly loaded: ComputedRef<boolean>
  readonly role: ComputedRef<Role | undefined>
  readonly status: ComputedRef<Status>
  readonly noAccess: ComputedRef<boolean>
}

/** Names the page after its board, remembers the board, and tells what the server did not accept. */
export function useBoardNotes({ board, secret, title, loaded, role, status, noAccess }: BoardNotes): { refusal: Ref<string> } {
  const { remember } = useRecent()
  const refused = computed(() => (status.value.at === 'refused' ? status.value : undefined))

  watch([title, loaded, role, language], () => {
    document.title = t('board.pageTitle', { title: title.value || t('board.untitled') })
    if (!loaded.value || !role.value) return
    remember({ id: board, secret, title: title.value, role: role.value, opened: Date.now() })
  })
  watch([() => refused.value?.code, () => refused.value?.message], () => {
    const now = refused.value
    if (!now || noAccess.value) return
    if (now.code !== RELOAD) return notify(t('status.changeRefused', { reason: now.message }), { tone: 'bad' })
    notify(t('status.outOfDate'), { tone: 'bad', action: { label: t('common.reload'), run: () => location.reload() } })
  })
  return { refusal: computed(() => refused.value?.code ?? '') }
}
