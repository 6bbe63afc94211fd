import type { Document } from '../board/document'
import type { Patch, RecordId, Unsubscribe } from '../board/types'
import { withAsset } from '../formats/excalidraw/keep'
import { ApiError } from '../sync/ports'
import type { ReadyImage, Uploads } from './images'

/** How many pictures are sent at once. */
const AT_ONCE = 3

/** A picture on its way to the server, of which the board has the shapes already. */
export interface Upload {
  readonly shapes: readonly RecordId[]
  readonly state: 'waiting' | 'sending' | 'failed'
  /** Which share has been sent: 0 to 1. */
  readonly share: number
  /** Why it failed. */
  readonly error?: unknown
}

interface Job extends Upload {
  readonly image: () => Promise<ReadyImage>
}

export interface UploadingOptions {
  readonly document: Document
  readonly uploads: Uploads
  /** A picture could not be had at all, and its shapes are gone; or the upload of one failed, which can be tried again. */
  failed(error: unknown, isFinal: boolean): void
}

/**
 * Sends pictures while their shapes are on the board already, and gives the shapes their pictures
 * as they arrive. What fails for want of a server waits to be tried again.
 */
export class Uploading {
  private jobs: readonly Job[] = []
  private readonly listeners = new Set<() => void>()

  constructor(private readonly o: UploadingOptions) {}

  /** What has not arrived, in the order in which it was added. Each change makes new objects. */
  get all(): readonly Upload[] {
    return this.jobs
  }

  /** Whether leaving now would lose a picture. */
  get isPending(): boolean {
    return this.jobs.some(({ shapes }) => shapes.some((id) => this.wants(id)))
  }

  /** Sends a picture for shapes whose `asset` is null. */
  add(shapes: readonly RecordId[], image: () => Promise<ReadyImage>): void {
    this.jobs = [...this.jobs, { shapes, image, state: 'waiting', share: 0 }]
    this.next()
  }

  /** Tries again what has failed: the picture of one shape, or all whose failure suits. */
  retry(which: RecordId | ((error: unknown) => boolean)): void {
    const isMeant = ({ shapes, error }: Job) => (typeof which === 'string' ? shapes.includes(which) : which(error))
    this.jobs = this.jobs.map((job): Job => (job.state === 'failed' && isMeant(job) ? { ...startOf(job), state: 'waiting' } : job))
    this.next()
  }

  /** Gives a picture up that has failed, and takes its shapes from the board, which can be undone. */
  giveUp(shape: RecordId): void {
    const job = this.jobs.find(({ shapes, state }) => state === 'failed' && shapes.includes(shape))
    if (!job) return
    // The job stays, with nothing to show: undo brings its shapes back.
    this.o.document.edit(job.shapes.filter((id) => this.wants(id)).map((id) => [id, { deleted: true }]))
    this.notify()
  }

  subscribe(fn: () => void): Unsubscribe {
    this.listeners.add(fn)
    return () => this.listeners.delete(fn)
  }

  private next(): void {
    const free = AT_ONCE - this.jobs.filter(({ state }) => state === 'sending').length
    for (const job of this.jobs.filter(({ state }) => state === 'waiting').slice(0, Math.max(0, free))) void this.send(job)
    this.notify()
  }

  private async send(job: Job): Promise<void> {
    let now = this.replace(job, { ...job, state: 'sending' })
    try {
      const { blob } = await job.image()
      const { id } = await this.o.uploads.upload(blob, (share) => (now = this.replace(now, { ...now, share })))
      this.replace(now, undefined)
      this.arrived(job.shapes, id)
    } catch (error) {
      this.fail(now, error)
    }
    this.next()
  }

  /** A shape that was deleted meanwhile gets it, too: it may come back. */
  private arrived(shapes: readonly RecordId[], asset: string): void {
    const edits = shapes.flatMap((id): (readonly [RecordId, Patch])[] => {
      const record = this.o.document.get(id)
      if (!record || record['asset']) return []
      const { meta } = withAsset(record, asset)
      return [[id, meta === undefined ? { asset } : { asset, meta }]]
    })
    this.o.document.edit(edits, { history: false })
  }

  private fail(job: Job, error: unknown): void {
    const isFinal = !(error instanceof ApiError)
    this.replace(job, isFinal ? undefined : { ...startOf(job), state: 'failed', error })
    if (isFinal) this.o.document.edit(job.shapes.filter((id) => this.wants(id)).map((id) => [id, { deleted: true }]), { history: false })
    this.o.failed(error, isFinal)
  }

  private wants(id: RecordId): boolean {
    const record = this.o.document.get(id)
    return record !== undefined && record['deleted'] !== true && !record['asset']
  }

  private replace<J extends Job | undefined>(job: Job, by: J): J {
    this.jobs = this.jobs.flatMap((one) => (one !== job ? [one] : by ? [by] : []))
    this.notify()
    return by
  }

  private notify(): void {
    for (const fn of [...this.listeners]) fn()
  }
}

function startOf({ shapes, image }: Job): Pick<Job, 'shapes' | 'image' | 'share'> {
  return { shapes, image, share: 0 }
}
