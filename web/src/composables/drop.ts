import { shallowRef, watch, type Ref } from 'vue'
import type { Carried } from '../transfer/read'
import { carriedBy } from './clipboard'

export interface DropSink {
  mayEdit(): boolean
  drop(carried: Carried, on: { readonly clientX: number; readonly clientY: number }): void
}

/** Takes files and texts that are dropped on an element; tells while something hangs over it. */
export function useDrop(element: Readonly<Ref<HTMLElement | null>>, sink: DropSink) {
  const isOver = shallowRef(false)
  // Each element within tells of its own.
  let depth = 0

  const suits = ({ dataTransfer }: DragEvent) =>
    sink.mayEdit() && dataTransfer !== null && dataTransfer.types.some((type) => type === 'Files' || type === 'text/plain' || type === 'text/uri-list')

  function enter(e: DragEvent): void {
    if (!suits(e)) return
    e.preventDefault()
    isOver.value = ++depth > 0
  }

  function over(e: DragEvent): void {
    // A file that is let go beside the board must not replace the page.
    e.preventDefault()
    if (e.dataTransfer) e.dataTransfer.dropEffect = suits(e) ? 'copy' : 'none'
  }

  function leave(): void {
    depth = Math.max(0, depth - 1)
    isOver.value = depth > 0
  }

  function drop(e: DragEvent): void {
    e.preventDefault()
    depth = 0
    isOver.value = false
    if (suits(e)) sink.drop(carriedBy(e.dataTransfer!), e)
  }

  const events = { dragenter: enter, dragover: over, dragleave: leave, drop } as const
  watch(
    element,
    (on, _, onCleanup) => {
      for (const [name, fn] of Object.entries(events)) on?.addEventListener(name, fn as EventListener)
      onCleanup(() => {
        for (const [name, fn] of Object.entries(events)) on?.removeEventListener(name, fn as EventListener)
      })
    },
    { immediate: true },
  )
  return { isOver }
}
