import type { Unsubscribe } from '../board/types'

/** Tells whoever listens of events by name. */
export class Emitter<Events extends object> {
  private readonly listeners: { [name in keyof Events]?: Set<(event: Events[name]) => void> } = {}

  on<N extends keyof Events>(name: N, fn: (event: Events[N]) => void): Unsubscribe {
    const set = (this.listeners[name] ??= new Set())
    set.add(fn)
    return () => set.delete(fn)
  }

  emit<N extends keyof Events>(name: N, event: Events[N]): void {
    for (const fn of [...(this.listeners[name] ?? [])]) fn(event)
  }

  /** Whether anyone listens. */
  has(name: keyof Events): boolean {
    return (this.listeners[name]?.size ?? 0) > 0
  }
}
