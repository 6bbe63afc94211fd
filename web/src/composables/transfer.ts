import { onBeforeUnmount, onMounted, onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import type { BoardView } from '../canvas/view'
import { offer } from '../commands/context'
import { screen, type World } from '../geometry/point'
import { t } from '../i18n'
import '../i18n/late/transfer'
import type { Session } from '../sync/session'
import type { Uploads } from '../transfer/images'
import type { Carried } from '../transfer/read'
import type { Uploading } from '../transfer/uploading'
import { prepareCopy, useClipboard } from './clipboard'
import { useDrop } from './drop'
import { isMac } from './keyboard'
import { notify } from './notices'

export interface TransferOptions {
  readonly session: Session
  readonly view: Readonly<Ref<BoardView | undefined>>
  readonly mayEdit: Readonly<Ref<boolean>>
  /** Where the board is, and where files may be dropped. */
  readonly host: Readonly<Ref<HTMLElement | null>>
  readonly root: Readonly<Ref<HTMLElement | null>>
  readonly uploads: Uploads
  /** What sends pictures, once there are any. */
  readonly pictures: Ref<Uploading | undefined>
  readonly title: Readonly<Ref<string>>
  assetUrl(asset: string): string
  /** Whether something is open above the board. */
  isBlocked(): boolean
}

type Bring = typeof import('./transferwork')

/** Copy, cut, paste, drop, import and export. What does the work is fetched when it is first asked for. */
export function useTransfer(o: TransferOptions) {
  const dialog = shallowRef<'export'>()
  const pointer = usePointer(o.host)
  const work = (): Promise<Bring> => import('./transferwork')
  const view = () => o.view.value

  function middle(): World {
    const { clientWidth, clientHeight } = o.host.value!
    return view()!.toWorld(screen(clientWidth / 2, clientHeight / 2))
  }

  /** Under the pointer while it is over the board, else in the middle. */
  function target(): World {
    return pointer.at ? view()!.toWorld(pointer.at) : middle()
  }

  async function bring(carried: Carried, at: World, isPlain = false): Promise<void> {
    if (view()) await (await work()).bring(carried, { ...o, view: view()!, at }, isPlain)
  }

  function pick(accept: string, at: World): void {
    const input = document.createElement('input')
    Object.assign(input, { type: 'file', accept, multiple: true })
    input.dataset['testid'] = 'transfer-input'
    input.hidden = true
    input.onchange = () => {
      void bring({ own: '', excalidraw: '', html: '', plain: '', files: [...(input.files ?? [])] }, at)
      input.remove()
    }
    input.oncancel = () => input.remove()
    document.body.append(input)
    input.click()
  }

  /** Menus can't paste by the browser's own event: they have to ask for the clipboard. */
  async function paste(isPlain: boolean): Promise<void> {
    const at = target()
    const carried = await (await work()).readClipboardItems()
    if (carried) return bring(carried, at, isPlain)
    notify(t('transfer.pasteByKey', { keys: isMac ? '⌘V' : 'Ctrl+V' }))
  }

  const remove = () => void work().then(({ removeSelection }) => view() && removeSelection(o.session, view()!))

  useClipboard({
    view,
    mayEdit: () => o.mayEdit.value,
    isBlocked: () => o.isBlocked() || dialog.value !== undefined,
    remove,
    paste: (carried, isPlain) => view() && void bring(carried, target(), isPlain),
  })

  const { isOver } = useDrop(o.root, {
    mayEdit: () => o.mayEdit.value && dialog.value === undefined,
    drop: (carried, { clientX, clientY }) => {
      const { left, top } = o.host.value!.getBoundingClientRect()
      if (view()) void bring(carried, view()!.toWorld(screen(clientX - left, clientY - top)))
    },
  })

  watch(
    o.view,
    (board, _, onCleanup) => {
      if (!board) return
      const ends = [
        board.on('pick-image', ({ at }) => pick('image/*', at)),
        board.selection.subscribe(() => {
          // Without a network there is nothing to fetch; a copy does without it.
          if (board.selection.size > 0) void prepareCopy(board, (asset) => o.assetUrl(asset)).catch(() => undefined)
        }),
      ]
      onCleanup(() => ends.forEach((end) => end()))
    },
    { immediate: true },
  )

  const importFile = () => view() && pick('.easel,.ndjson,.json,.excalidraw,.excalidrawlib,.txt,.md,image/*', middle())

  onScopeDispose(
    offer({
      copy: () => void document.execCommand('copy'),
      cut: () => void document.execCommand('cut'),
      paste: () => void paste(false),
      pastePlain: () => void paste(true),
      copyAs: (format) => void work().then(({ copyAs }) => view() && copyAs(format, { ...o, view: view()! })),
      exportBoard: () => (dialog.value = 'export'),
      importFile,
    }),
  )

  return { dialog, isOver, importFile }
}

/** Where a pointer that can hover is over the board. */
function usePointer(host: TransferOptions['host']): { readonly at: ReturnType<typeof screen> | undefined } {
  let last: PointerEvent | undefined

  function move(e: PointerEvent): void {
    last = e
  }

  onMounted(() => window.addEventListener('pointermove', move, { passive: true }))
  onBeforeUnmount(() => window.removeEventListener('pointermove', move))
  return {
    /** Found out when it is asked for: to ask for an element's place while a hand moves costs a layout each time. */
    get at() {
      const element = host.value
      const over = element && last?.target instanceof Node && element.contains(last.target) && last.pointerType !== 'touch'
      if (!over) return undefined
      const { left, top } = element.getBoundingClientRect()
      return screen(last!.clientX - left, last!.clientY - top)
    },
  }
}
