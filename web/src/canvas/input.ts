import { distance, screen, type Screen } from '../geometry/point'
import type { Unsubscribe } from '../board/types'
import { touch, type TouchEffect, type TouchEventKind, type TouchState } from '../tools/touch'
import type { Modifiers, Pointer } from '../tools'
import { Clicks } from './clicks'
import { edgeSpeed } from './edge'
import { Palm } from './palm'
import { Rest } from './rest'
import { Taps } from './taps'

/** The most that one turn of the wheel zooms. */
const MOST_WHEEL = 25
const LINE = 16
const PAGE = 400
/** Buttons of a pen: its other end, and the one at its side. */
const ERASER = 32
const BARREL = 2
/** A pen that touches presses at least so much. */
const LEAST_PRESSURE = 0.05
/** A right button that moves further than this, in pixels, drags the plane. */
const DRAG = 4

/** A sample of the pointer on the canvas. */
export interface Sample {
  readonly on: Screen
  readonly pressure?: number
}

/** Which end or button of a pen is used. */
export type PenEnd = 'tip' | 'eraser' | 'barrel'

export type Gesture =
  | {
      readonly type: 'down'
      readonly sample: Sample
      readonly mods: Modifiers
      readonly pointer: Pointer
      readonly end: PenEnd
      /** 2 = double click. */
      readonly clicks: number
    }
  | { readonly type: 'move'; readonly samples: readonly Sample[]; readonly predicted: readonly Sample[]; readonly mods: Modifiers }
  /** The pointer is down and rests. */
  | { readonly type: 'hold' }
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
  /** Where the pointer is while it is not used; null when it has left. */
  hover(on: Screen | null, pointer: Pointer, mods: Modifiers): void
  /** Where the pointer is, used or not. */
  at(on: Screen): void
  /** Whether the plane is being dragged, for the look of the pointer. */
  panning(on: boolean): void
  /** A menu is asked for. */
  menu(on: Screen): void
  /** So many fingers tapped at once: two or more. */
  tap(fingers: number): void
  /** A pen is used for the first time. */
  pen(): void
  /** Whether what is dragged goes on while the plane moves: by the wheel, or at the edge, where the plane follows. */
  readonly followsEdge: boolean
}

/** Turns pointer, touch and wheel events of an element into gestures. */
export class PointerInput {
  /** Whether fingers move the plane and the pen alone draws: the hand rests on the screen. */
  penMode = false
  /** Whether the wheel zooms, and moves the plane only with Ctrl. */
  wheelZooms = false
  private touches: TouchState = { at: 'idle' }
  private readonly fingers = new Map<number, PointerEvent>()
  private drawing: number | undefined
  private drag: { readonly id: number; last: Screen; readonly start: Screen; readonly asksMenu: boolean; moved: boolean } | undefined
  private spaceDown = false
  private pinchScale = 1
  private corner = screen(0, 0)
  private last: { readonly sample: Sample; readonly mods: Modifiers } | undefined
  private edging: number | undefined
  private readonly clicks = new Clicks()
  private readonly taps = new Taps()
  private readonly palm = new Palm()
  private readonly rest: Rest
  private readonly ends: Unsubscribe[] = []

  constructor(
    private readonly element: HTMLElement,
    private readonly sink: PointerSink,
  ) {
    this.rest = new Rest({ hold: () => sink.gesture({ type: 'hold' }), longPress: (on) => this.longPress(on) })
    this.on('pointerdown', (e) => this.down(e))
    this.on('pointermove', (e) => this.move(e))
    this.on('pointerup', (e) => this.end(e, 'up'))
    this.on('pointercancel', (e) => this.end(e, 'cancel'))
    // Capture that is lost without a word ends the gesture, but keeps what was drawn.
    this.on('lostpointercapture', (e) => this.end(e, 'up'))
    this.on('pointerleave', (e) => this.sink.hover(null, pointerOf(e), modsOf(e)))
    this.on('contextmenu', (e) => this.contextMenu(e))
    this.on('wheel', (e) => this.wheel(e))
    // Without this, Safari selects text, magnifies, or takes a stroke of the pen for handwriting.
    this.on('touchstart', (e) => e.preventDefault())
    this.onPinchGesture()
    const interrupt = () => this.interrupt()
    window.addEventListener('blur', interrupt)
    this.ends.push(() => window.removeEventListener('blur', interrupt))
  }

  /** While the space bar is down, dragging moves the plane. */
  set space(down: boolean) {
    if (this.spaceDown === down) return
    this.spaceDown = down
    this.sink.panning(down || this.drag !== undefined)
  }

  stop(): void {
    this.rest.stop()
    this.stopEdging()
    for (const end of this.ends) end()
  }

  private on<K extends keyof HTMLElementEventMap>(type: K, fn: (e: HTMLElementEventMap[K]) => void): void {
    this.element.addEventListener(type, fn, { passive: false })
    this.ends.push(() => this.element.removeEventListener(type, fn))
  }

