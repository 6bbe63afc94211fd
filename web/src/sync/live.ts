import type { Document } from '../board/document'
import type { ActorId, Change, Json, Patch, RecordId, Unsubscribe } from '../board/types'
import { isActorId, isCoordinate, isObject, isRecordId } from '../board/validate'
import { isDrawable, isDrawableChange } from '../shapes/kinds'
import { MAX_CHUNKS, MAX_CHUNK_POINTS, Points, strokePoints } from '../geometry/points'
import { isPlace, keyOf, Others, type RemoteSelection, type Sender, type Trail, type Typing } from './others'
import { Outbound, type Position } from './outbound'
import { MAX_SHAPES, type Edits } from './previews'
import type { Scheduler } from './ports'

/** Drafts without data for this long are orphans, in ms; cursors rest longer. */
export const DRAFT_TIMEOUT = 5000
export const CURSOR_TIMEOUT = 30_000
/** A writer is active if heard of within this, in ms. */
const ACTIVE_WITHIN = 2000
/** How many cursors, and how many drafts, are kept at most; more are ignored. */
const MAX_KEPT = 500
const MAX_DRAFTS = 4000
const MAX_POINTS = MAX_CHUNKS * MAX_CHUNK_POINTS
const SWEEP_EVERY = 500

export { LASER_FADE } from './others'
export type { RemoteSelection, Spot, Trail, Typing } from './others'
export type { Position } from './outbound'

/** Where someone points, in world units. */
export interface Cursor {
  /** As the service vouches for it. */
  readonly user: string
  readonly actor: ActorId
  readonly x: number
  readonly y: number
  /** When it was last heard of: this machine's Unix ms. */
  readonly seen: number
}

/** Something that someone is drawing or dragging: to be shown in the place of the record, if there is one. */
export type Draft = InkDraft | ShapeDraft

/** A stroke so far. */
export interface InkDraft {
  readonly kind: 'ink'
  readonly id: RecordId
  readonly user: string
  readonly actor: ActorId
  /** The stroke's properties except its points: kind, at, color, width, …. */
  readonly props: Patch
  /** All points from the first, relative to props.at; the list grows in place. */
  readonly points: Points
  readonly seen: number
}

/** A shape that is being made, with all its properties, or changed, with those that change. */
export interface ShapeDraft {
  readonly kind: 'shape'
  readonly id: RecordId
  readonly user: string
  readonly actor: ActorId
  readonly props: Patch
  readonly seen: number
}

export interface LiveOptions {
  readonly document: Document
  readonly scheduler: Scheduler
  /** Publishes to the live group, without echo. */
  readonly send: (message: Json) => void
}

/**
 * The live lane: cursors and unfinished shapes, ours to others and theirs to us. Lossy; never
 * stored. Rates fall when many write.
 */
export class Live {
  private readonly cursors_ = new Map<string, Cursor>()
  private readonly drafts_ = new Map<RecordId, Draft>()
  private readonly others = new Others()
  private readonly active = new Map<string, number>()
  private readonly listeners = new Set<() => void>()
  private readonly out: Outbound
  private cancelTick: (() => void) | undefined
  private ticksAt = 0
  private stopped = false

  constructor(private readonly o: LiveOptions) {
    this.out = new Outbound(o.document.actor, o.send, () => this.writers)
  }

  /** Others' cursors by person and actor. */
  get cursors(): ReadonlyMap<string, Cursor> {
    return this.cursors_
  }

  /** Others' unfinished shapes by record. */
  get drafts(): ReadonlyMap<RecordId, Draft> {
    return this.drafts_
  }

  /** What others have selected, by person and actor. */
  get selections(): ReadonlyMap<string, RemoteSelection> {
    return this.others.selections
  }

  /** Which shapes others write in, by person and actor. */
  get typing(): ReadonlyMap<string, Typing> {
    return this.others.typing
  }

  /** Where others point with the laser, by person and actor. */
  get trails(): ReadonlyMap<string, Trail> {
    return this.others.trails
  }

  /** How many write at the moment, ourselves included. */
  get writers(): number {
    return this.active.size + 1
  }

  /** Shows where we point, in world units; null when the pointer leaves the canvas. */
  sendCursor(at: Position | null): void {
    this.out.cursor(at)
    this.arm()
  }

  /** Shows a stroke being drawn: all its points so far, of which the first `committed` are in the record. */
  sendInk(id: RecordId, style: Patch, points: Points, committed: number): void {
    this.out.ink(id, style, points, committed)
    this.arm()
  }

  /** Shows shapes being made or changed, in place of what was shown before: the edits that would be committed now. */
  sendShapes(edits: Edits): void {
    this.out.preview(edits, (id) => this.o.document.get(id)?.['at'])
    this.arm()
  }

  /** Takes all previews of shapes back. */
  cancelShapes(): void {
    this.out.previews.cancelAll()
  }

  /** Shows the laser at places, in world units. */
  sendLaser(places: readonly Position[]): void {
    this.out.point(places)
    this.arm()
  }

