import { digestText, hashRecord } from '../board/digest'
import { fromWire, merge, type Registers } from '../board/merge'
import { stampMs } from '../board/clock'
import type { ActorId, Batch, Entry, Json, RecordId, Role, Snapshot, Stamp } from '../board/types'
import { ApiError } from '../sync/ports'

interface Progress {
  user: string
  n: number
  stamp: Stamp
  seq: number
}

/** A client's connection, as the server sees it. */
export interface Peer {
  readonly user: string
  readonly role: Role
  name: string
  /** Sends a message of the board's group, or an answer when `group` is undefined. */
  deliver(group: string | undefined, data: Json, from?: string): void
}

/** The web app and the messaging service of one board, as docs/board-protocol.md has them. */
export class FakeServer {
  readonly group = 'b.board0000000'
  readonly peers = new Set<Peer>()
  readonly journal: Entry[] = []
  /** Entries up to this seq are not served any more. */
  compacted = 0
  /** When it returns a code, a batch is refused with it instead of being looked at. */
  refuse: (batch: Batch, user: string) => string | undefined = () => undefined
  /** When it returns true, an entry is not published: the gap must be noticed. */
  losePublish: (entry: Entry) => boolean = () => false
  /** When it returns true, a batch is committed, but its sender is told that it may not be. */
  unsure: () => boolean = () => false
  private records = new Map<RecordId, Registers>()
  private readonly progress = new Map<ActorId, Progress>()
  private readonly names = new Map<string, string>()

  /** `now` is the server's Unix ms. */
  constructor(readonly now: () => number) {}

  get seq(): number {
    return this.journal.length
  }

  /** How many records there are. */
  get size(): number {
    return this.records.size
  }

  record(id: RecordId): Registers | undefined {
    return this.records.get(id)
  }

  join(peer: Peer): void {
    this.peers.add(peer)
    this.here()
  }

  leave(peer: Peer): void {
    if (this.peers.delete(peer)) this.here()
  }

  /** An event of a client; it may be heard more than once. */
  event(peer: Peer, name: string, data: Json): void {
    if (name === 'name') this.rename(peer, (data as { name: string }).name)
    if (name === 'ops') this.commit(peer, data as unknown as Batch)
  }

  /** A message of a client to a group: refused without the role, and never echoed. */
  toGroup(peer: Peer, group: string, data: Json): void {
    if (peer.role !== 'editor' || group !== `${this.group}.l`) return
    for (const other of this.peers) if (other !== peer) other.deliver(group, data, peer.user)
  }

  /** Commits without a connection, for tests that need another's work. */
  write(actor: ActorId, ops: Batch['ops']): void {
    this.accept({ c: actor, n: (this.progress.get(actor)?.n ?? 0) + 1, ops }, actor)
  }

  snapshot(): Snapshot {
    const records = [...this.records].map(([id, { v, pv, p }]) => ({ id, v, ...(pv && { pv }), p }))
    return structuredClone({ seq: this.seq, records })
  }

  entries(after: number, limit: number): { seq: number; entries: Entry[] } {
    if (after < this.compacted) throw new ApiError(410, 'compacted', 'entries are gone')
    return structuredClone({ seq: this.seq, entries: this.journal.slice(after, after + limit) })
  }

  people(): { user: string; name: string; role: Role; connections: number }[] {
    const people = new Map<string, { user: string; name: string; role: Role; connections: number }>()
    for (const { user, role } of this.peers) {
      const connections = 1 + (people.get(user)?.connections ?? 0)
      people.set(user, { user, name: this.names.get(user) ?? user, role, connections })
    }
    return [...people.values()]
  }

  digest(): string {
    let a = 0
    let b = 0
    for (const [id, record] of this.records) {
      const hash = hashRecord(id, record)
      a ^= hash.a
      b ^= hash.b
    }
    return digestText({ a, b })
  }

  publishDigest(): void {
    this.publish({ k: 'dig', q: this.seq, n: this.size, h: this.digest() })
  }

  /** Forgets the last `count` entries, as a restored backup does. */
  restore(count: number): void {
    const entries = this.journal.slice(0, -count)
    this.journal.length = 0
    this.records = new Map()
    this.progress.clear()
    for (const entry of entries) this.append(entry)
  }

  private commit(peer: Peer, batch: Batch): void {
    const have = this.progress.get(batch.c)
    const n = have?.n ?? 0
    const code = this.flaw(peer, batch, have)
    if (code) this.reject(peer, batch.n, code, n)
    else if (batch.n <= n) peer.deliver(undefined, { k: 'ack', n: batch.n, q: have!.seq })
    else {
      if (this.unsure()) this.reject(peer, batch.n, 'unavailable', 0)
      this.accept(structuredClone(batch), peer.user)
    }
  }

  private reject(peer: Peer, n: number, code: string, have: number): void {
    peer.deliver(undefined, { k: 'rej', n, code, message: code, have, now: this.now() })
  }

  private flaw(peer: Peer, batch: Batch, have: Progress | undefined): string | undefined {
    if (peer.role !== 'editor') return 'forbidden'
    if (JSON.stringify(batch).length > 64 << 10 || batch.ops.length > 500) return 'too_large'
    if (batch.ops.length === 0) return 'invalid'
    if (have && have.user !== peer.user) return 'forbidden'
    if (batch.ops.some(([, , { user }]) => user !== undefined && user !== peer.user)) return 'forbidden'
    if (batch.n <= (have?.n ?? 0)) return undefined
    if (batch.n !== (have?.n ?? 0) + 1) return 'order'
    let last = have?.stamp ?? ''
    for (const op of batch.ops) {
      const { stamp } = fromWire(op, batch.c)
      if (stamp <= last) return 'order'
      last = stamp
    }
    if (stampMs(last) > this.now() + 5000) return 'clock'
    return this.refuse(batch, peer.user)
  }

  private accept(batch: Batch, user: string): void {
    const entry = { q: this.seq + 1, u: user, t: this.now(), ...batch }
    this.append(entry)
    if (!this.losePublish(entry)) this.publish({ k: 'ops', b: [entry] } as unknown as Json)
  }

  private append(entry: Entry): void {
    this.journal.push(entry)
    for (const wire of entry.ops) {
      const op = fromWire(wire, entry.c)
      this.records.set(op.id, merge(this.records.get(op.id), op)!)
      this.progress.set(entry.c, { user: entry.u, n: entry.n, stamp: op.stamp, seq: entry.q })
    }
  }

  private rename(peer: Peer, name: string): void {
    this.names.set(peer.user, name)
    this.here()
  }

  private here(): void {
    const people = this.people().map(({ user, name, role, connections }) => ({ u: user, name, role, n: connections }))
    this.publish({ k: 'here', people })
  }

  private publish(data: Json): void {
    for (const peer of this.peers) peer.deliver(this.group, structuredClone(data) as Json)
  }
}