  private down(e: PointerEvent): void {
    // What floats above the board, as a text being written, keeps its own events.
    if (e.target !== this.element) return
    // Whoever draws does not type any more: keys are shortcuts again.
    if (document.activeElement instanceof HTMLElement && document.activeElement !== this.element) document.activeElement.blur()
    e.preventDefault()
    capture(this.element, e.pointerId)
    if (e.pointerType === 'pen') this.penComes(e)
    if (e.pointerType === 'touch') return this.touch(e, 'down')
    if (this.drawing !== undefined || this.drag) return
    const isRight = e.pointerType === 'mouse' && e.button === 2
    if (this.spaceDown || e.button === 1 || isRight) this.beginDrag(e, isRight)
    else if (e.button === 0 || endOf(e) !== 'tip') this.begin(e)
  }

  private move(e: PointerEvent): void {
    if (e.pointerType === 'touch') return this.touch(e, 'move')
    if (e.pointerType === 'pen') this.palm.pen(e.timeStamp, e.buttons !== 0)
    const on = this.place(e)
    this.sink.at(on)
    if (this.drag?.id === e.pointerId) this.moveDrag(on)
    else if (this.drawing === e.pointerId) this.spaceDown ? this.carry(e) : this.gestureMove(e)
    else if (e.buttons === 0) this.sink.hover(on, pointerOf(e), modsOf(e))
  }

  private end(e: PointerEvent, type: 'up' | 'cancel'): void {
    if (e.pointerType === 'touch') return this.touch(e, type)
    if (e.pointerType === 'pen') this.palm.pen(e.timeStamp, false)
    if (this.drag?.id === e.pointerId) this.endDrag(type)
    else if (this.drawing === e.pointerId) this.finish(type)
  }

  private beginDrag(e: PointerEvent, asksMenu: boolean): void {
    const on = this.place(e)
    this.drag = { id: e.pointerId, last: on, start: on, asksMenu, moved: false }
    if (!asksMenu) this.sink.panning(true)
  }

  private moveDrag(on: Screen): void {
    const { drag } = this
    if (!drag) return
    const starts = !drag.moved && distance(drag.start, on) > DRAG
    if (drag.asksMenu && !drag.moved && !starts) return
    if (starts) this.sink.panning(true)
    drag.moved ||= starts
    this.sink.pan(on.x - drag.last.x, on.y - drag.last.y)
    drag.last = on
  }

  private endDrag(type: 'up' | 'cancel'): void {
    const { drag } = this
    this.drag = undefined
    this.sink.panning(this.spaceDown)
    if (drag?.asksMenu && !drag.moved && type === 'up') this.sink.menu(drag.start)
  }

  private begin(e: PointerEvent): void {
    this.drawing = e.pointerId
    this.place(e)
    const [sample, mods, pointer] = [this.sample(e), modsOf(e), pointerOf(e)]
    this.last = { sample, mods }
    this.rest.down(sample.on, pointer === 'touch')
    const clicks = this.clicks.press(sample.on, e.timeStamp, pointer === 'touch')
    this.sink.gesture({ type: 'down', sample, mods, pointer, end: endOf(e), clicks })
  }

  private gestureMove(e: PointerEvent): void {
    const all = e.getCoalescedEvents?.() ?? []
    this.place(e)
    const samples = (all.length > 0 ? all : [e]).map((one) => this.sample(one))
    const predicted = (e.getPredictedEvents?.() ?? []).map((one) => this.sample(one))
    const mods = modsOf(e)
    this.last = { sample: samples.at(-1)!, mods }
    this.rest.move(this.last.sample.on)
    this.sink.gesture({ type: 'move', samples, predicted, mods })
    this.followEdge()
  }

  /** The plane goes along with what is being done to it, which does not notice. */
  private carry(e: PointerEvent): void {
    const [sample, mods] = [this.sample(e), modsOf(e)]
    const { on } = this.last!.sample
    this.sink.pan(sample.on.x - on.x, sample.on.y - on.y)
    this.last = { sample, mods }
    this.rest.move(sample.on)
  }

  private finish(type: 'up' | 'cancel'): void {
    if (this.drawing === undefined) return
    this.drawing = undefined
    this.last = undefined
    this.rest.stop()
    this.stopEdging()
    this.sink.gesture({ type })
  }

  /** The window is left: what was begun ends, as if the pointer had been lifted. */
  private interrupt(): void {
    this.finish('up')
    if (this.drag) this.endDrag('cancel')
    this.space = false
  }

  private touch(e: PointerEvent, type: TouchEventKind): void {
    if (this.palm.ignores(e, this.penMode)) return
    const { pointerId: id, timeStamp: time } = e
    const on = this.place(e)
    this.noteFinger(e, type, on)
    const [next, effects] = touch(this.touches, { type, id, on, time })
    this.touches = next
    for (const effect of effects) this.touched(effect, e)
    if (type === 'up') this.tapped(this.taps.up(id, time))
  }

  private noteFinger(e: PointerEvent, type: TouchEventKind, on: Screen): void {
    const { pointerId: id, timeStamp: time } = e
    if (type === 'down' || type === 'move') this.fingers.set(id, e)
    else this.fingers.delete(id)
    if (type === 'down') this.taps.down(id, on, time)
    else if (type === 'move') this.taps.move(id, on)
    else if (type === 'cancel') this.taps.cancel(id)
  }

