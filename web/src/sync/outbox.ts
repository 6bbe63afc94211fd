import { fromWire, toWire } from '../board/merge'
import type { ActorId, Batch, Op, RecordId, WireOp } from '../board/types'

/** Limits of a batch; the size leaves room for how a service may spell the same JSON. */
export const MAX_BATCH_SIZE = 60 << 10
export const MAX_BATCH_OPS = 500

/** An actor's outbox as it is stored. */
export interface StoredOutbox {
  readonly actor: ActorId
  /** The number of the last committed batch. */
  readonly n: number
  /** Batch n + 1, once it may have been sent. Its ops never change, so that sending it again is harmless. */
  readonly sent: readonly WireOp[] | undefined
  /** What waits for a batch, by a rising key. */
  readonly waiting: readonly (readonly [key: number, op: WireOp])[]
}

/** A change of a stored outbox, to be made whole or not at all. */
export interface OutboxWrite {
  readonly head?: { readonly n: number; readonly sent: readonly WireOp[] | undefined }
  readonly put?: readonly (readonly [key: number, op: WireOp])[]
  readonly remove?: readonly number[]
}

/** The outbox belongs to another tab now, which took this one for dead. */
export class OutboxLost extends Error {}

/** Where outboxes of one board are kept. An outbox belongs to at most one living tab. */
export interface OutboxStorage {
  /** Creates an empty outbox that belongs to this tab. */
  claim(actor: ActorId): Promise<void>
  /** Takes over the outboxes of tabs that live no more. */
  adopt(): Promise<StoredOutbox[]>
  /** Fails with OutboxLost if the outbox is not this tab's any more. */
  write(actor: ActorId, write: OutboxWrite): Promise<void>
  /** Deletes an outbox of this tab; one that is not this tab's any more stays. */
  remove(actor: ActorId): Promise<void>
  /** Gives up this tab's outboxes: others may adopt them. */
  close(): Promise<void>
}

/**
 * One actor's ops that are not committed yet: at most one batch under way, and what waits for the
 * next. Every change is stored; when storing fails, the outbox goes on in memory alone.
 */
export class Outbox {
  readonly actor: ActorId
  private n: number
  private sent: readonly Op[] | undefined
  private waiting: Map<number, Op>
  private readonly newest = new Map<RecordId, number>()
  private nextKey = 1
  private stored = Promise.resolve()
  private failed = false
  private lost = false

  /** `onLost`: another tab has taken over; nothing more is handed out to be sent. */
  constructor(
    private readonly storage: OutboxStorage,
    from: StoredOutbox,
    private readonly onLost: () => void = () => undefined,
  ) {
    this.actor = from.actor
    this.n = from.n
    this.sent = from.sent?.map((op) => fromWire(op, from.actor))
    this.waiting = new Map(from.waiting.map(([key, op]) => [key, fromWire(op, from.actor)]))
    for (const [key, op] of this.waiting) {
      this.newest.set(op.id, key)
      this.nextKey = key + 1
    }
  }

  /** How many ops are not committed. */
  get size(): number {
    return (this.sent?.length ?? 0) + this.waiting.size
  }

  /** The number of the batch that is, or will be, under way. */
  get next(): number {
    return this.n + 1
  }

  /** All ops that are not committed, in order. */
  ops(): Op[] {
    return [...(this.sent ?? []), ...this.waiting.values()]
  }

  /** Adds ops. One that overwrites all of the last waiting op of the same record takes its place. */
  add(ops: readonly Op[]): void {
    const remove: number[] = []
    const put = new Map<number, WireOp>()
    for (const op of ops) {
      const key = this.newest.get(op.id)
      const last = key === undefined ? undefined : this.waiting.get(key)
      if (last && covers(op, last)) {
        this.waiting.delete(key!)
        if (!put.delete(key!)) remove.push(key!)
      }
      put.set(this.nextKey, toWire(op))
      this.waiting.set(this.nextKey, op)
      this.newest.set(op.id, this.nextKey++)
    }
    this.store({ put: [...put], remove })
  }

  /** The batch to send, stored as such; undefined if there is nothing to send. */
  async take(): Promise<Batch | undefined> {
    if (!this.sent) this.freeze()
    const { sent, n } = this
    await this.stored
    if (this.lost) return undefined
    return sent && { c: this.actor, n: n + 1, ops: sent.map(toWire) }
  }

  /** Batch n is committed. Returns whether it was under way. */
  settle(n: number): boolean {
    if (!this.sent || n !== this.next) return false
    this.sent = undefined
    this.n = n
    this.store({ head: { n, sent: undefined } })
    return true
  }

