import { Clock } from './clock'
import { digestText, hashRecord, type Hash } from './digest'
import { History, sameJson } from './history'
import { merge, restamp, sameRegisters, type Registers } from './merge'
import type { ActorId, Change, Json, Op, Origin, Patch, RecordId, Snapshot, Stamp, Unsubscribe, WireRecord } from './types'

export type { UndoResult } from './history'

/** The largest op a document makes, in characters of JSON; larger edits become several ops. */
export const MAX_OP_SIZE = 32 << 10

/** How many characters of a stamp come before its actor. */
const STAMP_TIME = 12

export interface DocumentOptions {
  readonly actor: ActorId
  /** The server's time in Unix ms, as far as it is known. */
  readonly now: () => number
}

export interface EditOptions {
  /** False: the edit can't be undone. Default true. */
  readonly history?: boolean
  /** Consecutive edits with the same key are undone together; a new key for every gesture. */
  readonly merge?: string
}

/**
 * A board's records on this replica, merged op by op. Deleted records stay, with `deleted: true`.
 * Patches handed out are never changed; a record that changes gets a new one.
 */
export class Document {
  /** Undo and redo of what this document's `edit` did. */
  readonly history: History
  readonly actor: ActorId
  private readonly clock: Clock
  private records_ = new Map<RecordId, Registers>()
  /** The hashes that are in the sum, and the records whose hashes are not; undefined: all. */
  private readonly hashes = new Map<RecordId, Hash>()
  private unhashed: Set<RecordId> | undefined = new Set()
  private sum: Hash = { a: 0, b: 0 }
  /** The greatest stamp that came from the server: what new stamps must exceed in any case. */
  private floor: Stamp = ''
  private readonly listeners = new Set<(changes: readonly Change[], origin: Origin) => void>()
  private readonly senders = new Set<(ops: readonly Op[]) => void>()

  constructor({ actor, now }: DocumentOptions) {
    this.actor = actor
    this.clock = new Clock(actor, now)
    this.history = new History({
      record: (id) => this.records_.get(id),
      write: (patches) => this.write(patches, 'undo'),
    })
  }

  /** A record's properties; undefined if there is no such record. */
  get(id: RecordId): Patch | undefined {
    return this.records_.get(id)?.p
  }

  /** The replica that wrote a record last. */
  writerOf(id: RecordId): ActorId | undefined {
    const { v, pv } = this.records_.get(id) ?? {}
    const last = Object.values(pv ?? {}).reduce((a, b) => (a > b ? a : b), v ?? '')
    return last.slice(STAMP_TIME) || undefined
  }

  /** All records, deleted ones included, in no particular order. */
  *records(): IterableIterator<[RecordId, Patch]> {
    for (const [id, record] of this.records_) yield [id, record.p]
  }

  /** Calls `fn` with every record, deleted ones included, in no particular order. */
  each(fn: (id: RecordId, props: Patch) => void): void {
    this.records_.forEach(({ p }, id) => fn(id, p))
  }

  /** All records with their stamps, as a snapshot has them: as they are now, whatever is written before they are asked for. */
  wireRecords(): IterableIterator<WireRecord> {
    return toWireRecords([...this.records_.keys()], [...this.records_.values()])
  }

  /** How many records there are, deleted ones included. */
  get size(): number {
    return this.records_.size
  }

  /**
   * Writes properties: applies them, remembers one undo entry, tells the subscribers and returns the
   * ops, which `onOps` has been given to send. Properties that have the value already are left out.
   */
  edit(changes: readonly (readonly [RecordId, Patch])[], o: EditOptions = {}): Op[] {
    const before = new Map(changes.map(([id]) => [id, this.records_.get(id)]))
    return this.write(changes, 'user', (ops) => {
      if (o.history !== false) this.history.add(ops, before, o.merge)
    })
  }

  /** Merges ops from the server, one's own echoes included. */
  applyRemote(ops: readonly Op[]): void {
    for (const op of ops) this.observe(op.stamp)
    this.notify(this.apply(ops), 'remote')
  }

  /** Replaces everything by the snapshot and the ops that still wait to be committed. */
  load(snapshot: Snapshot, pending: readonly Op[]): void {
    const old = this.records_
    this.records_ = new Map()
    let last = ''
    for (const record of snapshot.records) {
      const { id, v, pv } = record
      const known = old.get(id)
      this.records_.set(id, known && sameRegisters(known, record) ? known : record)
      if (v > last) last = v
      for (const prop in pv) if (pv[prop]! > last) last = pv[prop]!
    }
    this.observe(last)
    for (const op of pending) {
      this.clock.observe(op.stamp)
      this.set(op.id, merge(this.records_.get(op.id), op))
    }
    this.notify(this.differences(old), 'load')
  }

  /** Merges ops that wait to be committed but were not made here: another tab's. */
  applyPending(ops: readonly Op[]): void {
    for (const op of ops) this.clock.observe(op.stamp)
    this.notify(this.apply(ops), 'load')
  }

  /**
   * Gives ops that the server did not accept new stamps of the same actor, after all that the server
   * is known to hold, and returns them. Their registers and the history follow.
   */
  restamp(ops: readonly Op[], actor: ActorId, now: () => number): Op[] {
    const clock = new Clock(actor, now)
    clock.rewind(this.floor)
    const fresh = ops.map((op) => ({ ...op, stamp: clock.next() }))
    const changes = this.collect(() => ops.forEach((op, i) => this.replaceStamp(op, fresh[i]!)))
    const last = fresh.at(-1)?.stamp
    if (last && actor === this.actor) this.clock.rewind(last)
    this.notify(changes, 'remote')
    return fresh
  }