  /** Shows what we have selected. */
  sendSelection(ids: ReadonlySet<RecordId>): void {
    this.out.select(ids)
    this.arm()
  }

  /** Shows which shape we write in; undefined: none. */
  sendTyping(id: RecordId | undefined): void {
    this.out.type(id)
    this.arm()
  }

  /** Ends a preview that has been committed, as far as it will be. */
  end(id: RecordId): void {
    this.out.end(id)
  }

  /** A local commit of the record takes the place of a preview that has not been sent. */
  settled(id: RecordId): void {
    this.out.settled(id)
  }

  /** Takes a preview back: others see the record again, if there is one. */
  cancel(id: RecordId): void {
    this.out.cancel(id)
  }

  /** Calls `fn` after cursors or drafts have changed. */
  subscribe(fn: () => void): Unsubscribe {
    this.listeners.add(fn)
    return () => this.listeners.delete(fn)
  }

  /** Sends what is due and drops what is stale; `now` is this machine's Unix ms. Live calls it itself. */
  tick(now: number): void {
    this.sweep(now)
    this.out.tick(now)
    this.arm()
  }

  /** A message of the live group. What the service doesn't vouch for is ignored, and so is what is malformed. */
  receive(user: string | undefined, message: unknown): void {
    const data = Array.isArray(message) ? inkOf(message) : message
    if (!user || !isObject(data) || !isActorId(data['a']) || data['a'] === this.o.document.actor) return
    const sender = { user, actor: data['a'] }
    if (!this.take(sender, data)) return
    if (this.active.size < MAX_KEPT) this.active.set(keyOf(sender), this.o.scheduler.now())
    this.arm()
    this.notify()
  }

  /** The document has changed by commits: drafts that are in it now end. */
  committed(changes: readonly Change[]): void {
    let ended = false
    for (const { id, after } of changes) {
      const draft = this.drafts_.get(id)
      if (draft && (draft.kind === 'shape' || isComplete(draft, after))) ended = this.drafts_.delete(id)
    }
    if (ended) this.notify()
  }

  /** Only these people are still here. */
  keep(users: ReadonlySet<string>): void {
    const gone = [...this.cursors_.values(), ...this.drafts_.values()].filter(({ user }) => !users.has(user))
    if (!this.others.keep(users) && gone.length === 0) return
    for (const [key, { user }] of this.cursors_) if (!users.has(user)) this.cursors_.delete(key)
    for (const [id, { user }] of this.drafts_) if (!users.has(user)) this.drafts_.delete(id)
    this.notify()
  }

  /** Ends timers; nothing is sent any more. */
  stop(): void {
    this.stopped = true
    this.cancelTick?.()
  }

  private take(sender: Sender, data: Record<string, unknown>): boolean {
    switch (data['k']) {
      case 'c':
        return this.takeCursor(sender, data['x'], data['y'])
      case 'i':
        return this.takeInk(sender, data)
      case 's':
        return this.takeShapes(sender, data['d'])
      case 'm':
        return this.takeMove(sender, data['n'], data['d'])
      case 'x':
        return this.takeCancel(sender, data['i'])
      case 'z':
        return this.takeLaser(sender, data)
      case 'sel':
        return this.others.takeSelection(sender, data['n'], data['i'], this.o.scheduler.now())
      case 't':
        return this.others.takeTyping(sender, data['i'], this.o.scheduler.now())
      default:
        return false
    }
  }

  private takeCursor(sender: Sender, x: unknown, y: unknown): boolean {
    const key = keyOf(sender)
    if (x === undefined && y === undefined) return this.cursors_.delete(key)
    if (!isCoordinate(x) || !isCoordinate(y)) return false
    if (this.cursors_.size >= MAX_KEPT && !this.cursors_.has(key)) return false
    this.cursors_.set(key, { ...sender, x, y, seen: this.o.scheduler.now() })
    return true
  }

  private takeShapes(sender: Sender, shapes: unknown): boolean {
    if (!Array.isArray(shapes) || shapes.length > MAX_SHAPES) return false
    return shapes.map((shape) => Array.isArray(shape) && this.takeShape(sender, shape[0], shape[1])).includes(true)
  }

  private takeShape(sender: Sender, id: unknown, data: unknown): boolean {
    if (!isRecordId(id) || !this.mayDraft(sender, id)) return false
    const kind = this.o.document.get(id)?.['kind']
    const props = (kind === undefined ? isDrawable(data) : isDrawableChange(kind, data)) ? (data as Patch) : undefined
    if (!props) return false
    this.drafts_.set(id, { kind: 'shape', id, ...sender, props, seen: this.o.scheduler.now() })
    return true
  }

  /** All that the sender has selected is moved alike. */
  private takeMove(sender: Sender, n: unknown, by: unknown): boolean {
    const selection = this.others.selections.get(keyOf(sender))
    if (!selection || selection.n !== n || !isPlace(by)) return false
    for (const id of selection.ids) {
      const at = this.o.document.get(id)?.['at']
      if (isPlace(at)) this.takeShape(sender, id, { at: [at[0] + by[0], at[1] + by[1]] })
    }
    return true
  }

