import { onBeforeUnmount, onMounted, shallowRef, watch, type Ref } from 'vue'
import { BoardView } from '../canvas/view'
import type { Role } from '../board/types'
import type { Look } from '../canvas/cursors'
import type { Session } from '../sync/session'
import type { Early } from '../transport/early'
import type { ToolName } from '../tools'
import { t } from '../i18n'
import { content } from './pixels'
import { api } from './session'
import { useStyle } from './style'
import { useTheme } from './theme'

export interface ViewOptions {
  readonly host: Readonly<Ref<HTMLElement | null>>
  /** What was begun before. */
  readonly early: Early
  readonly assumedRole: Role | undefined
  look(user: string): Look
}

/** The board on the screen, and what the tool bars show of it. */
export function useBoardView(session: Session, { host, early, assumedRole, look }: ViewOptions) {
  const { theme } = useTheme()
  const view = shallowRef<BoardView>()
  const tool = shallowRef<ToolName>('pen')
  const { style, setStyle } = useStyle(tool)
  const zoom = shallowRef(1)
  const shapes = shallowRef(0)
  const ends: (() => void)[] = []

  onMounted(() => {
    const board = new BoardView({
      session,
      host: host.value!,
      theme: theme.value,
      tool: tool.value,
      style: style.value,
      assumedRole,
      look,
      assetUrl: (asset) => api.assetUrl(asset),
      writingLabel: () => t('canvas.writing'),
    })
    board.subscribe(() => {
      tool.value = board.tool
      zoom.value = board.camera.zoom
    })
    board.scene.subscribe(() => (shapes.value = board.scene.size))
    shapes.value = board.scene.size
    zoom.value = board.camera.zoom
    view.value = board
    void early.picture.then((picture) => {
      if (picture && !session.loaded) board.standIn(picture)
      early.end()
    })
    void complete(board)
    if (new URLSearchParams(location.search).has('bench')) Object.assign(window, { __easel: { stats: () => board.stats(), session } })
  })

  /** Fetches what is of use only with the content. */
  async function complete(board: BoardView): Promise<void> {
    await content(session)
    await board.prepare()
    const [{ keepLikeness }, { keepHistory }] = await Promise.all([import('./likeness'), import('./lasting')])
    if (view.value === board) ends.push(keepLikeness(board, early, theme), keepHistory(session.board, session))
  }

  onBeforeUnmount(() => {
    for (const end of ends) end()
    view.value?.stop()
    view.value = undefined
  })

  watch(theme, (next) => view.value && (view.value.theme = next))
  watch(style, (next) => view.value && (view.value.style = next), { flush: 'sync' })

  const choose = (next: ToolName) => view.value && (view.value.tool = next)
  return { view, tool, style, zoom, shapes, choose, setStyle }
}
