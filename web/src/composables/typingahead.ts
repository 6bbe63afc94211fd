import { defineAsyncComponent, defineComponent, onBeforeUnmount, type AsyncComponentLoader, type Component } from 'vue'

let typed = ''

/** What was typed while the part of the page that takes it was being fetched. */
export function typedAhead(): string {
  const text = typed
  typed = ''
  return text
}

/** Takes the place of what is being fetched: keys that write something are for it, and no shortcuts. */
const Waiting = defineComponent(() => {
  typed = ''
  const onKey = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || !/^(.|Enter|Backspace)$/u.test(e.key)) return
    typed = e.key === 'Backspace' ? typed.replace(/.$/u, '') : typed + (e.key.length > 2 ? '' : e.key)
    e.preventDefault()
    e.stopImmediatePropagation()
  }
  window.addEventListener('keydown', onKey, true)
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey, true))
  return () => null
})

/** A part of the page that is fetched when it opens, and takes typing at once: it begins with typedAhead. */
export function typingInto<T extends Component>(loader: AsyncComponentLoader<T>): T {
  return defineAsyncComponent({ loader, loadingComponent: Waiting, errorComponent: () => null, delay: 0 })
}
