/** The layers of the picture, each redrawn only when something on it has changed. */
export type Layer = 'tiles' | 'active' | 'ink' | 'overlay' | 'laser' | 'cursors'

/** What drives the loop: the window, or a test. */
export interface Frames {
  request(fn: (time: number) => void): number
  cancel(id: number): void
}

export const windowFrames: Frames = {
  request: (fn) => requestAnimationFrame(fn),
  cancel: (id) => cancelAnimationFrame(id),
}

/** The one frame loop: runs while something is dirty, rests otherwise. */
export class Loop {
  private readonly dirty = new Set<Layer>()
  private pending: number | undefined
  private stopped = false

  /** `draw` is given what is dirty; what it returns is dirty in the next frame. */
  constructor(
    private readonly draw: (dirty: ReadonlySet<Layer>, time: number) => Iterable<Layer>,
    private readonly frames: Frames = windowFrames,
  ) {}

  /** These layers must be redrawn in the next frame. */
  mark(...layers: Layer[]): void {
    for (const layer of layers) this.dirty.add(layer)
    if (this.pending !== undefined || this.stopped) return
    this.pending = this.frames.request((time) => this.frame(time))
  }

  stop(): void {
    this.stopped = true
    if (this.pending !== undefined) this.frames.cancel(this.pending)
  }

  private frame(time: number): void {
    this.pending = undefined
    const dirty = new Set(this.dirty)
    this.dirty.clear()
    const next = [...this.draw(dirty, time)]
    if (next.length > 0) this.mark(...next)
  }
}
