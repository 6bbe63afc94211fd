import { ServerTime } from '../board/clock'
import { Document } from '../board/document'
import { newActorId, newRecordId } from '../board/ids'
import type { ActorId, Entry, Op, Role, Snapshot, Unsubscribe, WireRecord } from '../board/types'
import { MAX_CHAT_TEXT, MAX_NAME } from '../board/validate'
import { fromWire } from '../board/merge'
import { Committer, type Answer } from './commit'
import { Live } from './live'
import { readAnswer, readGroupMessage } from './messages'
import { MemoryStorage, Outbox, type OutboxStorage, type StoredOutbox } from './outbox'
import { ApiError, type BoardApi, type Person, type Scheduler, type Transport, type TransportState } from './ports'
import { Repair } from './repair'
import { Sequencer } from './sequencer'
import type { SnapshotStore } from './snapshots'

export type { Person } from './ports'

/** Whether our work has reached the server. */
export type Status =
  | { readonly at: 'connecting' }
  | { readonly at: 'saved' }
  /** How many ops are on their way. */
  | { readonly at: 'saving'; readonly count: number }
  /** How many ops wait for a connection. */
  | { readonly at: 'offline'; readonly waiting: number }
  /** The board can't be opened, or the server has refused a change, which has been taken back. */
  | { readonly at: 'refused'; readonly code: string; readonly message: string }

/** How often a board that has changed is kept for the next time, in ms; and whenever the page is hidden. */
const KEEP_EVERY = 5000
/** Large boards, in records, are kept when the page is hidden and so much more seldom. */
const LARGE = 5000
const KEEP_LARGE = 12

/** The code of a refusal after which reloading the page helps; nothing is lost by it. */
export const RELOAD = 'reload'

export interface SessionOptions {
  /** The board's id. */
  readonly board: string
  /** Display name; without one the web app knows or invents it. */
  readonly name?: string | undefined
  readonly api: BoardApi
  readonly transport: Transport
  readonly scheduler: Scheduler
  /** Opens the outboxes of this board; called once, by start(). Default: in memory. */
  readonly outboxes?: () => Promise<OutboxStorage>
  /** What is known of the board from last time; default: nothing. */
  readonly snapshots?: SnapshotStore
  /** Calls back when the page becomes visible or the network comes or goes. */
  readonly onWake?: (fn: () => void) => Unsubscribe
  /** Calls back when the page is hidden, perhaps for good. */
  readonly onHide?: (fn: () => void) => Unsubscribe
}

/**
 * A board that is open: its document, kept in step with the server's.
 *
 * Local edits are applied at once, stored in the outbox and sent; the echo settles them. What the
 * group brings is merged in the board's order; what is missing is fetched. Until `loaded`, the
 * document holds local edits alone.
 */
export class Session {
  readonly document: Document
  readonly live: Live
  private readonly time: ServerTime
  private readonly sequencer: Sequencer
  private readonly repair: Repair
  private readonly listeners = new Set<() => void>()
  private readonly arrivals = new Set<(records: readonly WireRecord[]) => void>()
  private readonly ends: Unsubscribe[] = []
  private committer: Committer | undefined
  private own: Outbox | undefined
  private storage: OutboxStorage | undefined
  /** Ops made before the outbox is open. */
  private early: Op[] = []
  /** The seq of the state that is kept for the next time. */
  private kept: number | undefined
  private name: string | undefined
  /** Counts connections: what an older one began is void. */
  private generation = 0
  private state: TransportState = 'connecting'
  /** Whether all has been fetched since this connection began. */
  private caughtUp = false
  private reachable = true
  private final = false
  private stopped = false
  private cancelGap: (() => void) | undefined
  private cancelKeep: (() => void) | undefined
  private refusal: { code: string; message: string } | undefined
  private status_: Status = { at: 'connecting' }
  /** Whose the replicas are that have committed something. */
  private readonly users = new Map<ActorId, string>()
  private people_: readonly Person[] = []
  private self_: { user: string; name: string } | undefined
  private role_: Role | undefined

