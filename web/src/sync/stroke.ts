import type { Document } from '../board/document'
import { newRecordId } from '../board/ids'
import type { Patch, RecordId } from '../board/types'
import { MAX_CHUNKS, MAX_CHUNK_POINTS, POINTS_PER_UNIT, Points, type StrokePoint } from '../geometry/points'
import type { Live } from './live'

/** A chunk is committed at least this often while points come, in ms. */
export const COMMIT_EVERY = 2000

/**
 * Writes a stroke while it is drawn: shows it on the live lane at once and commits a chunk every
 * 512 points or 2 s. However long, it is one undo entry.
 */
export class StrokeWriter {
  private id_: RecordId = newRecordId()
  private readonly merge = `stroke ${this.id_}`
  private readonly created: RecordId[] = []
  private points: Points | undefined
  private origin: readonly [number, number] = [0, 0]
  private committed_ = 0
  private chunks = 0
  private lastCommit: number

  /** `style`: kind, color, width, z, …; `at` is set to the first point. `now`: this machine's Unix ms. */
  constructor(
    private readonly doc: Document,
    private readonly live: Live,
    private readonly now: () => number,
    private readonly style: Patch,
  ) {
    this.lastCommit = now()
  }

  /** The record being written; a stroke too long for one record, or whose record somebody has removed, goes on in another. */
  get id(): RecordId {
    return this.id_
  }

  /** How many points of the current record are in the document. */
  get committed(): number {
    return this.committed_
  }

  /** Adds points in world units. If the first has no pressure, the stroke has none. */
  extend(points: readonly StrokePoint[]): void {
    this.outlive()
    for (const point of points) {
      this.points ??= this.begin(point)
      this.add(this.points, point)
      if (this.points.length - this.committed_ === MAX_CHUNK_POINTS) this.commit(this.points)
      if (this.chunks === MAX_CHUNKS) this.points = this.goOn(point)
    }
    if (!this.points) return
    if (this.now() - this.lastCommit >= COMMIT_EVERY) this.commit(this.points)
    this.live.sendInk(this.id_, this.props(), this.points, this.committed_)
  }

  /** Commits the rest. */
  finish(): void {
    this.outlive()
    if (this.points) this.commit(this.points)
    this.live.end(this.id_)
    this.points = undefined
  }

  /** Removes the stroke for everyone, without an undo entry. */
  cancel(): void {
    this.live.cancel(this.id_)
    this.doc.edit(
      this.created.map((id) => [id, { deleted: true }]),
      { history: false },
    )
    this.doc.history.abandon(this.merge)
    this.points = undefined
  }

  private begin(point: StrokePoint): Points {
    this.origin = [toGrid(point.x), toGrid(point.y)]
    return new Points(point.pressure !== undefined)
  }

  private add(points: Points, { x, y, pressure }: StrokePoint): void {
    points.add({ x: x - this.origin[0], y: y - this.origin[1], pressure })
    const last = points.length - 1
    const same = points.xs[last] === points.xs[last - 1] && points.ys[last] === points.ys[last - 1]
    if (same && last > this.committed_) points.truncate(last)
  }

  private commit(points: Points): void {
    this.lastCommit = this.now()
    if (points.length === this.committed_) return
    const chunk = { [`p${this.chunks}`]: points.encode(this.committed_, points.length) }
    const patch = this.chunks === 0 ? { ...this.props(), ...chunk } : chunk
    if (this.chunks === 0) this.created.push(this.id_)
    this.doc.edit([[this.id_, patch]], { merge: this.merge })
    this.committed_ = points.length
    this.chunks++
  }

  /** If somebody has removed the record, what is not in it yet goes on in a new one. */
  private outlive(): void {
    const { points, committed_, origin } = this
    if (!points || this.doc.get(this.id_)?.['deleted'] !== true) return
    this.beginRecord()
    this.points = undefined
    for (let i = committed_; i < points.length; i++) {
      const { x, y, pressure } = points.at(i)
      const point = { x: origin[0] + x, y: origin[1] + y, ...(points.hasPressure && { pressure }) }
      this.add((this.points ??= this.begin(point)), point)
    }
  }

  private beginRecord(): void {
    this.live.end(this.id_)
    this.id_ = newRecordId()
    this.committed_ = 0
    this.chunks = 0
  }

  /** The record is full: the stroke goes on from `point` in a new one. */
  private goOn(point: StrokePoint): Points {
    this.beginRecord()
    const points = this.begin(point)
    this.add(points, point)
    return points
  }

  private props(): Patch {
    return { ...this.style, at: this.origin }
  }
}

function toGrid(value: number): number {
  return Math.round(value * POINTS_PER_UNIT) / POINTS_PER_UNIT
}