  private tapped(fingers: number): void {
    if (fingers < 2) return
    this.clicks.reset()
    this.sink.tap(fingers)
  }

  private touched(effect: TouchEffect, e: PointerEvent): void {
    if (effect.do === 'pinch') return this.sink.pinch(effect.from, effect.to)
    if (this.penMode) return this.panByFinger(effect.type, e)
    if (effect.type === 'down') this.begin(e)
    else if (effect.type !== 'move') this.finish(effect.type)
    else if (this.drawing !== undefined) this.gestureMove(e)
  }

  private panByFinger(type: TouchEventKind, e: PointerEvent): void {
    const on = this.place(e)
    if (type === 'down') {
      this.beginDrag(e, false)
      this.rest.down(on, true)
    } else if (type === 'move') {
      this.rest.move(on)
      this.moveDrag(on)
    } else {
      this.rest.stop()
      this.endDrag(type)
    }
  }

  /** The pen goes before all fingers: what they have begun was the hand that holds it. */
  private penComes(e: PointerEvent): void {
    this.palm.pen(e.timeStamp, true)
    if (!this.penMode) this.sink.pen()
    if (this.fingers.size === 0) return
    this.palm.ignore(this.fingers.keys())
    for (const id of this.fingers.keys()) this.taps.cancel(id)
    this.fingers.clear()
    this.touches = { at: 'idle' }
    this.finish('cancel')
    this.drag = undefined
  }

  private longPress(on: Screen): void {
    this.finish('cancel')
    if (this.drag) this.endDrag('cancel')
    this.clicks.reset()
    this.touches = this.fingers.size > 0 ? { at: 'resting', ids: [...this.fingers.keys()] } : { at: 'idle' }
    this.sink.menu(on)
  }

  /** The right button has its own way; this is Ctrl and click on a Mac. */
  private contextMenu(e: MouseEvent): void {
    e.preventDefault()
    if (e.button !== 0 || !e.ctrlKey || this.drawing === undefined) return
    this.finish('cancel')
    this.sink.menu(this.place(e))
  }

  /** While something is dragged to the edge the plane moves on, frame by frame. */
  private followEdge(): void {
    if (this.edging !== undefined || !this.last || !this.sink.followsEdge) return
    const { clientWidth: width, clientHeight: height } = this.element
    const [dx, dy] = edgeSpeed(this.last.sample.on, { width, height })
    if (dx === 0 && dy === 0) return
    this.edging = requestAnimationFrame(() => {
      this.edging = undefined
      if (!this.last || !this.sink.followsEdge) return
      this.sink.pan(dx, dy)
      this.moveOn()
      this.followEdge()
    })
  }

  /** The pointer rests, but the plane has moved under it. */
  private moveOn(): void {
    if (this.last) this.sink.gesture({ type: 'move', samples: [this.last.sample], predicted: [], mods: this.last.mods })
  }

  private stopEdging(): void {
    if (this.edging !== undefined) cancelAnimationFrame(this.edging)
    this.edging = undefined
  }

  private wheel(e: WheelEvent): void {
    e.preventDefault()
    if (this.drawing !== undefined && !this.sink.followsEdge) return
    this.turnWheel(e)
    this.moveOn()
  }

  private turnWheel(e: WheelEvent): void {
    const unit = e.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : e.deltaMode === WheelEvent.DOM_DELTA_PAGE ? PAGE : 1
    const [dx, dy] = [e.deltaX * unit, e.deltaY * unit]
    if ((e.ctrlKey || e.metaKey) !== this.wheelZooms && !e.shiftKey) {
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
    this.corner = screen(left, top)
    return this.within(e)
  }

  /** The same for a sample of an event whose place has been asked for: the element is where it was. */
  private within(e: MouseEvent): Screen {
    return screen(e.clientX - this.corner.x, e.clientY - this.corner.y)
  }

  private sample(e: PointerEvent): Sample {
    const on = this.within(e)
    return e.pointerType === 'pen' ? { on, pressure: Math.max(e.pressure, LEAST_PRESSURE) } : { on }
  }
}

/** A pointer that is gone already can't be captured. */
function capture(element: HTMLElement, id: number): void {
  try {
    element.setPointerCapture(id)
  } catch {
    // Its end is reported all the same, unless it leaves the window.
  }
}

function endOf(e: PointerEvent): PenEnd {
  if (e.pointerType !== 'pen') return 'tip'
  if ((e.buttons & ERASER) !== 0) return 'eraser'
  return (e.buttons & BARREL) !== 0 ? 'barrel' : 'tip'
}

function pointerOf({ pointerType }: PointerEvent): Pointer {
  return pointerType === 'touch' || pointerType === 'pen' ? pointerType : 'mouse'
}

function modsOf(e: MouseEvent): Modifiers {
  return { shift: e.shiftKey, alt: e.altKey, mod: e.ctrlKey || e.metaKey }
}
