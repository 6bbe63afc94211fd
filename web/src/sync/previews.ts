import type { ActorId, Json, Patch, RecordId } from '../board/types'

/** How many shapes one message previews, and how many characters of JSON it has, at most. */
export const MAX_SHAPES = 20
const MAX_SIZE = 16 << 10
/** How many shapes' selection others are told of; of more they see nothing until the commit. */
export const MAX_SELECTED = 2000
/** More shapes than this, if not all are moved alike, are previewed in part. */
const MAX_PREVIEWED = 200
/** How often, in ms, others are told again of what rests in the hand, in case they missed it or came later. */
const REPEAT_EVERY = 2000

export type Edits = readonly (readonly [RecordId, Patch])[]

/** The shapes that a person has selected, which a later message moves by their number. */
export interface SentSelection {
  readonly n: number
  readonly ids: ReadonlySet<RecordId>
}

/** What others are shown of shapes in the hand: the newest state, one message at a time. */
export class Previews {
  private readonly current = new Map<RecordId, Patch>()
  private readonly pending = new Map<RecordId, Patch>()
  /** How far the whole selection is moved, if that is all. */
  private move: { readonly n: number; readonly by: readonly [number, number]; due: boolean } | undefined
  /** Previews that others may be showing. */
  private readonly shown = new Set<RecordId>()
  private repeat = Infinity

  constructor(
    private readonly actor: ActorId,
    private readonly send: (message: Json) => void,
  ) {}

  get isEmpty(): boolean {
    return this.pending.size === 0 && this.move?.due !== true
  }

  /** When what rests is due again; Infinity if nothing is in the hand. */
  get repeatsAt(): number {
    return this.repeat
  }

  /** These edits take the place of all earlier ones. */
  set(edits: Edits, position: (id: RecordId) => Json | undefined, selection: SentSelection | undefined): void {
    const gone = [...this.current.keys(), ...(this.move ? this.shown : [])]
    const by = edits.length > MAX_SHAPES && selection ? shiftOf(edits, position, selection) : undefined
    this.current.clear()
    this.pending.clear()
    this.move = undefined
    if (by && selection) {
      this.move = { n: selection.n, by, due: true }
      for (const [id] of edits) this.shown.add(id)
    } else {
      for (const [id, patch] of edits.slice(0, MAX_PREVIEWED)) this.put(id, patch)
    }
    const now = new Set(edits.map(([id]) => id))
    this.cancel(gone.filter((id) => !now.has(id)))
  }

  /** The record is committed; or nothing of it is to be shown any more. */
  end(id: RecordId): void {
    this.current.delete(id)
    this.pending.delete(id)
    this.shown.delete(id)
    if (this.current.size === 0 && this.shown.size === 0) this.move = undefined
  }

  /** A commit takes the place of a preview that has not been sent. */
  settled(id: RecordId): void {
    this.pending.delete(id)
    if (this.move) this.move.due = false
  }

  /** Takes previews back: others see the records again. */
  cancel(ids: readonly RecordId[]): void {
    const shown = ids.filter((id) => this.shown.has(id))
    for (const id of ids) this.end(id)
    if (shown.length === 0) return
    this.send(shown.length > MAX_SHAPES ? { k: 'x', a: this.actor } : { k: 'x', a: this.actor, i: shown })
  }

  /** Takes back all. */
  cancelAll(): void {
    this.cancel([...new Set([...this.current.keys(), ...this.shown])])
    this.move = undefined
  }

  /** Sends one message if there is news; returns whether there was. */
  tick(now: number): boolean {
    if (now >= this.repeat) this.again()
    const sent = this.sendMove() || this.sendShapes()
    const rests = this.current.size > 0 || this.move !== undefined
    if (sent || !rests) this.repeat = rests ? now + REPEAT_EVERY : Infinity
    return sent
  }

  private put(id: RecordId, patch: Patch): void {
    this.current.set(id, patch)
    this.pending.set(id, patch)
  }

  private again(): void {
    for (const [id, patch] of this.current) this.pending.set(id, patch)
    if (this.move) this.move.due = true
  }

  private sendMove(): boolean {
    if (!this.move?.due) return false
    this.move.due = false
    this.send({ k: 'm', a: this.actor, n: this.move.n, d: [...this.move.by] })
    return true
  }

  private sendShapes(): boolean {
    const shapes: [RecordId, Patch][] = []
    let size = 0
    for (const [id, patch] of this.pending) {
      size += JSON.stringify(patch).length
      if (shapes.length > 0 && (size > MAX_SIZE || shapes.length === MAX_SHAPES)) break
      shapes.push([id, patch])
      this.pending.delete(id)
      this.shown.add(id)
    }
    if (shapes.length > 0) this.send({ k: 's', a: this.actor, d: shapes })
    return shapes.length > 0
  }
}

/** The vector by which the edits move every shape of the selection, if that is what they do. */
function shiftOf(edits: Edits, position: (id: RecordId) => Json | undefined, { ids }: SentSelection): [number, number] | undefined {
  if (edits.length !== ids.size) return undefined
  let shift: [number, number] | undefined
  for (const [id, patch] of edits) {
    const from = position(id) as [number, number] | undefined
    const to = patch['at'] as [number, number] | undefined
    if (!from || !to || !ids.has(id) || Object.keys(patch).length !== 1) return undefined
    const by: [number, number] = [to[0] - from[0], to[1] - from[1]]
    shift ??= by
    if (Math.abs(by[0] - shift[0]) > 0.2 || Math.abs(by[1] - shift[1]) > 0.2) return undefined
  }
  return shift
}
