import { onBeforeUnmount, onMounted, shallowRef } from 'vue'
import { KeyHand, type Outcome } from '../access/hand'
import { handKey } from '../access/keys'
import type { BoardView } from '../canvas/view'
import { pan } from '../geometry/camera'
import type { World } from '../geometry/point'
import { t } from '../i18n'
import { announce } from './announcer'

/** How far an arrow key moves the view, in pixels. */
const PAN = 64
const PANS: { readonly [key: string]: readonly [number, number] } = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }

export interface KeyHandOptions {
  readonly view: BoardView
  readonly host: HTMLElement
  /** A shape was made and is selected. */
  made(): void
  /** There is nothing to make with this tool: the keys go to the shapes. */
  toShapes(): void
}

/** The canvas by keys: Enter or Space uses the chosen tool in the middle of the view, arrows move what it makes. */
export function useKeyHand({ view, host, made, toShapes }: KeyHandOptions) {
  const hand = new KeyHand(view)
  const pointer = shallowRef<World>()
  /** Space is for dragging the view as well, with a pointer; it is a key for those who came by the keyboard. */
  let cameByKey = false
  let pressing = false

  function onKey(e: KeyboardEvent): void {
    if (e.target !== host || e.ctrlKey || e.metaKey) return
    // Whoever came by Tab leaves by it: it does nothing else to what is selected.
    if (e.key === 'Tab' && cameByKey && !hand.doing) return e.stopPropagation()
    if (hand.doing ? atWork(e) : atRest(e)) {
      e.preventDefault()
      e.stopPropagation()
    }
    pointer.value = hand.pointer
  }

  function atWork(e: KeyboardEvent): boolean {
    // Whoever goes elsewhere keeps what is placed.
    if (e.key === 'Tab') {
      tell(hand.doing === 'placing' ? hand.key({ do: 'press' }) : hand.giveUp())
      return false
    }
    const key = handKey({ key: e.key, shift: e.shiftKey, alt: e.altKey, mod: false })
    if (key) tell(hand.key(key))
    return key !== undefined
  }

  function atRest(e: KeyboardEvent): boolean {
    if (e.shiftKey || e.altKey || host.dataset['busy'] === 'true') return false
    if (e.key === 'Enter' || (e.key === ' ' && cameByKey)) {
      if (!e.repeat) begin()
      return true
    }
    const by = view.selection.size === 0 ? PANS[e.key] : undefined
    if (by) view.camera = pan(view.camera, by[0] * PAN, by[1] * PAN)
    return by !== undefined
  }

  function begin(): void {
    const outcome = hand.begin()
    if (!outcome) return toShapes()
    if (outcome !== 'began') return
    const tool = t(`tools.${view.tool}`)
    announce(t(hand.doing === 'placing' ? 'access.placing' : 'access.pointing', { tool }))
  }

  function tell(outcome: Outcome | undefined): void {
    if (outcome === 'pressed') announce(t('access.pressed'))
    if (outcome === 'lifted') announce(t('access.lifted'))
    if (outcome === 'gave-up') announce(t('access.gaveUp'))
    if (outcome === 'kept') made()
  }

  function onPress(): void {
    pressing = true
    cameByKey = false
    if (hand.giveUp()) pointer.value = undefined
  }

  const onFocus = () => (cameByKey = !pressing)
  const onRelease = () => (pressing = false)
  let tool = view.tool
  const end = view.subscribe(() => {
    if (view.tool === tool) return
    tool = view.tool
    hand.giveUp()
    pointer.value = undefined
  })

  onMounted(() => {
    host.addEventListener('keydown', onKey)
    host.addEventListener('focus', onFocus)
    window.addEventListener('pointerdown', onPress, true)
    window.addEventListener('pointerup', onRelease, true)
  })
  onBeforeUnmount(() => {
    end()
    host.removeEventListener('keydown', onKey)
    host.removeEventListener('focus', onFocus)
    window.removeEventListener('pointerdown', onPress, true)
    window.removeEventListener('pointerup', onRelease, true)
  })
  return { pointer, stroke: (from: World, to: World) => hand.stroke(from, to) }
}
