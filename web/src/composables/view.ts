import { onBeforeUnmount, onMounted, shallowRef, watch, type Ref } from 'vue'
import { BoardView } from '../canvas/view'
import { DEFAULT_STYLE, type Style } from '../editor/style'
import type { Patch, Role } from '../board/types'
import { isObject } from '../board/validate'
import type { Look } from '../canvas/cursors'
import type { Session } from '../sync/session'
import type { ToolName } from '../tools'
import { api } from './session'
import { load, save } from './storage'
import { useTheme } from './theme'

export interface ViewOptions {
  readonly host: Readonly<Ref<HTMLElement | null>>
  readonly assumedRole: Role | undefined
  look(user: string): Look
}

/** The board on the screen, and what the tool bars show of it. */
export function useBoardView(session: Session, { host, assumedRole, look }: ViewOptions) {
  const { theme } = useTheme()
  const view = shallowRef<BoardView>()
  const tool = shallowRef<ToolName>('pen')
  const style = shallowRef(readStyle())
  const zoom = shallowRef(1)

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
    })
    board.subscribe(() => {
      tool.value = board.tool
      zoom.value = board.camera.zoom
    })
    zoom.value = board.camera.zoom
    view.value = board
  })
  onBeforeUnmount(() => view.value?.stop())

  watch(theme, (next) => view.value && (view.value.theme = next))
  watch(style, (next) => {
    save('style', next)
    if (view.value) view.value.style = next
  })

  const choose = (next: ToolName) => view.value && (view.value.tool = next)
  const setStyle = (change: Patch) => (style.value = { ...style.value, ...change })
  return { view, tool, style, zoom, choose, setStyle }
}

function readStyle(): Style {
  const stored = load('style')
  if (!isObject(stored)) return DEFAULT_STYLE
  const { color, width } = stored
  if (typeof color !== 'string' || typeof width !== 'number' || !(width >= 0.5 && width <= 64)) return DEFAULT_STYLE
  return { color, width }
}
