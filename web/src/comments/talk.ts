import { newRecordId } from '../board/ids'
import type { Document } from '../board/document'
import type { Change, Patch, RecordId, Unsubscribe } from '../board/types'
import { isCoordinate, MAX_NAME } from '../board/validate'
import { bindingOf, type Binding } from '../shapes/bind'
import { pointOf } from '../shapes/shape'
import type { World } from '../geometry/point'

/** The longest comment, in characters; how many threads a board has, and comments a thread. */
export const MAX_COMMENT = 4000
export const MAX_THREADS = 2000
export const MAX_COMMENTS = 500
/** How far from a shape's box a place on it may be, in its widths and heights. */
export const MAX_SHARE = 10

/** What somebody has said. */
export interface Comment {
  readonly id: RecordId
  readonly user: string
  readonly name: string
  /** Who wrote it, where the user has brought it from a file. */
  readonly by: string | undefined
  readonly text: string
  /** Unix ms. */
  readonly time: number
  readonly isEdited: boolean
}

/** A place and what is said there, the oldest first: at least one comment. */
export interface Thread {
  readonly id: RecordId
  /** Where it is on the plane, unless it is on a shape. */
  readonly at: World
  /** The shape it is on, and the place as shares of its box. */
  readonly on: Binding | undefined
  readonly isResolved: boolean
  readonly comments: readonly Comment[]
}

/** Who says something. */
export interface Speaker {
  readonly user: string
  readonly name: string
}

/** Where a new thread is to be. */
export interface Spot {
  readonly at: World
  readonly on: Binding | undefined
}

/** The comments of a document: its records of the kinds thread and comment. Nothing of it is undone by undo. */
export class Talk {
  private readonly known = new Threads()
  private readonly listeners = new Set<(fresh: readonly News[]) => void>()
  private threads_: readonly Thread[] | undefined
  private readonly end: Unsubscribe

  constructor(private readonly document: Document) {
    for (const [id, props] of document.records()) this.known.take(id, props)
    this.end = document.subscribe((changes, origin) => this.apply(changes, origin === 'remote'))
  }

  /** All threads in which something is said, the oldest first. */
  get threads(): readonly Thread[] {
    return (this.threads_ ??= this.known.all())
  }

  get(id: RecordId): Thread | undefined {
    return this.threads.find((thread) => thread.id === id)
  }

  /** Calls `fn` after a change, with what others have said just now. */
  subscribe(fn: (fresh: readonly News[]) => void): Unsubscribe {
    this.listeners.add(fn)
    return () => this.listeners.delete(fn)
  }

  stop(): void {
    this.end()
    this.listeners.clear()
  }

  /** Begins a thread and returns it; undefined if there is nothing to say, or are too many threads. */
  begin(spot: Spot, text: string, speaker: Speaker, now: number): RecordId | undefined {
    if (wordsOf(text) === '' || this.threads.length >= MAX_THREADS) return undefined
    const id = newRecordId()
    this.write([id, { kind: 'thread', ...patchOf(spot) }], [newRecordId(), commentOf(id, text, speaker, now)])
    return id
  }

  /** Answers in a thread, which opens it again; returns whether there was anything to say and room for it. */
  reply(thread: RecordId, text: string, speaker: Speaker, now: number): boolean {
    if (wordsOf(text) === '' || (this.get(thread)?.comments.length ?? 0) >= MAX_COMMENTS) return false
    const isResolved = this.get(thread)?.isResolved
    this.write([newRecordId(), commentOf(thread, text, speaker, now)], ...(isResolved ? [[thread, { resolved: false }] as const] : []))
    return true
  }

  /** Writes one's own comment anew; without words it stays as it was. */
  edit(comment: RecordId, text: string, now: number): void {
    const words = wordsOf(text)
    if (words !== '' && words !== this.document.get(comment)?.['text']) this.write([comment, { text: words, edited: Math.floor(now) }])
  }

  /** Deletes one's own comment, or brings it back. */
  remove(comment: RecordId, deleted = true): void {
    this.write([comment, { deleted }])
  }

  removeThread(thread: RecordId, deleted = true): void {
    this.write([thread, { deleted }])
  }

  resolve(thread: RecordId, resolved: boolean): void {
    this.write([thread, { resolved }])
  }

  move(thread: RecordId, spot: Spot): void {
    this.write([thread, patchOf(spot)])
  }

  private write(...edits: readonly (readonly [RecordId, Patch])[]): void {
    this.document.edit(edits, { history: false })
  }

  private apply(changes: readonly Change[], isRemote: boolean): void {
    const touched = changes.filter(({ id, after }) => this.known.take(id, after))
    if (touched.length === 0) return
    this.threads_ = undefined
    const fresh = isRemote ? touched.flatMap(({ id, before }) => (before ? [] : this.newsOf(id))) : []
    for (const fn of [...this.listeners]) fn(fresh)
  }

