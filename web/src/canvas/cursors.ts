import type { RecordId } from '../board/types'
import { toScreen, type Camera } from '../geometry/camera'
import { world } from '../geometry/point'
import type { Cursor } from '../sync/live'

/** Time in which a cursor covers most of the way to where it was last seen, in ms. */
const EASE = 45
/** A cursor that rests for this long fades, in ms. */
const IDLE = 5000
/** Closer than this to where it belongs, in pixels, a cursor rests. */
const NEAR = 0.2

/** How a person is shown. */
export interface Look {
  readonly name: string
  readonly color: string
}

interface Mark {
  readonly element: HTMLElement
  readonly label: HTMLElement
  x: number
  y: number
  seen: number
}

export interface CursorOptions {
  readonly host: HTMLElement
  cursors(): ReadonlyMap<string, Cursor>
  look(user: RecordId): Look
  /** Whether motion is not wanted. */
  isCalm(): boolean
}

/** Others' cursors with their names, as elements above the canvas. */
export class Cursors {
  private readonly marks = new Map<string, Mark>()
  private last: number | undefined
  private fading: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly o: CursorOptions) {}

  /** Moves the marks on; returns whether any is still on its way. */
  draw(camera: Camera, now: number): boolean {
    const share = this.o.isCalm() ? 1 : 1 - Math.exp(-Math.min(now - (this.last ?? now - 16), 100) / EASE)
    const cursors = this.o.cursors()
    for (const [key, mark] of this.marks) if (!cursors.has(key)) this.drop(key, mark)
    let moving = false
    for (const [key, cursor] of cursors) moving = this.move(this.markOf(key, cursor), cursor, camera, share) || moving
    this.last = moving ? now : undefined
    this.fade()
    return moving
  }

  stop(): void {
    clearTimeout(this.fading)
    for (const [key, mark] of this.marks) this.drop(key, mark)
  }

  private move(mark: Mark, cursor: Cursor, camera: Camera, share: number): boolean {
    const [dx, dy] = [cursor.x - mark.x, cursor.y - mark.y]
    const near = Math.hypot(dx, dy) * camera.zoom < NEAR
    mark.x = near ? cursor.x : mark.x + dx * share
    mark.y = near ? cursor.y : mark.y + dy * share
    mark.seen = cursor.seen
    const { x, y } = toScreen(camera, world(mark.x, mark.y))
    mark.element.style.transform = `translate3d(${x.toFixed(2)}px, ${y.toFixed(2)}px, 0)`
    const look = this.o.look(cursor.user)
    if (mark.label.textContent !== look.name) mark.label.textContent = look.name
    mark.element.style.setProperty('--person', look.color)
    return !near
  }

  private markOf(key: string, cursor: Cursor): Mark {
    const known = this.marks.get(key)
    if (known) return known
    const element = document.createElement('div')
    element.className = 'cursor'
    element.dataset['testid'] = 'cursor'
    const arrow = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    arrow.setAttribute('viewBox', '0 0 20 20')
    arrow.innerHTML = '<path d="M2.5 2.2 17 8.6l-6.3 2.1-2.4 6.2z"/>'
    const label = document.createElement('span')
    element.append(arrow, label)
    this.o.host.append(element)
    const mark = { element, label, x: cursor.x, y: cursor.y, seen: cursor.seen }
    this.marks.set(key, mark)
    return mark
  }

  private drop(key: string, { element }: Mark): void {
    this.marks.delete(key)
    element.remove()
  }

  /** Dims the cursors that rest, now and when the next is due. */
  private fade(): void {
    clearTimeout(this.fading)
    const now = Date.now()
    let next = Infinity
    for (const { element, seen } of this.marks.values()) {
      element.classList.toggle('idle', now - seen >= IDLE)
      if (now - seen < IDLE) next = Math.min(next, seen + IDLE - now)
    }
    if (next < Infinity) this.fading = setTimeout(() => this.fade(), next + 10)
  }
}
