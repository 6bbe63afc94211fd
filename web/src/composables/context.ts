import type { Ref } from 'vue'
import { newRecordId, systemRandom } from '../board/ids'
import type { Patch, RecordId } from '../board/types'
import { isObject } from '../board/validate'
import type { BoardView } from '../canvas/view'
import { offered, type Context, type Eye, type Overlay } from '../commands/context'
import type { Action, Desk } from '../editor/desk'
import type { Style } from '../editor/style'
import { union, type Box } from '../geometry/box'
import { t } from '../i18n'
import type { Session } from '../sync/session'
import type { ToolName } from '../tools'
import { notify } from './notices'
import { load, save } from './storage'

export interface ContextOptions {
  readonly session: Session
  readonly view: Readonly<Ref<BoardView | undefined>>
  readonly mayEdit: Readonly<Ref<boolean>>
  readonly tool: Readonly<Ref<ToolName>>
  /** What new shapes look like. */
  readonly style: Readonly<Ref<Style>>
  setStyle(change: Patch): void
  choose(tool: ToolName): void
}

/** What commands do to this board. */
export function newContext(o: ContextOptions, open: (overlay: Overlay) => void, openMenu: () => void): Context {
  const { document } = o.session
  let push = ''

  function perform(action: Action, merge?: string): void {
    const view = o.view.value
    if (!view) return
    const { edits, select, locked = 0 } = action(deskOf(o.session, view))
    if (edits.length > 0) document.edit(edits, merge === undefined ? {} : { merge })
    if (select) view.selection.set(select)
    if (locked > 0) notify(t('commands.locked', { n: locked }))
  }

  const context: Context = {
    ...{ offers: offered, open, openMenu },
    choose: o.choose,
    get mayEdit() {
      return o.mayEdit.value
    },
    get selected() {
      return o.view.value?.selection.ids ?? NONE
    },
    get tool() {
      return o.tool.value
    },
    get eye() {
      return o.view.value && eyeOf(o.view.value)
    },
    act: (name) => withEditor((editor) => perform(editor[name])),
    perform: (make) => withEditor((editor) => perform(make(editor))),
    copyStyle: () =>
      withEditor((editor) => {
        const style = o.view.value && editor.styleOf(deskOf(o.session, o.view.value))
        if (!style) return
        save('copied-style', style)
        notify(t('commands.styleCopied'))
      }),
    pasteStyle: () => {
      const style = load('copied-style')
      if (isObject(style)) context.perform((editor) => editor.pasteStyle(style as Patch))
    },
    fill: () => context.perform((editor) => editor.fillWith(o.style.value['fill'] ?? o.style.value.color)),
    nudge: (dx, dy, isRepeat) => {
      if (!isRepeat) push = newRecordId()
      withEditor((editor) => perform(editor.moveBy(dx, dy), `nudge ${push}`))
    },
  }
  return context
}

/** What actions work on. */
export function deskOf({ document }: Session, { scene, selection }: BoardView): Desk {
  return { document, shapes: scene, selection: selection.ids, random: systemRandom }
}

const NONE: ReadonlySet<RecordId> = new Set()

function eyeOf(view: BoardView): Eye {
  return {
    zoomBy: (direction) => view.zoomBy(direction),
    zoomTo: (zoom) => view.zoomTo(zoom),
    fit: () => view.fit(),
    fitTo: (ids) => {
      const box = boxAround(view, ids)
      if (box) view.fit(box)
    },
    cancel: () => view.cancel(),
    finish: () => view.finish(),
    comment: () => {
      view.tool = 'comment'
      view.drive({ type: 'finish' })
    },
    write: (id) => view.perform({ do: 'write', id }),
  }
}

/** The box around shapes that can be seen. */
export function boxAround({ scene }: BoardView, ids: Iterable<RecordId>): Box | undefined {
  return [...ids].map((id) => scene.get(id)?.box).reduce<Box | undefined>((a, b) => union(a, b), undefined)
}

type Editor = typeof import('../editor')
let editor: Editor | undefined

/** The actions are fetched when they are first needed; from then on they are done at once. */
export function withEditor(use: (editor: Editor) => void): void {
  if (editor) return use(editor)
  void import('../editor').then((loaded) => use((editor = loaded)))
}