  /** Takes back the drafts named, or all shapes of the sender. */
  private takeCancel(sender: Sender, ids: unknown): boolean {
    const drafts = [...this.drafts_.values()].filter(({ kind }) => kind === 'shape').map(({ id }) => id)
    const named: unknown[] = ids === undefined ? drafts : Array.isArray(ids) ? ids.slice(0, MAX_SHAPES) : []
    return named.map((id) => this.owns(sender, id) && this.drafts_.delete(id)).includes(true)
  }

  private takeLaser(sender: Sender, { at, p }: Record<string, unknown>): boolean {
    if (!this.others.takeLaser(sender, at, p, this.o.scheduler.now())) return false
    const last = this.others.trails.get(keyOf(sender))?.spots.at(-1)
    if (last) this.takeCursor(sender, last.x, last.y)
    return true
  }

  private takeInk(sender: Sender, data: Record<string, unknown>): boolean {
    const { i: id, o: offset, p: chunk, s: style } = data
    if (!isRecordId(id) || typeof chunk !== 'string' || !isIndex(offset) || !this.mayDraft(sender, id)) return false
    const props = isDrawable(style) ? style : undefined
    const known = this.drafts_.get(id)
    const draft = known?.kind === 'ink' && known.points.length >= offset ? known : this.beginInk(sender, id, props)
    if (!draft || draft.points.length < offset) return false
    const before = draft.points.length
    draft.points.truncate(offset)
    if (!draft.points.decode(chunk) || (draft !== known && draft.points.length <= before)) return false
    this.drafts_.set(id, { ...draft, seen: this.o.scheduler.now() })
    this.followInk(draft)
    return true
  }

  /** A stroke we hear of in its midst: what is committed, or the beginning if nothing is. */
  private beginInk(sender: Sender, id: RecordId, style: Patch | undefined): InkDraft | undefined {
    const record = this.o.document.get(id)
    const props = record ? withoutPoints(record) : style
    if (!isDrawable(props) || props['deleted'] === true) return undefined
    const points = record ? strokePoints(record) : new Points()
    return { kind: 'ink', id, ...sender, props, points, seen: 0 }
  }

  /** Whoever draws points at where they draw. */
  private followInk({ user, actor, props, points }: InkDraft): void {
    const [x, y] = props['at'] as [number, number]
    const last = points.at(points.length - 1)
    this.takeCursor({ user, actor }, x + last.x, y + last.y)
  }

  private mayDraft(sender: Sender, id: RecordId): boolean {
    return this.drafts_.has(id) ? this.owns(sender, id) : this.drafts_.size < MAX_DRAFTS
  }

  private owns({ user, actor }: Sender, id: unknown): id is RecordId {
    const draft = this.drafts_.get(id as RecordId)
    return draft?.user === user && draft.actor === actor
  }

  private sweep(now: number): void {
    let swept = this.others.sweep(now)
    for (const [id, { seen }] of this.drafts_) if (seen + DRAFT_TIMEOUT <= now) swept = this.drafts_.delete(id)
    for (const [key, { seen }] of this.cursors_) if (seen + CURSOR_TIMEOUT <= now) swept = this.cursors_.delete(key)
    for (const [key, seen] of this.active) if (seen + ACTIVE_WITHIN <= now) this.active.delete(key)
    if (swept) this.notify()
  }

  /** Sets the timer for the next tick, if there is anything to wait for. */
  private arm(): void {
    if (this.stopped) return
    const now = this.o.scheduler.now()
    const busy = this.drafts_.size + this.cursors_.size + this.active.size + this.others.size > 0
    const delay = Math.min(this.out.delay(now) ?? Infinity, busy ? SWEEP_EVERY : Infinity)
    if (delay === Infinity || (this.cancelTick && this.ticksAt <= now + delay)) return
    this.cancelTick?.()
    this.ticksAt = now + delay
    this.cancelTick = this.o.scheduler.after(delay, () => {
      this.cancelTick = undefined
      this.tick(this.o.scheduler.now())
    })
  }

  private notify(): void {
    for (const fn of [...this.listeners]) fn()
  }
}

/** A message of ink in its short form. */
function inkOf([a, i, o, p]: readonly unknown[]): Record<string, unknown> {
  return { k: 'i', a, i, o, p }
}

function isIndex(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < MAX_POINTS
}

/** Whether the record holds all of the draft, or is gone. */
function isComplete(draft: InkDraft, record: Patch | undefined): boolean {
  return record !== undefined && (record['deleted'] === true || strokePoints(record).length >= draft.points.length)
}

function withoutPoints(record: Patch): Patch {
  return Object.fromEntries(Object.entries(record).filter(([prop]) => !/^p\d+$/.test(prop)))
}
