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
  function onDown(e: KeyboardEvent): void {
    if (MODIFIERS.includes(e.key)) sink.modifiers(modsOf(e))
    if (e.defaultPrevented || isTyping(e.target) || isForSystem(e)) return
    if (e.code === 'Space' && !isControl(e.target)) {
      sink.space(true)
      e.preventDefault()
      return
    }
    const { key, code, shiftKey: shift, altKey: alt, repeat } = e
    if (key.length > 1 && key !== 'Escape' && isControl(e.target)) return
    if (sink.key({ key, code, shift, alt, mod: isMac ? e.metaKey : e.ctrlKey, repeat }, e.target)) e.preventDefault()
  }

  function onUp(e: KeyboardEvent): void {
    if (MODIFIERS.includes(e.key)) sink.modifiers(modsOf(e))
    if (e.code === 'Space') sink.space(false)
  }

  const onBlur = () => sink.space(false)

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

/** Win+S and the like, and Ctrl with a letter on a Mac, mean something to the system. */
const isForSystem = (e: KeyboardEvent) => (isMac ? e.ctrlKey : e.metaKey)

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
