import type { Patch } from '../board/types'

/** What a slide does to the board. */
export interface Slides {
  /** Shows a change before it is made; returns of how many shapes. */
  preview(change: Patch): number
  /** Makes the change, as one step of undo. */
  commit(change: Patch): void
  /** Calls back with the next frame; returns how to prevent it. */
  frame(fn: (now: number) => void): () => void
}

/** So many shapes can be painted anew in each frame; more are at most every so many ms. */
const MANY = 300
const PAUSE = 150

/** A change that lasts while a hand moves: shown at most once a frame, made once in the end. */
export class Slide {
  private change: Patch | undefined
  private cancel: (() => void) | undefined
  private next = 0

  constructor(private readonly o: Slides) {}

  /** What is shown and not made yet. */
  get pending(): Patch | undefined {
    return this.change
  }

  move(change: Patch): void {
    this.change = { ...this.change, ...change }
    this.cancel ??= this.o.frame((now) => this.show(now))
  }

  /** The hand has let go. */
  end(change: Patch = {}): void {
    const whole = { ...this.change, ...change }
    this.cancel?.()
    this.cancel = this.change = undefined
    if (Object.keys(whole).length > 0) this.o.commit(whole)
  }

  private show(now: number): void {
    this.cancel = undefined
    if (!this.change) return
    if (now < this.next) {
      this.cancel = this.o.frame((later) => this.show(later))
      return
    }
    if (this.o.preview(this.change) > MANY) this.next = now + PAUSE
  }
}
