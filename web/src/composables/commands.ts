import { onScopeDispose, shallowRef, type Ref } from 'vue'
import { newRecordId, systemRandom } from '../board/ids'
import type { RecordId } from '../board/types'
import type { BoardView } from '../canvas/view'
import type { KeyInput } from '../commands/chords'
import { offer, offered, type Context, type Offers, type Overlay } from '../commands/context'
import { commandFor, commandOf, whyNot, type Command } from '../commands/registry'
import type { Action, Desk } from '../editor/desk'
import { union, type Box } from '../geometry/box'
import { t } from '../i18n'
import type { Session } from '../sync/session'
import type { ToolName } from '../tools'
import { useKeyboard } from './keyboard'
import { notify } from './notices'

export interface CommandOptions {
  readonly session: Session
  readonly view: Readonly<Ref<BoardView | undefined>>
  readonly mayEdit: Readonly<Ref<boolean>>
  readonly tool: Readonly<Ref<ToolName>>
  choose(tool: ToolName): void
  /** Whether something is open that keys are for. */
  isBlocked(): boolean
  /** What the page offers to commands. */
  readonly offers: Partial<Offers>
}

/** What people do to the board by keys, menus and the palette. */
export function useCommands(o: CommandOptions) {
  const overlay = shallowRef<Overlay>()
  const context = newContext(o, (name) => (overlay.value = name))
  onScopeDispose(offer(o.offers))

  /** Runs a command unless it can't be used now, and returns whether it did. */
  function run(command: Command, isRepeat = false): boolean {
    if (whyNot(command, context)) return false
    command.run(context, isRepeat)
    return true
  }

  function key(input: KeyInput): boolean {
    if (o.isBlocked() || overlay.value === 'help' || overlay.value === 'palette') return false
    const command = commandFor(input)
    return command !== undefined && (run(command, input.repeat) || input.mod)
  }

  useKeyboard({
    key,
    modifiers: (mods) => o.view.value?.modify(mods),
    space: (down) => o.view.value && (o.view.value.space = down),
  })

  return { overlay, context, run: (id: string) => run(commandOf(id)!) }
}

function newContext(o: CommandOptions, open: (overlay: Overlay) => void): Context {
  const { document } = o.session
  let push = ''

  function desk(view: BoardView): Desk {
    return { document, shapes: view.scene, selection: view.selection.ids, random: systemRandom }
  }

  function perform(action: Action, merge?: string): void {
    const view = o.view.value
    if (!view) return
    const { edits, select, locked = 0 } = action(desk(view))
    if (edits.length > 0) document.edit(edits, merge === undefined ? {} : { merge })
    if (select) view.selection.set(select)
    if (locked > 0) notify(t('commands.locked', { n: locked }))
  }

  return {
    offers: offered,
    open,
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
    nudge: (dx, dy, isRepeat) => {
      if (!isRepeat) push = newRecordId()
      withEditor((editor) => perform(editor.moveBy(dx, dy), `nudge ${push}`))
    },
  }
}

const NONE: ReadonlySet<RecordId> = new Set()

function eyeOf(view: BoardView): NonNullable<Context['eye']> {
  return {
    zoomBy: (direction) => view.zoomBy(direction),
    zoomTo: (zoom) => view.zoomTo(zoom),
    fit: () => view.fit(),
    fitTo: (ids) => {
      const boxes = [...ids].map((id) => view.scene.get(id)?.box)
      const around = boxes.reduce<Box | undefined>((a, b) => union(a, b), undefined)
      if (around) view.fit(around)
    },
    cancel: () => view.cancel(),
  }
}

type Editor = typeof import('../editor')
let editor: Editor | undefined

/** The actions are fetched when they are first needed; from then on they are done at once. */
function withEditor(use: (editor: Editor) => void): void {
  if (editor) return use(editor)
  void import('../editor').then((loaded) => use((editor = loaded)))
}

export type Commands = ReturnType<typeof useCommands>