  private newsOf(id: RecordId): News[] {
    const thread = this.threads.find(({ comments }) => comments.some((one) => one.id === id))
    const comment = thread?.comments.find((one) => one.id === id)
    return thread && comment ? [{ thread: thread.id, comment, isReply: thread.comments[0] !== comment }] : []
  }
}

/** Threads as records make them, one after the other, in any order. */
class Threads {
  private readonly places = new Map<RecordId, Omit<Thread, 'comments'>>()
  /** By thread, which may come later than what is said in it. */
  private readonly said = new Map<RecordId, Map<RecordId, Comment>>()
  private readonly threadOf = new Map<RecordId, RecordId>()

  /** All in which something is said, the oldest first. */
  all(): readonly Thread[] {
    return [...this.places.values()].flatMap((place) => this.threadsAt(place)).sort((a, b) => byTime(a.comments[0]!, b.comments[0]!))
  }

  /** Takes a record as it is now; returns whether it is, or was, one of ours. */
  take(id: RecordId, props: Patch | undefined): boolean {
    const kind = props?.['kind']
    if (kind !== 'thread' && kind !== 'comment') return this.drop(id)
    this.drop(id)
    if (props!['deleted'] === true) return true
    if (kind === 'thread') {
      const place = placeOf(id, props!)
      if (place) this.places.set(id, place)
      return true
    }
    const comment = said(id, props!)
    const thread = props!['thread']
    if (!comment || typeof thread !== 'string') return true
    if (!this.said.has(thread)) this.said.set(thread, new Map())
    this.said.get(thread)!.set(id, comment)
    this.threadOf.set(id, thread)
    return true
  }

  private drop(id: RecordId): boolean {
    const thread = this.threadOf.get(id)
    if (thread === undefined) return this.places.delete(id)
    this.threadOf.delete(id)
    return this.said.get(thread)!.delete(id)
  }

  private threadsAt(place: Omit<Thread, 'comments'>): Thread[] {
    const comments = this.said.get(place.id)
    return comments && comments.size > 0 ? [{ ...place, comments: [...comments.values()].sort(byTime) }] : []
  }
}

/** The threads in records, the oldest first. */
export function threadsIn(records: Iterable<readonly [RecordId, Patch]>): readonly Thread[] {
  const known = new Threads()
  for (const [id, props] of records) known.take(id, props)
  return known.all()
}

/** The records of copies of threads, brought by somebody: they say who wrote what. */
export function copiesOf(threads: readonly Thread[], { user, name }: Speaker, move: (spot: Spot) => Spot): (readonly [RecordId, Patch])[] {
  return threads.slice(0, MAX_THREADS).flatMap((thread) => {
    const id = newRecordId()
    const place = { kind: 'thread', ...patchOf(move(thread)), ...(thread.isResolved && { resolved: true }) }
    const comments = thread.comments.slice(0, MAX_COMMENTS).map((comment) => {
      const by = comment.by ?? comment.name
      return [newRecordId(), { ...commentOf(id, comment.text, { user, name }, comment.time), ...(comment.user !== user && by !== '' && { by: clipName(by) }) }] as const
    })
    return [[id, place] as const, ...comments]
  })
}

/** What somebody else has said just now. */
export interface News {
  readonly thread: RecordId
  readonly comment: Comment
  readonly isReply: boolean
}

function patchOf({ at, on }: Spot): Patch {
  return { at: [at.x, at.y], bind: on ? { to: on.to, at: [on.at.x, on.at.y], inside: true } : null }
}

function clipName(name: string): string {
  return [...name].slice(0, MAX_NAME).join('')
}

function commentOf(thread: RecordId, text: string, { user, name }: Speaker, now: number): Patch {
  return { kind: 'comment', thread, text: wordsOf(text), user, name: clipName(name), time: Math.max(Math.floor(now), 0) }
}

/** The text as it is stored: valid, without space around it, cut to what the board takes. */
export function wordsOf(text: string): string {
  return [...text.replace(/\p{Surrogate}/gu, '').replace(/\r\n?/g, '\n').trim()].slice(0, MAX_COMMENT).join('').trimEnd()
}

function placeOf(id: RecordId, { at, bind, resolved }: Patch): Omit<Thread, 'comments'> | undefined {
  const point = pointOf(at)
  if (!point || !isCoordinate(point.x) || !isCoordinate(point.y)) return undefined
  const on = bindingOf(bind)
  const isNear = on && Math.max(Math.abs(on.at.x), Math.abs(on.at.y)) <= MAX_SHARE
  return { id, at: point, on: isNear ? on : undefined, isResolved: resolved === true }
}

function said(id: RecordId, { user, name, by, text, time, edited }: Patch): Comment | undefined {
  if (typeof user !== 'string' || typeof text !== 'string' || typeof time !== 'number') return undefined
  return { id, user, name: typeof name === 'string' ? name : '', by: typeof by === 'string' ? by : undefined, text, time, isEdited: edited !== undefined }
}

function byTime(a: Comment, b: Comment): number {
  return a.time - b.time || (a.id < b.id ? -1 : 1)
}
