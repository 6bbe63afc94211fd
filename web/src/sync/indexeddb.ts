import type { ActorId, WireOp } from '../board/types'
import { MemoryStorage, OutboxLost, type OutboxStorage, type OutboxWrite, type StoredOutbox } from './outbox'
import type { Scheduler } from './ports'
import { doneOf, resultOf } from './requests'

/** Without locks, an outbox whose tab has not been heard of for this long, in ms, may be adopted. */
export const DEAD_AFTER = 20_000
const BEAT_EVERY = 5_000

interface Head {
  board: string
  actor: ActorId
  n: number
  sent: readonly WireOp[] | undefined
  /** The tab that it belongs to, and when that was last alive, in Unix ms. Used only without locks. */
  owner: number
  beat: number
}

/** An operation that waits, the key among them. */
interface Row {
  board: string
  actor: ActorId
  key: number
  op: WireOp
}

/** The part of the browser's LockManager that is used. */
export interface Locks {
  request(
    name: string,
    options: { ifAvailable: true },
    fn: (lock: unknown) => Promise<void> | undefined,
  ): Promise<unknown>
}

export interface IndexedDbOptions {
  readonly board: string
  readonly scheduler: Scheduler
  /** The browser's locks, which end with the tab. Without them tabs write a heartbeat. */
  readonly locks?: Locks | undefined
  /** Default 'easel'. */
  readonly database?: string
}

/** Opens the outboxes of a board in IndexedDB; in memory when the browser has no storage for us. */
export async function openOutboxes(o: IndexedDbOptions): Promise<OutboxStorage> {
  try {
    const opening = indexedDB.open(o.database ?? 'easel', 1)
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore('heads', { keyPath: ['board', 'actor'] })
      opening.result.createObjectStore('ops', { keyPath: ['board', 'actor', 'key'] })
    }
    return new IndexedDbStorage(await resultOf(opening), o)
  } catch {
    return new MemoryStorage()
  }
}

class IndexedDbStorage implements OutboxStorage {
  /** Ends the lock of an outbox of this tab. */
  private readonly own = new Map<ActorId, () => void>()
  private stopBeat: (() => void) | undefined
  private closed = false
  private readonly owner: number

  constructor(
    private readonly db: IDBDatabase,
    private readonly o: IndexedDbOptions,
  ) {
    this.owner = o.scheduler.random()
  }

  async claim(actor: ActorId): Promise<void> {
    if (!(await this.acquire(actor))) throw new Error(`outbox of ${actor} belongs to another tab`)
    const { owner } = this
    await this.change(async (heads) => {
      heads.put({ board: this.o.board, actor, n: 0, sent: undefined, owner, beat: this.now() } satisfies Head)
    })
  }

  async adopt(): Promise<StoredOutbox[]> {
    const heads: Head[] = await resultOf(this.db.transaction('heads').objectStore('heads').getAll(this.range()))
    const adopted: StoredOutbox[] = []
    for (const { actor } of heads) {
      if (this.own.has(actor) || !(await this.acquire(actor))) continue
      const box = await this.read(actor)
      if (box) adopted.push(box)
      else this.disown(actor)
    }
    return adopted
  }

  async write(actor: ActorId, { head, put = [], remove = [] }: OutboxWrite): Promise<void> {
    const { board } = this.o
    await this.change(async (heads, ops) => {
      const old = await headIn(heads, board, actor)
      if (!old || !this.owns(old)) throw new OutboxLost(`outbox of ${actor} is not this tab's`)
      if (head) heads.put({ ...old, ...head, beat: this.now() })
      for (const key of remove) ops.delete([board, actor, key])
      for (const [key, op] of put) ops.put({ board, actor, key, op } satisfies Row)
    })
  }

  async remove(actor: ActorId): Promise<void> {
    await this.change(async (heads, ops) => {
      const head = await headIn(heads, this.o.board, actor)
      if (!head || !this.owns(head)) return
      heads.delete([this.o.board, actor])
      ops.delete(this.range(actor))
    })
    this.disown(actor)
  }

  async close(): Promise<void> {
    this.closed = true
    this.stopBeat?.()
    if (!this.o.locks) await this.beat(0).catch(() => undefined)
    for (const actor of [...this.own.keys()]) this.disown(actor)
    this.db.close()
  }

  private async read(actor: ActorId): Promise<StoredOutbox | undefined> {
    const work = this.db.transaction(['heads', 'ops'])
    const head = await headIn(work.objectStore('heads'), this.o.board, actor)
    if (!head) return undefined
    const rows: Row[] = await resultOf(work.objectStore('ops').getAll(this.range(actor)))
    return { actor, n: head.n, sent: head.sent, waiting: rows.map(({ key, op }) => [key, op]) }
  }

  /** Makes an outbox this tab's unless it belongs to a living one. */
  private acquire(actor: ActorId): Promise<boolean> {
    return this.o.locks ? this.lock(this.o.locks, actor) : this.markAlive(actor)
  }

  private lock(locks: Locks, actor: ActorId): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const hold = (lock: unknown) => {
        resolve(lock !== null)
        if (lock === null) return undefined
        return new Promise<void>((release) => this.own.set(actor, release))
      }
      locks.request(`easel-outbox/${this.o.board}/${actor}`, { ifAvailable: true }, hold).catch(reject)
    })
  }

  private async markAlive(actor: ActorId): Promise<boolean> {
    let mine = false
    await this.change(async (heads) => {
      const head = await headIn(heads, this.o.board, actor)
      mine = !head || head.beat + DEAD_AFTER <= this.now()
      if (head && mine) heads.put({ ...head, owner: this.owner, beat: this.now() })
    })
    if (mine) this.own.set(actor, () => undefined)
    this.stopBeat ??= this.o.scheduler.after(BEAT_EVERY, () => this.keepAlive())
    return mine
  }

  private keepAlive(): void {
    const again = () => {
      if (!this.closed) this.stopBeat = this.o.scheduler.after(BEAT_EVERY, () => this.keepAlive())
    }
    this.beat(this.now()).then(again, again)
  }

  private async beat(at: number): Promise<void> {
    await this.change(async (heads) => {
      for (const actor of this.own.keys()) {
        const head = await headIn(heads, this.o.board, actor)
        if (head && this.owns(head)) heads.put({ ...head, beat: at })
      }
    })
  }

  private owns({ actor, owner }: Head): boolean {
    return this.own.has(actor) && (this.o.locks !== undefined || owner === this.owner)
  }

  private disown(actor: ActorId): void {
    this.own.get(actor)?.()
    this.own.delete(actor)
  }

  /** Runs `fn` in a transaction that is done, or undone, when the promise settles. */
  private async change(fn: (heads: IDBObjectStore, ops: IDBObjectStore) => Promise<void>): Promise<void> {
    const tx = this.db.transaction(['heads', 'ops'], 'readwrite')
    const done = doneOf(tx)
    try {
      await fn(tx.objectStore('heads'), tx.objectStore('ops'))
    } catch (err) {
      done.catch(() => undefined)
      tx.abort()
      throw err
    }
    await done
  }

  private range(actor?: ActorId): IDBKeyRange {
    const prefix = actor === undefined ? [this.o.board] : [this.o.board, actor]
    return IDBKeyRange.bound(prefix, [...prefix, []])
  }

  private now(): number {
    return this.o.scheduler.now()
  }
}

function headIn(heads: IDBObjectStore, board: string, actor: ActorId): Promise<Head | undefined> {
  return resultOf(heads.get([board, actor]))
}
