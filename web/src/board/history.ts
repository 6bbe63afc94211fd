import { stampOf, type Registers } from './merge'
import type { ActorId, Json, Op, Patch, RecordId, Stamp, Unsubscribe } from './types'
import { BOARD_RECORD } from './ids'
import { stampActor } from './clock'

/** How many entries can be undone. */
export const HISTORY_DEPTH = 200

/** A property that undo left alone because someone else wrote it since. */
export interface Skipped {
  readonly id: RecordId
  readonly prop: string
  /** Who wrote it since; undefined if the record is gone or the property can't be restored. */
  readonly by: ActorId | undefined
}

/** What an undo or redo did. */
export interface UndoResult {
  /** The records that changed; empty when there was nothing to undo. */
  readonly changed: readonly RecordId[]
  /** What was left to others; entries with no visible effect are skipped whole and appear here. */
  readonly skipped: readonly Skipped[]
}

/** What the history needs of the document. */
export interface HistoryTarget {
  record(id: RecordId): Registers | undefined
  /** Applies patches as local writes of the origin 'undo' and returns the ops. */
  write(patches: readonly (readonly [RecordId, Patch])[]): readonly Op[]
}

/**
 * The current write of a property by this history. Undo moves it: what it restores carries a new
 * stamp, and every entry that refers to the restored write must see that stamp.
 */
export interface Write {
  stamp: Stamp
}

/** One property of one record: `wrote` is what the entry wrote, over `previous`. */
export interface Item {
  readonly id: RecordId
  readonly prop: string
  /** The value before; undefined = absent, and can't be restored. */
  before: Json | undefined
  previous: Write
  wrote: Write
}

export interface Entry {
  /** Edits with the same key fold into this entry while it is the newest. */
  merge: string | undefined
  readonly items: Map<string, Item>
  /** Records that did not exist before; of these only `deleted` has an item. */
  readonly created: Set<RecordId>
}

/** What can be undone and what can be redone, oldest first. */
export interface Stacks {
  readonly undos: readonly Entry[]
  readonly redos: readonly Entry[]
}

/** What a property means when it is absent, where that can be written down. */
export const ABSENT: Patch = {
  ...{ deleted: false, hidden: false, locked: false, title: '', background: null, paper: null },
  ...{ fill: null, fillstyle: 'solid', dash: 'solid', opacity: 1, rotation: 0, corners: 'sharp', flip: [1, 1] },
  ...{ groups: [], frame: null, layer: null, link: null, meta: {}, name: '', alt: '', crop: null, asset: null },
  ...{ text: '', font: 'hand', fontsize: 20, align: 'center', valign: 'middle', textcolor: null, wrap: false },
  ...{ scale: [1, 1], brush: 'pen', smoothing: 0.5, thinning: 0.5, sides: 6 },
  ...{ bends: [], route: 'straight', closed: false, starthead: 'none', endhead: 'none', startbind: null, endbind: null },
}

/**
 * A person's undo and redo stacks. An entry restores a property only while the property's stamp is
 * the one the entry wrote; so undo never alters what someone else wrote last.
 */
export class History {
  /** Asked what to write down of records that depend on those that go by an undo or redo; no part of the entry. */
  leaving: (going: readonly RecordId[]) => readonly (readonly [RecordId, Patch])[] = () => []
  private undos: Entry[] = []
  private redos: Entry[] = []
  private readonly listeners = new Set<() => void>()

  constructor(private readonly target: HistoryTarget) {}

  get canUndo(): boolean {
    return this.undos.length > 0
  }

  get canRedo(): boolean {
    return this.redos.length > 0
  }

  get stacks(): Stacks {
    return { undos: this.undos, redos: this.redos }
  }

  /** Goes on after what was done earlier: beneath what has been done since, which ends what could be redone. */
  resume({ undos, redos }: Stacks): void {
    if (this.undos.length === 0 && this.redos.length === 0) this.redos = [...redos]
    this.undos = [...undos, ...this.undos].slice(-HISTORY_DEPTH)
    this.notify()
  }

  undo(): UndoResult {
    return this.step(this.undos, this.redos)
  }

  redo(): UndoResult {
    return this.step(this.redos, this.undos)
  }

  /** Undoes the entry with this merge key, whatever has been done since; nothing if it is undone already. */
  takeBack(merge: string): UndoResult {
    const entry = this.undos.find((one) => one.merge === merge)
    this.undos = this.undos.filter((one) => one !== entry)
    return this.step(entry ? [entry] : [], this.redos)
  }

  /** Calls `fn` after the stacks have changed. */
  subscribe(fn: () => void): Unsubscribe {
    this.listeners.add(fn)
    return () => this.listeners.delete(fn)
  }

  /** Remembers local ops and the records they changed (undefined: there was none). */
  add(ops: readonly Op[], before: ReadonlyMap<RecordId, Registers | undefined>, merge?: string): void {
    const entry = this.entryFor(merge)
    for (const op of ops) {
      for (const prop in op.patch) this.addItem(entry, op, prop, before.get(op.id))
    }
    if (entry.items.size === 0) return
    if (this.undos.at(-1) !== entry) this.undos.push(entry)
    this.redos = []
    if (this.undos.length > HISTORY_DEPTH) this.undos.shift()
    this.notify()
  }

  /** Drops the newest entry if it has this merge key: the gesture was cancelled. */
  abandon(merge: string): void {
    if (this.undos.at(-1)?.merge !== merge) return
    this.undos.pop()
    this.notify()
  }