  constructor(private readonly o: SessionOptions) {
    const { api, scheduler } = o
    this.name = o.name
    this.time = new ServerTime(() => scheduler.now())
    this.document = new Document({ actor: newActorId(scheduler.random), now: () => this.time.now() })
    this.live = new Live({
      document: this.document,
      scheduler,
      send: (message) => o.transport.sendToGroup(this.liveGroup, message),
    })
    this.sequencer = new Sequencer(
      (entries) => this.deliver(entries),
      (entry) => this.committer?.settle(entry),
    )
    this.repair = new Repair({
      api,
      scheduler,
      sequencer: this.sequencer,
      load: (snapshot) => this.load(snapshot),
      arrived: (records) => this.arrived(records),
      reached: (ok) => this.reached(ok),
      refused: (error) => this.shut(error),
    })
  }

  /** The board's id. */
  get board(): string {
    return this.o.board
  }

  get status(): Status {
    return this.status_
  }

  /** How many ops are not committed yet. */
  get waiting(): number {
    return (this.committer?.count ?? 0) + this.early.length
  }

  /** Who is on the board, ourselves included, as the server knows. */
  get people(): readonly Person[] {
    return this.people_
  }

  /** Undefined until the first connection. */
  get self(): { readonly user: string; readonly name: string } | undefined {
    return this.self_
  }

  get role(): Role | undefined {
    return this.role_
  }

  /** Who works at a replica, if it has committed something since we came. */
  userOf(actor: ActorId): string | undefined {
    return this.users.get(actor)
  }

  /** Whether the board's content is in the document. */
  get loaded(): boolean {
    return this.sequencer.have >= 0
  }

  /** Opens the board; may be called once. */
  start(): void {
    this.ends.push(
      this.document.onOps((ops) => this.send(ops)),
      this.document.subscribe((changes, origin) => {
        if (origin === 'remote' || origin === 'load') this.live.committed(changes)
      }),
    )
    if (this.o.onWake) this.ends.push(this.o.onWake(() => this.wake()))
    if (this.o.onHide) this.ends.push(this.o.onHide(() => this.keep('at once')))
    if (this.o.snapshots) this.keepAgain(0)
    void this.open()
  }

  /** Closes the board. What is not committed stays in the outbox for the next session. */
  async stop(): Promise<void> {
    if (this.stopped) return
    this.stopped = true
    this.generation++
    for (const end of this.ends) end()
    this.live.stop()
    this.repair.stop()
    this.committer?.stop()
    this.cancelGap?.()
    this.cancelKeep?.()
    this.o.transport.close()
    await this.own?.close()
    await this.storage?.close()
  }

  /** Changes one's display name: 1–64 characters, cut beyond that. */
  rename(name: string): void {
    const trimmed = clean(name, MAX_NAME)
    if (trimmed === '') return
    this.name = trimmed
    if (this.self_) this.self_ = { ...this.self_, name: trimmed }
    // If it doesn't get through, the next negotiation carries the name.
    if (this.state === 'open') this.o.transport.sendEvent('name', { name: trimmed }).catch(() => undefined)
    this.notify()
  }

  /** The server's time in Unix ms, as far as it is known. */
  now(): number {
    return Math.floor(this.time.now())
  }

  /** Adds a chat line: 1–2000 characters, cut beyond that. Ignored before the first connection. */
  sendChat(text: string): void {
    const line = clean(text, MAX_CHAT_TEXT)
    if (line === '' || !this.self_) return
    const { user, name } = this.self_
    const id = newRecordId(this.o.scheduler.random)
    this.document.edit([[id, { kind: 'chat', text: line, user, name, time: this.now() }]], { history: false })
  }

  /** Calls `fn` after status, people, self or role have changed. */
  subscribe(fn: () => void): Unsubscribe {
    this.listeners.add(fn)
    return () => this.listeners.delete(fn)
  }

  /** Calls `fn` with what has come of the board while it is not `loaded`: a few records at a time, in no order. */
  onArrival(fn: (records: readonly WireRecord[]) => void): Unsubscribe {
    this.arrivals.add(fn)
    return () => this.arrivals.delete(fn)
  }

  private get group(): string {
    return `b.${this.o.board}`
  }

  private get liveGroup(): string {
    return `${this.group}.l`
  }

  /** Connects and loads at the same time: what the group brings before the snapshot is held. */
  private async open(): Promise<void> {
    this.o.transport.connect(() => this.negotiate(), {
      state: (state) => this.transportChanged(state),
      message: (data) => this.answered(readAnswer(data)),
      groupMessage: (group, data, user) => this.received(group, data, user),
    })
    void this.fetch()
    await this.openOutboxes()
  }

