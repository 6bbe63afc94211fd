import { computed, type Ref } from 'vue'
import type { Look } from '../canvas/cursors'
import { t } from '../i18n'
import type { Person } from '../sync/session'
import { personColor, personColors } from './person'

/** Someone on the board as they are shown. */
export interface Face extends Look {
  readonly user: string
  readonly isMe: boolean
  readonly isViewer: boolean
}

/** The people on a board with names and colours, oneself first. */
export function usePeople(people: Ref<readonly Person[]>, self: Ref<{ user: string; name: string } | undefined>) {
  const colors = computed(() => personColors(people.value.map(({ user }) => user)))
  const faces = computed(() => {
    const all = people.value.map(({ user, name, role }): Face => {
      const isMe = user === self.value?.user
      const shown = (isMe && self.value?.name) || name || t('common.someone')
      return { user, name: shown, color: colors.value.get(user)!, isMe, isViewer: role === 'viewer' }
    })
    return all.sort((a, b) => Number(b.isMe) - Number(a.isMe) || a.name.localeCompare(b.name))
  })
  const looks = computed(() => new Map(faces.value.map((face) => [face.user, face])))
  const look = (user: string): Look => looks.value.get(user) ?? { name: t('common.someone'), color: personColor(user) }
  return { faces, look }
}
