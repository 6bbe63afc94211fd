import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import type { RecordId } from '../board/types'
import { screen, world } from '../geometry/point'
import type { KeyInput } from '../commands/chords'
import { offer, type Offers, type Overlay } from '../commands/context'
import { kindOf } from '../shapes/kinds'
import { commandFor, commandOf, whyNot, type Command } from '../commands/registry'
import { boxAround, newContext, withEditor, type ContextOptions } from './context'
import { useKeyboard } from './keyboard'
import { load, save } from './storage'

export interface CommandOptions extends ContextOptions {
  /** The element the board is in. */
  readonly host: Readonly<Ref<HTMLElement | null>>
  /** Whether something is open that keys are for. */
  isBlocked(): boolean
  /** What the page offers to commands. */
  readonly offers: Partial<Offers>
}

/** A menu to open: where on the page, and for which shape. */
export interface MenuRequest {
  readonly x: number
  readonly y: number
  readonly shape: RecordId | undefined
  readonly byKeyboard: boolean
}

/** Whether keys by themselves are shortcuts; people who speak to their computer switch that off. */
const single = shallowRef(load('single-keys') !== false)

export function useSingleKeys() {
  const set = (on: boolean) => {
    single.value = on
    save('single-keys', on)
  }
  return { single, set }
}

/** What people do to the board by keys, menus and the palette. */
export function useCommands(o: CommandOptions) {
  const overlay = shallowRef<Overlay>()
  const menu = shallowRef<MenuRequest>()
  const context = newContext(o, (name) => (overlay.value = overlay.value === name ? undefined : name), openMenu)
  onScopeDispose(offer(o.offers))

  watch(o.view, (view, _, onCleanup) => {
    if (!view) return
    onCleanup(view.on('menu', ({ on, shape }) => (menu.value = { ...onPage(on.x, on.y), shape, byKeyboard: false })))
  })

  /** The menu as the keyboard asks for it: at the selection, or in the middle. */
  function openMenu(): void {
    const view = o.view.value
    const host = o.host.value
    if (!view || !host) return
    const { clientWidth: width, clientHeight: height } = host
    const box = boxAround(view, view.selection.ids)
    const on = box ? view.toScreen(world(box.maxX, box.minY)) : screen(width / 2, height / 2)
    const clamp = (n: number, most: number) => Math.min(Math.max(n, 8), most - 8)
    menu.value = { ...onPage(clamp(on.x, width), clamp(on.y, height)), shape: [...view.selection.ids].at(-1), byKeyboard: true }
  }

  function onPage(x: number, y: number): { x: number; y: number } {
    const { left, top } = o.host.value!.getBoundingClientRect()
    return { x: left + x, y: top + y }
  }

  /** Tab goes on to the next control, unless the board has the focus and something on it that Tab changes. */
  function isForBoard(target: EventTarget | null): boolean {
    const document = o.session.document
    const isOnBoard = target === o.host.value || target === window.document.body
    return isOnBoard && [...context.selected].some((id) => kindOf(document.get(id) ?? {})?.next)
  }

  /** Runs a command unless it can't be used now, and returns whether it did. */
  function run(command: Command, isRepeat = false): boolean {
    if (whyNot(command, context)) return false
    command.run(context, isRepeat)
    const { told } = command
    const isOn = Boolean(command.isOn?.(context))
    if (told) void import('./switched').then(({ tellSwitched }) => tellSwitched(told, isOn))
    return true
  }

  function key(input: KeyInput, target: EventTarget | null): boolean {
    if (o.isBlocked() || menu.value || overlay.value === 'help' || overlay.value === 'link') return false
    const command = commandFor(input, single.value)
    if (!command || command.isNative || (overlay.value === 'palette' && command.id !== 'palette')) return false
    if (command.id === 'convert' && !isForBoard(target)) return false
    return run(command, input.repeat) || input.mod
  }

  useKeyboard({
    key,
    modifiers: (mods) => o.view.value?.modify(mods),
    space: (down) => o.view.value && (o.view.value.space = down),
  })

  // Nobody waits for the first one.
  if (typeof requestIdleCallback === 'function') requestIdleCallback(() => withEditor(() => {}))

  return { overlay, menu, context, options: o, run: (id: string) => Boolean(commandOf(id) && run(commandOf(id)!)) }
}

export type Commands = ReturnType<typeof useCommands>