  /** 16 hex digits that two replicas share when they hold the same registers. Costs what has changed since the last time. */
  digest(): string {
    for (const id of this.unhashed ?? this.records_.keys()) {
      const record = this.records_.get(id)
      if (!record) continue
      const hash = hashRecord(id, record)
      this.hashes.set(id, hash)
      this.addToSum(hash)
    }
    this.unhashed = new Set()
    return digestText(this.sum)
  }

  /** Calls `fn` after every change, with one Change per record. */
  subscribe(fn: (changes: readonly Change[], origin: Origin) => void): Unsubscribe {
    this.listeners.add(fn)
    return () => this.listeners.delete(fn)
  }

  /** Calls `fn` with local ops, which are to be sent in this order. */
  onOps(fn: (ops: readonly Op[]) => void): Unsubscribe {
    this.senders.add(fn)
    return () => this.senders.delete(fn)
  }

  private write(
    patches: readonly (readonly [RecordId, Patch])[],
    origin: 'user' | 'undo',
    then?: (ops: readonly Op[]) => void,
  ): Op[] {
    const ops: Op[] = []
    const changes = this.collect(() => {
      for (const [id, patch] of patches) {
        for (const piece of pieces(changed(this.get(id), patch))) {
          const op = { stamp: this.clock.next(), id, patch: piece }
          ops.push(op)
          this.set(id, merge(this.records_.get(id), op))
        }
      }
    })
    if (ops.length === 0) return ops
    then?.(ops)
    this.notify(changes, origin)
    for (const fn of [...this.senders]) fn(ops)
    return ops
  }

  private apply(ops: readonly Op[]): Change[] {
    return this.collect(() => {
      for (const op of ops) this.set(op.id, merge(this.records_.get(op.id), op))
    })
  }

  private replaceStamp(op: Op, fresh: Op): void {
    const record = this.records_.get(op.id)
    if (record) this.set(op.id, merge(restamp(record, op.patch, op.stamp, fresh.stamp), fresh))
    this.history.restamp(op, fresh.stamp)
  }

  private touched: Map<RecordId, Patch | undefined> | undefined

  /** Runs `fn` and returns how the records it set have changed. */
  private collect(fn: () => void): Change[] {
    const touched = (this.touched = new Map())
    fn()
    this.touched = undefined
    const changes: Change[] = []
    for (const [id, before] of touched) {
      const after = this.get(id)
      if (before !== after) changes.push({ id, before, after })
    }
    return changes
  }

  private set(id: RecordId, record: Registers | undefined): void {
    const old = this.records_.get(id)
    if (!record || record === old) return
    if (this.touched && !this.touched.has(id)) this.touched.set(id, old?.p)
    this.records_.set(id, record)
    this.forgetHash(id)
  }

  /** The record is another one, or gone. */
  private forgetHash(id: RecordId): void {
    const hash = this.hashes.get(id)
    if (hash) this.addToSum(hash)
    this.hashes.delete(id)
    this.unhashed?.add(id)
  }

  /** Adds a hash, or takes it away. */
  private addToSum({ a, b }: Hash): void {
    this.sum = { a: this.sum.a ^ a, b: this.sum.b ^ b }
  }

  private differences(old: ReadonlyMap<RecordId, Registers>): Change[] {
    const changes: Change[] = []
    if (old.size === 0) this.unhashed = undefined
    for (const [id, record] of this.records_) {
      const before = old.get(id)
      if (before === record) continue
      this.forgetHash(id)
      changes.push({ id, before: before?.p, after: record.p })
    }
    for (const [id, { p }] of old) {
      if (this.records_.has(id)) continue
      this.forgetHash(id)
      changes.push({ id, before: p, after: undefined })
    }
    return changes
  }

  private observe(stamp: Stamp): void {
    if (stamp <= this.floor) return
    this.floor = stamp
    this.clock.observe(stamp)
  }

  private notify(changes: readonly Change[], origin: Origin): void {
    if (changes.length === 0) return
    for (const fn of [...this.listeners]) fn(changes, origin)
  }
}

/** The properties of the patch that differ from the record's. */
export function changed(record: Patch | undefined, patch: Patch): Patch {
  if (!record) return patch
  const rest: { [prop: string]: Json } = {}
  for (const prop in patch) {
    if (!sameJson(record[prop], patch[prop])) rest[prop] = patch[prop]!
  }
  return rest
}

/** Cuts a patch into pieces of at most MAX_OP_SIZE, between properties. */
function pieces(patch: Patch): Patch[] {
  const props = Object.keys(patch)
  if (props.length === 0) return []
  const cut: { [prop: string]: Json }[] = [{}]
  let size = 0
  for (const prop of props) {
    const more = prop.length + JSON.stringify(patch[prop]).length + 4
    if (size > 0 && size + more > MAX_OP_SIZE) {
      cut.push({})
      size = 0
    }
    cut.at(-1)![prop] = patch[prop]!
    size += more
  }
  return cut
}

function* toWireRecords(ids: readonly RecordId[], records: readonly Registers[]): IterableIterator<WireRecord> {
  for (const [i, { v, pv, p }] of records.entries()) yield pv ? { id: ids[i]!, v, pv, p } : { id: ids[i]!, v, p }
}
