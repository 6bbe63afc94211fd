import { screen, type Screen } from '../geometry/point'
import type { Unsubscribe } from '../board/types'
import { touch, type TouchEffect, type TouchEventKind, type TouchState } from '../tools/touch'
import type { Modifiers } from '../tools'

/** The most that one turn of the wheel zooms. */
const MOST_WHEEL = 25
const LINE = 16
const PEN_ERASER = 32
/** A pen that touches presses at least so much. */
const LEAST_PRESSURE = 0.05

/** A sample of the pointer on the canvas. */
export interface Sample {
  readonly on: Screen
  readonly pressure?: number
}

export type Gesture =
  | { readonly type: 'down'; readonly sample: Sample; readonly mods: Modifiers; readonly eraser: boolean }
  | { readonly type: 'move'; readonly samples: readonly Sample[]; readonly predicted: readonly Sample[]; readonly mods: Modifiers }
  | { readonly type: 'up' }
  | { readonly type: 'cancel' }

/** What the pointer is used for. */
export interface PointerSink {
  /** The tool's gesture. */
  gesture(gesture: Gesture): void
  pan(dx: number, dy: number): void
  /** Zooms by a factor about a point. */
  zoom(factor: number, about: Screen): void
  pinch(from: readonly [Screen, Screen], to: readonly [Screen, Screen]): void
  /** Where the pointer is; null when it has left. */
  hover(on: Screen | null): void
  /** Whether the plane is being dragged, for the look of the pointer. */
  panning(on: boolean): void
}

/** Turns pointer, touch and wheel events of an element into gestures. */
export class PointerInput {
  private touches: TouchState = { at: 'idle' }
  private drawing: number | undefined
  private drag: { readonly id: number; last: Screen } | undefined
  /** Once a pen has been used, fingers move the plane: the hand rests on the screen. */
  private penSeen = false
  private spaceDown = false
  private pinchScale = 1
  private readonly ends: Unsubscribe[] = []

  constructor(
    private readonly element: HTMLElement,
    private readonly sink: PointerSink,
  ) {
    this.on('pointerdown', (e) => this.down(e))
    this.on('pointermove', (e) => this.move(e))
    this.on('pointerup', (e) => this.end(e, 'up'))
    this.on('pointercancel', (e) => this.end(e, 'cancel'))
    // Capture that is lost without a word ends the gesture, but keeps what was drawn.
    this.on('lostpointercapture', (e) => this.end(e, 'up'))
    this.on('pointerleave', () => this.sink.hover(null))
    this.on('contextmenu', (e) => e.preventDefault())
    this.on('wheel', (e) => this.wheel(e))
    // Without this, Safari selects text, magnifies, or takes a stroke of the pen for handwriting.
    this.on('touchstart', (e) => e.preventDefault())
    this.onPinchGesture()
  }

  /** While the space bar is down, dragging moves the plane. */
  set space(down: boolean) {
    if (this.spaceDown === down) return
    this.spaceDown = down
    this.sink.panning(down || this.drag !== undefined)
  }

  stop(): void {
    for (const end of this.ends) end()
  }

  private on<K extends keyof HTMLElementEventMap>(type: K, fn: (e: HTMLElementEventMap[K]) => void): void {
    this.element.addEventListener(type, fn, { passive: false })
    this.ends.push(() => this.element.removeEventListener(type, fn))
  }

  private down(e: PointerEvent): void {
    // Whoever draws does not type any more: keys are shortcuts again.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    e.preventDefault()
    this.element.setPointerCapture(e.pointerId)
    if (e.pointerType === 'pen') this.penSeen = true
    if (e.pointerType === 'touch') return this.touch(e, 'down')
    if (this.drawing !== undefined || this.drag) return
    if (this.spaceDown || e.button === 1 || e.button === 2) {
      this.drag = { id: e.pointerId, last: this.place(e) }
      this.sink.panning(true)
    } else if (e.button === 0 || (e.buttons & PEN_ERASER) !== 0) {
      this.begin(e)
    }
  }

  private move(e: PointerEvent): void {
    if (e.pointerType === 'touch') return this.touch(e, 'move')
    const on = this.place(e)
    this.sink.hover(on)
    if (this.drag?.id === e.pointerId) {
      this.sink.pan(on.x - this.drag.last.x, on.y - this.drag.last.y)
      this.drag.last = on
    } else if (this.drawing === e.pointerId) {
      this.gestureMove(e)
    }
  }