  /** From what is known of the board only what happened since is fetched. */
  private async fetch(): Promise<void> {
    const kept = await this.o.snapshots?.load().catch(() => undefined)
    if (this.stopped || this.loaded) return
    if (!kept) return void this.repair.entries()
    this.kept = kept.seq
    this.load(kept)
    this.sequencer.restart(kept.seq)
    this.notify()
    void this.repair.entries()
  }

  private keepAgain(turn: number): void {
    this.cancelKeep = this.o.scheduler.after(KEEP_EVERY, () => {
      if (this.document.size < LARGE || turn % KEEP_LARGE === 0 || this.kept === undefined) this.keep('in pauses')
      this.keepAgain(turn + 1)
    })
  }

  /** Keeps the board as the server has it, for the next time. */
  private keep(when: 'in pauses' | 'at once'): void {
    const { have } = this.sequencer
    const isSettled = this.loaded && this.committer?.count === 0 && !this.final
    if (!this.o.snapshots || !isSettled || have === this.kept) return
    this.kept = have
    this.o.snapshots.save({ seq: have, records: this.document.wireRecords() }, when).catch(() => (this.kept = undefined))
  }

  private async openOutboxes(): Promise<void> {
    let storage = (await this.o.outboxes?.().catch(() => undefined)) ?? new MemoryStorage()
    const { actor } = this.document
    await storage.claim(actor).catch(() => (storage = new MemoryStorage()).claim(actor))
    this.storage = storage
    if (this.stopped) return storage.close()
    this.own = new Outbox(storage, { actor, n: 0, sent: undefined, waiting: [] }, () => this.lose())
    this.committer = this.newCommitter(this.own)
    this.committer.setOnline(this.caughtUp)
    this.send(this.early.splice(0))
    await this.adopt()
  }

  private newCommitter(own: Outbox): Committer {
    return new Committer({
      document: this.document,
      scheduler: this.o.scheduler,
      time: this.time,
      own,
      user: () => this.self_?.user,
      send: (batch) => this.o.transport.sendEvent('ops', { ...batch }),
      repair: () => this.repair.entries(),
      reload: () => this.repair.snapshot(),
      reconnect: () => this.o.transport.reconnect(),
      refused: (code, message) => (this.refusal = { code, message }),
      changed: () => this.notify(),
    })
  }

  /** Takes over what tabs that are gone have not sent. */
  private async adopt(): Promise<void> {
    const boxes = await this.storage!.adopt().catch((): StoredOutbox[] => [])
    for (const stored of boxes) {
      const box = new Outbox(this.storage!, stored, () => this.lose())
      if (box.size === 0) void box.close()
      else this.adoptOne(box)
    }
  }

  private adoptOne(box: Outbox): void {
    this.committer!.adopt(box)
    if (this.loaded) this.document.applyPending(box.ops())
  }

  private send(ops: readonly Op[]): void {
    if (ops.length === 0) return
    if (!this.final) this.refusal = undefined
    for (const { id } of ops) this.live.settled(id)
    if (this.committer) this.committer.add(ops)
    else this.early.push(...ops)
    this.notify()
  }

  private async negotiate(): Promise<string> {
    const asked = this.o.scheduler.now()
    try {
      const { url, user, role, seq, now } = await this.o.api.negotiate(this.name)
      this.time.learn(now, asked)
      if (this.self_ && this.self_.user !== user.id) throw this.userChanged()
      this.self_ = { user: user.id, name: user.name }
      this.role_ = role
      this.sequencer.heard(seq)
      this.notify()
      return url
    } catch (err) {
      if (err instanceof ApiError && err.isFinal) this.shut(err)
      throw err
    }
  }

  /** An actor belongs to the user who first commits with it: another user needs another session. */
  private userChanged(): ApiError {
    const error = new ApiError(0, RELOAD, 'this browser has become someone else; reload to go on')
    this.shut(error)
    return error
  }

  private transportChanged(state: TransportState): void {
    if (this.stopped) return
    this.state = state
    this.generation++
    this.caughtUp = false
    this.committer?.setOnline(false)
    if (state === 'open') void this.catchUp(this.generation)
    this.notify()
  }

