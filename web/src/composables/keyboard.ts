import { onBeforeUnmount, onMounted } from 'vue'
import type { KeyInput } from '../commands/chords'
import type { Modifiers } from '../tools'

export interface KeyboardSink {
  /** Returns whether the key is used up. */
  key(input: KeyInput, target: EventTarget | null): boolean
  modifiers(mods: Modifiers): void
  space(down: boolean): void
}

/** Whether this is a keyboard with ⌘. */
export const isMac = /Mac|iPhone|iPad/.test(navigator.platform)

const MODIFIERS = ['Shift', 'Alt', 'Control', 'Meta']
const modsOf = (e: KeyboardEvent): Modifiers => ({ shift: e.shiftKey, alt: e.altKey, mod: e.ctrlKey || e.metaKey })

/** Shortcuts of the board: single letters only while no text field has the focus. */
export function useKeyboard(sink: KeyboardSink): void {
  const { onDown, onUp, onBlur } = handlersFor(sink, isMac)

  onMounted(() => {
    window.addEventListener('keydown', onDown)
    window.addEventListener('keyup', onUp)
    window.addEventListener('blur', onBlur)
  })
  onBeforeUnmount(() => {
    window.removeEventListener('keydown', onDown)
    window.removeEventListener('keyup', onUp)
    window.removeEventListener('blur', onBlur)
  })
}

/** What is done with the events of a keyboard, with ⌘ or without. */
export function handlersFor(sink: KeyboardSink, mac: boolean) {
  const caps = mac ? capsOf((navigator as Keyed).keyboard) : undefined

  function onDown(e: KeyboardEvent): void {
    if (MODIFIERS.includes(e.key)) sink.modifiers(modsOf(e))
    const key = caps?.(e) ?? e.key
    if (e.defaultPrevented || isTyping(e.target) || isForSystem(e, mac)) return
    if (e.code === 'Space' && !isControl(e.target)) {
      sink.space(true)
      e.preventDefault()
      return
    }
    const { code, shiftKey: shift, altKey: alt, repeat } = e
    if (key.length > 1 && key !== 'Escape' && isControl(e.target)) return
    if (sink.key({ key, code, shift, alt, mod: mac ? e.metaKey : e.ctrlKey, repeat }, e.target)) e.preventDefault()
  }

  function onUp(e: KeyboardEvent): void {
    if (MODIFIERS.includes(e.key)) sink.modifiers(modsOf(e))
    if (e.code === 'Space') sink.space(false)
  }

  return { onDown, onUp, onBlur: () => sink.space(false) }
}

/** What some browsers know of the keyboard. */
interface Keyed extends Navigator {
  readonly keyboard?: { getLayoutMap(): Promise<ReadonlyMap<string, string>> }
}

/** With ⌥ a Mac writes signs: this says what is on the key, as far as the browser knows or typing has shown. */
function capsOf(keyboard: Keyed['keyboard']) {
  const caps = new Map<string, string>()
  void keyboard?.getLayoutMap().then((known) => known.forEach((key, code) => caps.set(code, key)), () => undefined)
  return ({ key, code, altKey, ctrlKey, metaKey }: KeyboardEvent): string | undefined => {
    if (altKey) return caps.get(code)
    if (!ctrlKey && !metaKey && /^\p{L}$/u.test(key)) caps.set(code, key)
    return undefined
  }
}

/** Win+S and the like, and Ctrl with a letter on a Mac, mean something to the system. */
const isForSystem = (e: KeyboardEvent, mac: boolean) => (mac ? e.ctrlKey : e.metaKey)

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  const { tagName } = target
  return tagName === 'TEXTAREA' || target.isContentEditable || (tagName === 'INPUT' && !['range', 'color', 'checkbox'].includes((target as HTMLInputElement).type))
}

/** The space bar and keys with names are for the control that the keyboard has reached; one that was clicked lets them go. */
function isControl(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.closest('[role=dialog], [role=menu], [role=listbox], [role=tree]') !== null || (target.matches('button, a, input') && target.matches(':focus-visible'))
}