  private end(e: PointerEvent, type: 'up' | 'cancel'): void {
    if (e.pointerType === 'touch') return this.touch(e, type)
    if (this.drag?.id === e.pointerId) {
      this.drag = undefined
      this.sink.panning(this.spaceDown)
    } else if (this.drawing === e.pointerId) {
      this.drawing = undefined
      this.sink.gesture({ type })
    }
  }

  private begin(e: PointerEvent): void {
    this.drawing = e.pointerId
    const eraser = (e.buttons & PEN_ERASER) !== 0
    this.sink.gesture({ type: 'down', sample: this.sample(e), mods: modsOf(e), eraser })
  }

  private gestureMove(e: PointerEvent): void {
    const all = e.getCoalescedEvents?.() ?? []
    const samples = (all.length > 0 ? all : [e]).map((one) => this.sample(one))
    const predicted = (e.getPredictedEvents?.() ?? []).map((one) => this.sample(one))
    this.sink.gesture({ type: 'move', samples, predicted, mods: modsOf(e) })
  }

  private touch(e: PointerEvent, type: TouchEventKind): void {
    const { pointerId: id, timeStamp: time } = e
    const [next, effects] = touch(this.touches, { type, id, on: this.place(e), time })
    this.touches = next
    for (const effect of effects) this.touched(effect, e)
  }

  private touched(effect: TouchEffect, e: PointerEvent): void {
    if (effect.do === 'pinch') return this.sink.pinch(effect.from, effect.to)
    if (this.penSeen) return this.panByFinger(effect.type, e)
    if (effect.type === 'down') this.begin(e)
    else if (effect.type === 'move') this.gestureMove(e)
    else this.finish(effect.type)
  }

  private finish(type: 'up' | 'cancel'): void {
    if (this.drawing === undefined) return
    this.drawing = undefined
    this.sink.gesture({ type })
  }

  private panByFinger(type: TouchEventKind, e: PointerEvent): void {
    const on = this.place(e)
    if (type === 'move' && this.drag) this.sink.pan(on.x - this.drag.last.x, on.y - this.drag.last.y)
    this.drag = type === 'down' || type === 'move' ? { id: e.pointerId, last: on } : undefined
  }

  private wheel(e: WheelEvent): void {
    e.preventDefault()
    if (this.drawing !== undefined) return
    const unit = e.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : e.deltaMode === WheelEvent.DOM_DELTA_PAGE ? 400 : 1
    const [dx, dy] = [e.deltaX * unit, e.deltaY * unit]
    if (e.ctrlKey || e.metaKey) {
      const turn = Math.min(Math.max(dy, -MOST_WHEEL), MOST_WHEEL)
      this.sink.zoom(Math.exp(-turn / 100), this.place(e))
    } else if (e.shiftKey && dx === 0) {
      this.sink.pan(-dy, 0)
    } else {
      this.sink.pan(-dx, -dy)
    }
  }

  /** Safari reports a pinch on the trackpad by events of its own. */
  private onPinchGesture(): void {
    const listen = (type: string, fn: (e: MouseEvent & { scale: number }) => void) => {
      const listener = (e: Event) => {
        e.preventDefault()
        if (this.touches.at === 'idle') fn(e as MouseEvent & { scale: number })
      }
      this.element.addEventListener(type, listener, { passive: false })
      this.ends.push(() => this.element.removeEventListener(type, listener))
    }
    listen('gesturestart', () => (this.pinchScale = 1))
    listen('gesturechange', (e) => {
      this.sink.zoom(e.scale / this.pinchScale, this.place(e))
      this.pinchScale = e.scale
    })
  }

  private place(e: MouseEvent): Screen {
    const { left, top } = this.element.getBoundingClientRect()
    return screen(e.clientX - left, e.clientY - top)
  }

  private sample(e: PointerEvent): Sample {
    const on = this.place(e)
    return e.pointerType === 'pen' ? { on, pressure: Math.max(e.pressure, LEAST_PRESSURE) } : { on }
  }
}

function modsOf(e: PointerEvent): Modifiers {
  return { shift: e.shiftKey, alt: e.altKey, mod: e.ctrlKey || e.metaKey }
}
