import type { ActorId, Json, Patch, RecordId } from '../board/types'
import { MAX_CHUNK_POINTS, Points } from '../geometry/points'
import { MAX_SELECTED, Previews, type Edits, type SentSelection } from './previews'

/** Messages a second that all writers together, and all cursors together, may send. */
const BUDGET = 400
const CURSOR_BUDGET = 200
/** How often a stroke's style and uncommitted points are sent again, in ms, for who missed them. */
const KEYFRAME_EVERY = 1000
/** How long after a commit the next of these comes, in ms: by then most have the commit that it starts after. */
const KEYFRAME_AFTER_COMMIT = 400
/** How often others are told again what is selected, and what is being written in, in ms. */
const SELECTION_EVERY = 10_000
const TYPING_EVERY = 2000

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

/** Something said now and then as long as it holds; due at once when it changes. */
interface Said<T> {
  value: T
  due: number
}

/** Messages a second for one of `writers`. */
export function liveRate(writers: number): number {
  return clamp(BUDGET / writers, 8, 26)
}

/** Cursor messages a second for one of `writers`. */
export function cursorRate(writers: number): number {
  return clamp(CURSOR_BUDGET / writers, 2, 20)
}

/** What we show to others: the newest state of each thing, one message at a time, within the budget. */
export class Outbound {
  readonly previews: Previews
  private readonly inks = new Map<RecordId, Ink>()
  /** Strokes that others may be showing. */
  private readonly shown = new Set<RecordId>()
  private cursorAt: Position | null | undefined
  private laser: Position[] = []
  private readonly selected: Said<SentSelection> = { value: { n: 0, ids: new Set() }, due: Infinity }
  private readonly typing: Said<RecordId | undefined> = { value: undefined, due: Infinity }
  private nextSend = 0
  private nextCursor = 0

  constructor(
    private readonly actor: ActorId,
    private readonly send: (message: Json) => void,
    private readonly writers: () => number,
  ) {
    this.previews = new Previews(actor, send)
  }

  /** The selection that others know of; undefined if it is not sent yet, or too large. */
  get selection(): SentSelection | undefined {
    const { value, due } = this.selected
    return due > 0 && value.ids.size <= MAX_SELECTED ? value : undefined
  }

  cursor(at: Position | null): void {
    this.cursorAt = at
  }

  ink(id: RecordId, style: Patch, points: Points, committed: number): void {
    const ink = this.inks.get(id)
    const advanced = ink !== undefined && (ink.advanced || ink.committed !== committed)
    if (ink) Object.assign(ink, { style, points, committed, advanced })
    else this.inks.set(id, { style, points, committed, sent: committed, keyframe: 0, advanced })
  }

  preview(edits: Edits, position: (id: RecordId) => Json | undefined): void {
    this.previews.set(edits, position, this.selection)
  }

  point(places: readonly Position[]): void {
    this.laser.push(...places)
  }

  select(ids: ReadonlySet<RecordId>): void {
    if (ids.size === 0 && this.selected.value.ids.size === 0) return
    this.selected.value = { n: this.selected.value.n + 1, ids }
    this.selected.due = 0
  }

  type(id: RecordId | undefined): void {
    if (id === this.typing.value) return
    this.typing.value = id
    this.typing.due = 0
  }

  end(id: RecordId): void {
    this.inks.delete(id)
    this.shown.delete(id)
    this.previews.end(id)
  }

  settled(id: RecordId): void {
    this.previews.settled(id)
  }

  cancel(id: RecordId): void {
    if (this.shown.has(id)) this.send({ k: 'x', a: this.actor, i: [id] })
    else this.previews.cancel([id])
    this.end(id)
  }

  /** Sends one message if one is due. */
  tick(now: number): void {
    if (now < this.nextSend) return
    const sent = this.sendInk(now) || this.sendSelection(now) || this.previews.tick(now) || this.sendLaser() || this.sendTyping(now)
    if (!sent && !this.sendCursor(now)) return
    this.nextSend = now + 1000 / liveRate(this.writers())
  }

  /** Ms until something may be due; undefined if there is nothing to send. */
  delay(now: number): number | undefined {
    if (this.inks.size > 0 || !this.previews.isEmpty || this.laser.length > 0) return Math.max(this.nextSend - now, 1)
    const said = Math.min(this.selected.due, this.typing.due, this.previews.repeatsAt)
    const cursor = this.cursorAt === undefined ? Infinity : this.nextCursor
    const next = Math.min(said, cursor)
    return next === Infinity ? undefined : Math.max(this.nextSend - now, next - now, 1)
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
      const points = ink.points.encode(from, to)
      // Most messages of a stroke are of the second kind, and of them most is what surrounds the points.
      this.send(key ? { k: 'i', a: this.actor, i: id, o: from, p: points, s: ink.style } : [this.actor, id, from, points])
      ink.sent = to
      if (key) ink.keyframe = now + KEYFRAME_EVERY
      this.inks.delete(id)
      this.inks.set(id, ink)
      this.shown.add(id)
      return true
    }
    return false
  }

  /** Of a selection that is too large to name, others see that there is one. */
  private sendSelection(now: number): boolean {
    const { selected, actor } = this
    if (now < selected.due) return false
    const { n, ids } = selected.value
    this.send({ k: 'sel', a: actor, n, i: ids.size > MAX_SELECTED ? [] : [...ids] })
    selected.due = ids.size > 0 ? now + SELECTION_EVERY : Infinity
    return true
  }

  private sendTyping(now: number): boolean {
    const { typing, actor } = this
    if (now < typing.due) return false
    this.send(typing.value === undefined ? { k: 't', a: actor } : { k: 't', a: actor, i: typing.value })
    typing.due = typing.value === undefined ? Infinity : now + TYPING_EVERY
    return true
  }

  private sendLaser(): boolean {
    const [first] = this.laser
    if (!first) return false
    const at = [round(first.x), round(first.y)] as const
    const points = new Points()
    for (const { x, y } of this.laser.splice(0, MAX_CHUNK_POINTS)) points.add({ x: x - at[0], y: y - at[1] })
    this.send({ k: 'z', a: this.actor, at: [...at], p: points.encode(0, points.length) })
    return true
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
