import type { Document } from '../board/document'
import type { ServerTime } from '../board/clock'
import type { ActorId, Batch, Entry, Op } from '../board/types'
import type { Outbox } from './outbox'
import { backoff, type Scheduler } from './ports'

/**
 * How long ops are gathered before they are sent, in ms. Short: what comes while a batch is on its
 * way gathers anyway.
 */
export const GATHER = 10
/** After how long without an echo a batch is looked for, in ms. */
export const ECHO_TIMEOUT = 5000
const RETRY_FIRST = 500
const RETRY_MOST = 8000

/** What the web app says about a batch that has no echo. */
export type Answer =
  | { readonly k: 'ack'; readonly n: number; readonly q: number }
  | { readonly k: 'rej'; readonly n: number; readonly code: string; readonly message: string; readonly have: number; readonly now: number }

export interface CommitterOptions {
  readonly document: Document
  readonly scheduler: Scheduler
  readonly time: ServerTime
  readonly own: Outbox
  /** Who we are, once that is known. */
  readonly user: () => string | undefined
  readonly send: (batch: Batch) => Promise<void>
  /** Fetches the entries that are missing. */
  readonly repair: () => Promise<void>
  /** Fetches the board anew, to take back what the server has refused. */
  readonly reload: () => Promise<void>
  /** Begins a new connection, by which no answers to earlier batches come. */
  readonly reconnect: () => void
  readonly refused: (code: string, message: string) => void
  /** Counts or health have changed. */
  readonly changed: () => void
}

/** A batch that has been sent and not been settled. */
interface Flight {
  readonly box: Outbox
  n: number
  attempts: number
  cancel: () => void
}

/**
 * Sends what is in the outboxes, one batch at a time over all actors: answers name a batch by its
 * number alone. The echo settles a batch; without one it is looked for, and sent again.
 */
export class Committer {
  private readonly adopted: Outbox[] = []
  private flight: Flight | undefined
  private online = false
  /**
   * Whose batches go by this connection. Answers name no actor: a second answer to another's batch
   * of the same number would be taken for one to ours.
   */
  private speaker: ActorId | undefined
  private stopped = false
  private cancelGather: (() => void) | undefined

  constructor(private readonly o: CommitterOptions) {}

  /** How many ops are not committed. */
  get count(): number {
    return this.boxes.reduce((sum, box) => sum + box.size, 0)
  }

  /** Whether the batch under way has not got through at the first try. */
  get isStalled(): boolean {
    return (this.flight?.attempts ?? 0) > 0
  }

  /** All ops that are not committed. */
  pending(): Op[] {
    return this.boxes.flatMap((box) => box.ops())
  }

  /** Adds local ops; they leave within GATHER ms. */
  add(ops: readonly Op[]): void {
    this.o.own.add(ops)
    this.cancelGather ??= this.o.scheduler.after(GATHER, () => {
      this.cancelGather = undefined
      this.pump()
    })
    this.o.changed()
  }

  /** Takes over the outbox of a tab that is gone; it is sent first, under its own actor. */
  adopt(box: Outbox): void {
    this.adopted.push(box)
    this.pump()
  }

  /** The connection is up and the document has caught up, or the connection is down. */
  setOnline(online: boolean): void {
    this.online = online
    this.speaker = undefined
    this.ground()
    this.pump()
  }

  /** An entry of the board's order: it may be an echo. */
  settle(entry: Entry): void {
    const box = this.boxes.find(({ actor }) => actor === entry.c)
    if (box?.settle(entry.n)) this.settled(box)
  }

  answer(answer: Answer): void {
    const flight = this.flight
    if (!flight || (answer.n !== flight.n && answer.n !== 0)) return
    if (answer.k === 'rej') this.rejected(flight, answer)
    else if (flight.box.settle(answer.n)) this.settled(flight.box)
  }

  stop(): void {
    this.stopped = true
    this.cancelGather?.()
    this.ground()
  }

  private get boxes(): Outbox[] {
    return [...this.adopted, this.o.own]
  }

  private pump(): void {
    if (!this.online || this.flight || this.stopped) return
    const box = this.adopted.find(({ size }) => size > 0) ?? this.o.own
    if (box.size === 0 || (box === this.o.own && this.cancelGather)) return
    this.speaker ??= box.actor
    if (this.speaker !== box.actor) return this.o.reconnect()
    this.flight = { box, n: box.next, attempts: 0, cancel: () => undefined }
    void this.send(this.flight)
  }

  private async send(flight: Flight): Promise<void> {
    const batch = await flight.box.take()
    if (this.flight !== flight || !batch) return
    flight.cancel = this.o.scheduler.after(ECHO_TIMEOUT, () => this.search(flight))
    try {
      await this.o.send(batch)
    } catch {
      this.retryLater(flight)
    }
  }

  /** Looks for a batch among the entries and sends it again if it isn't there. */
  private async search(flight: Flight): Promise<void> {
    flight.attempts++
    this.o.changed()
    await this.o.repair()
    if (this.flight === flight) await this.send(flight)
  }

  private retryLater(flight: Flight): void {
    if (this.flight !== flight) return
    flight.cancel()
    const delay = backoff(flight.attempts++, RETRY_FIRST, RETRY_MOST, this.o.scheduler.random)
    flight.cancel = this.o.scheduler.after(delay, () => void this.send(flight))
    this.o.changed()
  }

  private rejected(flight: Flight, { code, message, have, now }: Answer & { k: 'rej' }): void {
    this.o.time.learn(now, this.o.scheduler.now())
    switch (code) {
      case 'unavailable':
        this.retryLater(flight)
        return
      case 'clock':
        this.renew(flight, flight.n - 1)
        this.retryLater(flight)
        return
      case 'order':
        void this.reorder(flight, have)
        return
      default:
        void this.giveUp(flight, code, message)
    }
  }

  /** The server counts differently: catches up with it, then numbers and stamps anew, then sends again. */
  private async reorder(flight: Flight, have: number): Promise<void> {
    flight.cancel()
    await this.o.repair()
    if (this.flight !== flight) return
    this.renew(flight, have)
    this.retryLater(flight)
  }

  private renew(flight: Flight, n: number): void {
    const { box } = flight
    flight.n = n + 1
    box.renew(n, this.o.document.restamp(box.ops(), box.actor, () => this.o.time.now()))
  }

  /** Takes the batch back. An adopted one that is forbidden is another user's: it gets another try as ours. */
  private async giveUp({ box }: Flight, code: string, message: string): Promise<void> {
    this.ground()
    if (code === 'forbidden' && box !== this.o.own) {
      this.takeAsOurs(box)
    } else {
      box.drop()
      this.o.refused(code, message)
    }
    await this.o.reload()
    this.pump()
  }

  /** Moves an adopted outbox's ops to ours, under our actor; only what someone else said can't be ours. */
  private takeAsOurs(box: Outbox): void {
    const sayable = ({ patch }: Op) => patch['user'] === undefined || patch['user'] === this.o.user()
    const ops = box.ops().filter(sayable)
    this.o.own.add(this.o.document.restamp(ops, this.o.own.actor, () => this.o.time.now()))
    this.retire(box)
    box.discard()
  }

  private settled(box: Outbox): void {
    if (this.flight?.box === box) this.ground()
    if (box !== this.o.own && box.size === 0) {
      this.retire(box)
      void box.close()
    }
    this.pump()
    this.o.changed()
  }

  private retire(box: Outbox): void {
    this.adopted.splice(this.adopted.indexOf(box), 1)
  }

  private ground(): void {
    this.flight?.cancel()
    this.flight = undefined
  }
}