  /** Gives up the batch under way. */
  drop(): void {
    this.sent = undefined
    this.store({ head: { n: this.n, sent: undefined } })
  }

  /** The server has `n` batches; the ops in the outbox carry new stamps, in the same order. */
  renew(n: number, ops: readonly Op[]): void {
    const sent = this.sent && ops.slice(0, this.sent.length)
    const rest = ops.slice(sent?.length ?? 0)
    const keys = [...this.waiting.keys()]
    this.waiting = new Map(keys.map((key, i) => [key, rest[i]!]))
    this.n = n
    this.sent = sent
    const put = [...this.waiting].map(([key, op]) => [key, toWire(op)] as const)
    this.store({ head: { n, sent: sent?.map(toWire) }, put })
  }

  /** Empties the outbox and deletes it from the storage. */
  discard(): void {
    this.sent = undefined
    this.waiting.clear()
    void this.close()
  }

  /** Resolves when all changes are stored; deletes the outbox from the storage if it is empty. */
  async close(): Promise<void> {
    await this.stored
    if (this.size === 0 && !this.failed) await this.storage.remove(this.actor).catch(() => undefined)
  }

  /** Moves what fits into one batch from waiting to sent. */
  private freeze(): void {
    const keys: number[] = []
    const ops: Op[] = []
    let size = 64 // of the batch around the ops
    for (const [key, op] of this.waiting) {
      size += wireSize(toWire(op)) + 1
      if (ops.length === MAX_BATCH_OPS || (ops.length > 0 && size > MAX_BATCH_SIZE)) break
      keys.push(key)
      ops.push(op)
    }
    if (ops.length === 0) return
    for (const [i, key] of keys.entries()) {
      this.waiting.delete(key)
      if (this.newest.get(ops[i]!.id) === key) this.newest.delete(ops[i]!.id)
    }
    this.sent = ops
    this.store({ head: { n: this.n, sent: ops.map(toWire) }, remove: keys })
  }

  /** After a failure nothing is stored any more: half an outbox would bring back old values. */
  private store(write: OutboxWrite): void {
    this.stored = this.stored.then(async () => {
      if (this.failed) return
      try {
        await this.storage.write(this.actor, write)
      } catch (err) {
        this.failed = true
        if (!(err instanceof OutboxLost)) return this.storage.remove(this.actor).catch(() => undefined)
        this.lost = true
        this.onLost()
      }
    })
  }
}

/** Outboxes in memory: for browsers without storage, and for tests, where tabs share one map. */
export class MemoryStorage implements OutboxStorage {
  private readonly own = new Set<ActorId>()

  constructor(private readonly shared: Map<ActorId, { owner: MemoryStorage | undefined; box: StoredOutbox }> = new Map()) {}

  async claim(actor: ActorId): Promise<void> {
    this.own.add(actor)
    this.shared.set(actor, { owner: this, box: { actor, n: 0, sent: undefined, waiting: [] } })
  }

  async adopt(): Promise<StoredOutbox[]> {
    const adopted: StoredOutbox[] = []
    for (const entry of this.shared.values()) {
      if (entry.owner) continue
      entry.owner = this
      this.own.add(entry.box.actor)
      adopted.push(entry.box)
    }
    return adopted
  }

  async write(actor: ActorId, { head, put = [], remove = [] }: OutboxWrite): Promise<void> {
    const entry = this.shared.get(actor)
    if (entry?.owner !== this) throw new OutboxLost(`outbox of ${actor} is not this tab's`)
    const waiting = new Map(entry.box.waiting)
    for (const key of remove) waiting.delete(key)
    for (const [key, op] of put) waiting.set(key, op)
    entry.box = { ...entry.box, ...head, waiting: [...waiting].sort(([a], [b]) => a - b) }
  }

  async remove(actor: ActorId): Promise<void> {
    if (this.own.delete(actor) && this.shared.get(actor)?.owner === this) this.shared.delete(actor)
  }

  async close(): Promise<void> {
    for (const actor of this.own) {
      const entry = this.shared.get(actor)
      if (entry?.owner === this) entry.owner = undefined
    }
    this.own.clear()
  }
}

function covers(op: Op, last: Op): boolean {
  return Object.keys(last.patch).every((prop) => Object.hasOwn(op.patch, prop))
}

/** Bytes of the op's JSON, when every character beyond ASCII is spelled \uXXXX. */
function wireSize(op: WireOp): number {
  const text = JSON.stringify(op)
  let size = text.length
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 126) size += 5
  return size
}