  /** After a connection or a wake-up: fetches what was missed, then sends what waits. */
  private async catchUp(generation: number): Promise<void> {
    this.repair.hurry()
    await this.repair.entries()
    if (this.generation !== generation) return
    this.caughtUp = true
    this.committer?.setOnline(true)
    this.notify()
    const people = await this.o.api.people().catch(() => undefined)
    if (people && this.generation === generation) this.setPeople(people)
  }

  private wake(): void {
    if (this.stopped || this.final) return
    if (this.storage) void this.adopt()
    if (this.state === 'open') void this.repair.entries()
    else if (this.state === 'closed') this.o.transport.reconnect()
    this.repair.hurry()
  }

  private received(group: string, data: unknown, user: string | undefined): void {
    if (group === this.liveGroup) this.live.receive(user, data)
    // Anything else in the board's group comes from the web app, which the service names no user for.
    if (group !== this.group || user) return
    const message = readGroupMessage(data)
    if (message?.k === 'ops') this.sequencer.offer(message.b)
    if (message?.k === 'here') this.setPeople(message.people)
    if (message?.k === 'dig') this.compare(message)
    this.fetchIfBehind()
  }

  private answered(answer: Answer | undefined): void {
    if (!answer) return
    if (answer.k === 'ack') this.sequencer.heard(answer.q)
    this.committer?.answer(answer)
    this.fetchIfBehind()
  }

  /** Entries that come late have a moment to come by themselves. */
  private fetchIfBehind(): void {
    if (!this.sequencer.isBehind || !this.loaded || this.cancelGap) return
    this.cancelGap = this.o.scheduler.after(150, () => {
      this.cancelGap = undefined
      if (this.sequencer.isBehind && !this.stopped) void this.repair.entries()
    })
  }

  /** Replicas at the same seq, with nothing under way, hold the same registers; if not, ours are replaced. */
  private compare({ q, n, h }: { q: number; n: number; h: string }): void {
    this.sequencer.heard(q)
    if (q !== this.sequencer.have || this.committer?.count !== 0) return
    if (n !== this.document.size || h !== this.document.digest()) void this.repair.snapshot()
  }

  private deliver(entries: readonly Entry[]): void {
    const ops = entries.flatMap((entry) => entry.ops.map((op) => fromWire(op, entry.c)))
    for (const { c, u } of entries) this.users.set(c, u)
    this.document.applyRemote(ops)
    for (const entry of entries) this.committer?.settle(entry)
  }

  private load(snapshot: Snapshot): void {
    this.document.load(snapshot, [...(this.committer?.pending() ?? []), ...this.early])
    this.notify()
  }

  private arrived(records: readonly WireRecord[]): void {
    if (this.loaded) return
    for (const fn of [...this.arrivals]) fn(records)
  }

  private setPeople(people: readonly Person[]): void {
    this.people_ = people
    this.live.keep(new Set(people.map(({ user }) => user)))
    this.notify()
  }

  private reached(ok: boolean): void {
    this.reachable = ok
    this.notify()
  }

  /** The link is wrong or was revoked: nothing more can be done. */
  private shut({ code, message }: ApiError): void {
    if (this.stopped) return
    this.final = true
    this.refusal = { code, message }
    if (code !== RELOAD) this.o.snapshots?.drop().catch(() => undefined)
    this.committer?.setOnline(false)
    this.repair.stop()
    this.o.transport.close()
    this.notify()
  }

  /** This tab slept so long that another one has taken over its outbox. */
  private lose(): void {
    this.shut(new ApiError(0, RELOAD, 'another tab has taken over; reload to go on'))
  }

  private notify(): void {
    if (this.stopped) return
    this.status_ = this.currentStatus()
    for (const fn of [...this.listeners]) fn()
  }

  private currentStatus(): Status {
    const count = this.waiting
    const cut = this.state === 'closed' || !this.reachable || this.committer?.isStalled === true
    if (this.refusal) return { at: 'refused', ...this.refusal }
    if (cut) return { at: 'offline', waiting: count }
    if (!this.loaded || !this.caughtUp) return { at: 'connecting' }
    return count > 0 ? { at: 'saving', count } : { at: 'saved' }
  }
}

/** Without space around it and without half characters, which are no valid UTF-8; cut after `most` characters. */
function clean(text: string, most: number): string {
  return [...text.replace(/\p{Surrogate}/gu, '').trim()].slice(0, most).join('')
}