  /** The op's registers carry another stamp now. */
  restamp(op: Op, stamp: Stamp): void {
    for (const entry of [...this.undos, ...this.redos]) {
      for (const prop in op.patch) {
        const item = entry.items.get(keyOf(op.id, prop))
        if (item?.wrote.stamp === op.stamp) item.wrote.stamp = stamp
        if (item?.previous.stamp === op.stamp) item.previous.stamp = stamp
      }
    }
  }

  private entryFor(merge: string | undefined): Entry {
    const newest = this.undos.at(-1)
    if (merge !== undefined && newest?.merge === merge) return newest
    return { merge, items: new Map(), created: new Set() }
  }

  private addItem(entry: Entry, op: Op, prop: string, before: Registers | undefined): void {
    if (isUnrecorded(op, prop, before)) return
    if (op.id !== BOARD_RECORD && (!before || entry.created.has(op.id))) {
      this.addCreation(entry, op)
      return
    }
    const key = keyOf(op.id, prop)
    const current = stampOf(before, prop)
    const wrote: Write = { stamp: op.stamp }
    const folded = entry.items.get(key)
    if (folded?.wrote.stamp === current) {
      folded.wrote = wrote
      return
    }
    const previous = this.writeOf(key, current)
    entry.items.set(key, { id: op.id, prop, before: valueOf(before, prop), previous, wrote })
  }

  /** A creation is undone by deleting: the entry "wrote" the absence of `deleted` over a deleted record. */
  private addCreation(entry: Entry, op: Op): void {
    entry.created.add(op.id)
    const key = keyOf(op.id, 'deleted')
    const item = entry.items.get(key)
    const stamp = Object.hasOwn(op.patch, 'deleted') ? op.stamp : (item?.wrote.stamp ?? '')
    if (item) item.wrote = { stamp }
    else entry.items.set(key, { id: op.id, prop: 'deleted', before: true, previous: { stamp: '' }, wrote: { stamp } })
  }

  /** The write with this stamp: that of the newest entry, if it is still current. */
  private writeOf(key: string, stamp: Stamp): Write {
    const write = this.undos.findLast((entry) => entry.items.has(key))?.items.get(key)?.wrote
    return write?.stamp === stamp ? write : { stamp }
  }

  /** Moves entries from one stack to the other until one has a visible effect. */
  private step(from: Entry[], to: Entry[]): UndoResult {
    const skipped: Skipped[] = []
    let changed: RecordId[] = []
    while (changed.length === 0 && from.length > 0) {
      const entry = from.pop()!
      const restorable = this.restorable(entry, skipped)
      if (this.isVisible(restorable)) changed = this.restore(restorable, to)
      else skipped.push(...restorable.map(({ id, prop }) => this.describe(id, prop)))
    }
    this.notify()
    return { changed, skipped }
  }

  private restorable(entry: Entry, skipped: Skipped[]): Item[] {
    const items: Item[] = []
    for (const item of entry.items.values()) {
      const record = this.target.record(item.id)
      const own = record !== undefined && stampOf(record, item.prop) === item.wrote.stamp
      if (own && item.before !== undefined) items.push(item)
      else skipped.push(this.describe(item.id, item.prop))
    }
    return items
  }

  private describe(id: RecordId, prop: string): Skipped {
    const stamp = stampOf(this.target.record(id), prop)
    return { id, prop, by: stamp === '' ? undefined : stampActor(stamp) }
  }

  private isVisible(items: readonly Item[]): boolean {
    return items.some(({ id, prop, before }) => {
      const { p } = this.target.record(id)!
      const hidden = p['deleted'] === true
      return prop === 'deleted' ? hidden !== (before === true) : !hidden && !sameJson(p[prop] ?? ABSENT[prop], before)
    })
  }

  private restore(items: readonly Item[], to: Entry[]): RecordId[] {
    const inverse = items.map((item) => invert(item, valueOf(this.target.record(item.id), item.prop)))
    const patches = new Map<RecordId, { [prop: string]: Json }>()
    for (const { id, prop, before } of items) {
      const patch = patches.get(id) ?? {}
      patch[prop] = before!
      patches.set(id, patch)
    }
    const changed = [...patches.keys()]
    const going = changed.filter((id) => patches.get(id)!['deleted'] === true)
    for (const [id, patch] of going.length > 0 ? this.leaving(going) : []) patches.set(id, { ...patches.get(id), ...patch })
    const stamps = new Map<string, Stamp>()
    for (const { id, patch, stamp } of this.target.write([...patches])) {
      for (const prop in patch) stamps.set(keyOf(id, prop), stamp)
    }
    for (const item of items) item.previous.stamp = stamps.get(keyOf(item.id, item.prop)) ?? item.previous.stamp
    const redo = new Map(inverse.map((item) => [keyOf(item.id, item.prop), item]))
    to.push({ merge: undefined, items: redo, created: new Set() })
    return changed
  }

  private notify(): void {
    for (const fn of [...this.listeners]) fn()
  }
}

function invert(item: Item, before: Json | undefined): Item {
  return { id: item.id, prop: item.prop, before, previous: item.wrote, wrote: item.previous }
}

function valueOf(record: Registers | undefined, prop: string): Json | undefined {
  return record?.p[prop] ?? ABSENT[prop]
}

/** Chat lines and the board's title are said, not drawn: nobody takes them back by undo. */
function isUnrecorded(op: Op, prop: string, before: Registers | undefined): boolean {
  const chat = (before?.p['kind'] ?? op.patch['kind']) === 'chat'
  return chat || (op.id === BOARD_RECORD && prop === 'title')
}

const keyOf = (id: RecordId, prop: string): string => `${id} ${prop}`

/** Whether two property values are equal. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false
  const keys = Object.keys(a)
  if (Array.isArray(a) !== Array.isArray(b) || keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && sameJson((a as Patch)[key], (b as Patch)[key]))
}
