import type { RecordId } from '../board/types'
import { world, type World } from '../geometry/point'
import type { Points } from '../geometry/points'
import { pointOf } from '../shapes/shape'
import type { Draft, InkDraft } from '../sync/live'
import { Playout } from './playout'
import type { Sketch } from './sketches'
import { WetInk } from './wetink'

interface RemoteInk {
  readonly points: Points
  readonly at: World
  readonly ink: WetInk
  readonly playout: Playout
  shown: number
}

/** The ink that others are drawing, as it is to be shown: released at an even pace. */
export class Drafts {
  private readonly inks = new Map<RecordId, RemoteInk>()
  private last: number | undefined

  constructor(private readonly o: { drafts(): ReadonlyMap<RecordId, Draft>; isCalm(): boolean }) {}

  /** Takes over what has come; returns the sketches of drafts that have ended. */
  update(now: number): Map<RecordId, Sketch> {
    const drafts = this.o.drafts()
    const ended = new Map<RecordId, Sketch>()
    for (const [id, { ink }] of this.inks) if (drafts.get(id)?.kind !== 'ink') ended.set(id, ink)
    for (const id of ended.keys()) this.inks.delete(id)
    for (const draft of drafts.values()) {
      if (draft.kind === 'ink') this.updateInk(draft, now)
    }
    return ended
  }

  /** Releases ink; returns whether more is waiting. */
  advance(now: number): boolean {
    const elapsed = this.last === undefined ? 16 : Math.min(now - this.last, 100)
    let behind = false
    for (const remote of this.inks.values()) {
      if (this.o.isCalm()) remote.playout.skip()
      this.show(remote, remote.playout.release(elapsed))
      behind ||= remote.playout.isBehind
    }
    this.last = behind ? now : undefined
    return behind
  }

  /** What is to be shown now. */
  *sketches(): IterableIterator<Sketch> {
    for (const { ink } of this.inks.values()) yield ink
  }

  private updateInk({ id, props, points }: InkDraft, now: number): void {
    let remote = this.inks.get(id)
    if (remote?.points !== points) {
      const ink = new WetInk(props)
      const at = pointOf(props['at']) ?? world(0, 0)
      remote = { points, at, ink, playout: new Playout(), shown: 0 }
      this.inks.set(id, remote)
    }
    remote.playout.arrive(points.length, now)
  }

  /** Adds the points up to `count`; those that have been shown stay, whatever comes. */
  private show(remote: RemoteInk, count: number): void {
    const { points, ink, at } = remote
    const fresh = []
    for (; remote.shown < Math.min(count, points.length); remote.shown++) {
      const { x, y, pressure } = points.at(remote.shown)
      fresh.push({ x: at.x + x, y: at.y + y, ...(points.hasPressure && { pressure }) })
    }
    if (fresh.length > 0) ink.extend(fresh)
  }
}
