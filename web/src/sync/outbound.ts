import type { ActorId, Json, Patch, RecordId } from '../board/types'
import { MAX_CHUNK_POINTS, type Points } from '../geometry/points'

/** Messages a second that all writers together, and all cursors together, may send. */
const BUDGET = 400
const CURSOR_BUDGET = 200
/** How often a stroke's style and uncommitted points are sent again, in ms, for who missed them. */
const KEYFRAME_EVERY = 1000
/** How long after a commit the next of these comes, in ms: by then most have the commit that it starts after. */
const KEYFRAME_AFTER_COMMIT = 400

/** A point in world units. */
export interface Position {
  readonly x: number
  readonly y: number
}

interface Ink {
  style: Patch
  points: Points
  committed: number
  /** How many points have been sent. */
  sent: number
  /** When the style is due. */
  keyframe: number
  /** Whether something has been committed since the last message. */
  advanced: boolean
}

/** Messages a second for one of `writers`. */
export function liveRate(writers: number): number {
  return clamp(BUDGET / writers, 8, 30)
}

/** Cursor messages a second for one of `writers`. */
export function cursorRate(writers: number): number {
  return clamp(CURSOR_BUDGET / writers, 2, 20)
}

/** What we show to others: the newest state of each thing, one message at a time, within the budget. */
export class Outbound {
  private readonly inks = new Map<RecordId, Ink>()
  private readonly shapes = new Map<RecordId, Patch>()
  /** Previews that others may be showing. */
  private readonly shown = new Set<RecordId>()
  private cursorAt: Position | null | undefined
  private nextSend = 0
  private nextCursor = 0

  constructor(
    private readonly actor: ActorId,
    private readonly send: (message: Json) => void,
    private readonly writers: () => number,
  ) {}

  cursor(at: Position | null): void {
    this.cursorAt = at
  }

  ink(id: RecordId, style: Patch, points: Points, committed: number): void {
    const ink = this.inks.get(id)
    const advanced = ink !== undefined && (ink.advanced || ink.committed !== committed)
    if (ink) Object.assign(ink, { style, points, committed, advanced })
    else this.inks.set(id, { style, points, committed, sent: committed, keyframe: 0, advanced })
  }

  shape(id: RecordId, props: Patch): void {
    this.shapes.set(id, props)
  }

  end(id: RecordId): void {
    this.inks.delete(id)
    this.shapes.delete(id)
    this.shown.delete(id)
  }

  settled(id: RecordId): void {
    this.shapes.delete(id)
  }

  cancel(id: RecordId): void {
    if (this.shown.has(id)) this.send({ k: 'x', a: this.actor, i: id })
    this.end(id)
  }

  /** Sends one message if one is due. */
  tick(now: number): void {
    if (now < this.nextSend) return
    if (!this.sendInk(now) && !this.sendShape() && !this.sendCursor(now)) return
    this.nextSend = now + 1000 / liveRate(this.writers())
  }

  /** Ms until something may be due; undefined if there is nothing to send. */
  delay(now: number): number | undefined {
    if (this.inks.size > 0 || this.shapes.size > 0) return Math.max(this.nextSend - now, 1)
    if (this.cursorAt === undefined) return undefined
    return Math.max(this.nextSend - now, this.nextCursor - now, 1)
  }

  /** The first stroke with news; it goes to the end of the queue. */
  private sendInk(now: number): boolean {
    for (const [id, ink] of this.inks) {
      if (ink.advanced) ink.keyframe = now + KEYFRAME_AFTER_COMMIT
      ink.advanced = false
      const key = now >= ink.keyframe
      const from = key ? ink.committed : ink.sent
      const to = Math.min(ink.points.length, from + MAX_CHUNK_POINTS)
      if (from >= to) continue
      const message = { k: 'i', a: this.actor, i: id, o: from, p: ink.points.encode(from, to) }
      this.send(key ? { ...message, s: ink.style } : message)
      ink.sent = to
      if (key) ink.keyframe = now + KEYFRAME_EVERY
      this.inks.delete(id)
      this.inks.set(id, ink)
      this.shown.add(id)
      return true
    }
    return false
  }

  private sendShape(): boolean {
    for (const [id, props] of this.shapes) {
      this.shapes.delete(id)
      this.shown.add(id)
      this.send({ k: 's', a: this.actor, i: id, p: props })
      return true
    }
    return false
  }

  private sendCursor(now: number): boolean {
    if (this.cursorAt === undefined || now < this.nextCursor) return false
    const at = this.cursorAt
    this.cursorAt = undefined
    this.send(at ? { k: 'c', a: this.actor, x: round(at.x), y: round(at.y) } : { k: 'c', a: this.actor })
    this.nextCursor = now + 1000 / cursorRate(this.writers())
    return true
  }
}

/** To an eighth of a world unit. */
function round(value: number): number {
  return Math.round(8 * value) / 8
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}
