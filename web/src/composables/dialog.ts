import { onBeforeUnmount, onMounted, type Ref } from 'vue'

const FOCUSABLE = 'a[href], button:not([disabled]), input:not([disabled]):not([type=hidden]), textarea, [tabindex="0"]'

/**
 * Keeps the focus within an element while it is shown and gives it back afterwards. Escape closes;
 * keys do not reach the board.
 */
export function useFocusWithin(element: Ref<HTMLElement | null>, close: () => void, { trap = true } = {}): void {
  useFocusBack(() => element.value)

  const focusable = () => [...(element.value?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [])].filter((one) => one.offsetParent)

  function onKey(e: KeyboardEvent): void {
    if (e.key === 'Escape') {
      e.stopPropagation()
      e.preventDefault()
      close()
    } else if (e.key === 'Tab' && trap) {
      wrap(e, focusable())
    }
  }

  onMounted(() => {
    // A field in it may have taken the focus already.
    if (!element.value?.contains(document.activeElement)) element.value?.focus({ preventScroll: true })
    element.value?.addEventListener('keydown', onKey)
  })

}

/** When an element goes that has the focus, what had it before gets it back. */
export function useFocusBack(element: () => HTMLElement | null | undefined): void {
  const before = document.activeElement

  onBeforeUnmount(() => {
    const inside = !document.activeElement || document.activeElement === document.body || element()?.contains(document.activeElement)
    if (inside && before instanceof HTMLElement) before.focus({ preventScroll: true })
  })
}

function wrap(e: KeyboardEvent, all: readonly HTMLElement[]): void {
  const [first, last] = [all[0], all.at(-1)]
  if (!first || !last) return
  const leaving = e.shiftKey ? document.activeElement === first : document.activeElement === last
  if (!leaving) return
  e.preventDefault()
  ;(e.shiftKey ? last : first).focus()
}
