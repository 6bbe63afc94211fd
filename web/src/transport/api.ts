import type { Entry, Role, Snapshot, WireRecord } from '../board/types'
import { isObject } from '../board/validate'
import { isEntry, readPeople } from '../sync/messages'
import { ApiError, type BoardApi, type Negotiation, type Person } from '../sync/ports'
import { piecesOf, SnapshotReader } from './pieces'
import { afterFrame, breathe } from './scheduler'

/** How long an answer may take, in ms; uploads and snapshots take longer. */
const TIMEOUT = 15_000
const LONG_TIMEOUT = 120_000
/** How long a board is read without a pause, in ms. */
const STRETCH = 16
/** So many records that come first are shown before others are read. */
const LARGE = 200

/** A board as the web app describes it; a viewer sees only the view link. */
export interface BoardInfo {
  readonly id: string
  readonly title: string
  readonly role: Role
  readonly links: { readonly edit?: string; readonly view: string }
}

/** An uploaded image; `id` is what a background's `asset` names. */
export interface Asset {
  readonly id: string
  readonly type: string
  readonly width: number
  readonly height: number
}

export interface ApiOptions {
  /** Where the web app is; default '' = this page's origin. */
  readonly base?: string
  readonly fetch?: typeof fetch
}

interface Request {
  readonly method?: string
  readonly secret?: string
  readonly body?: Blob | string
  readonly timeout?: number
  /** The answer, if it was asked for before. */
  readonly early?: Promise<Response> | undefined
}

/** The web app's HTTP interface. Every method throws an ApiError on failure. */
export class HttpApi {
  private readonly base: string
  private readonly fetch: typeof fetch

  constructor(o: ApiOptions = {}) {
    this.base = o.base ?? ''
    this.fetch = o.fetch ?? ((input, init) => fetch(input, init))
  }

  /** Makes a board; whoever has its links may open it. */
  createBoard(title?: string): Promise<BoardInfo> {
    return this.call('/boards', { method: 'POST', body: JSON.stringify(title === undefined ? {} : { title }) })
  }

  /** One board, with the secret of one of its links; `takeDiagram` gives the answer to GET /diagram if it was asked for before. */
  board(id: string, secret: string, takeDiagram?: () => Promise<Response> | undefined): HttpBoardApi {
    return new HttpBoardApi(this, id, secret, takeDiagram)
  }

  /** The address of an uploaded image. */
  assetUrl(id: string): string {
    return `${this.base}/background/${encodeURIComponent(id)}`
  }

  urlOf(path: string): string {
    return this.base + path
  }

  call<T>(path: string, request: Request = {}): Promise<T> {
    return this.ask(path, request, (answer) => answer.json() as Promise<T>)
  }

  /** Asks, and reads the answer if it is success. */
  async ask<T>(path: string, { method, secret, body, timeout = TIMEOUT, early }: Request, read: (answer: Response) => Promise<T>): Promise<T> {
    const headers = new Headers({ Accept: 'application/json' })
    if (secret !== undefined) headers.set('Authorization', `Bearer ${secret}`)
    if (typeof body === 'string') headers.set('Content-Type', 'application/json')
    const signal = AbortSignal.timeout(timeout)
    const init: RequestInit = { method: method ?? 'GET', headers, signal, ...(body !== undefined && { body }) }
    try {
      const answer = await (early ?? this.fetch(this.urlOf(path), init))
      if (!answer.ok) throw await errorOf(answer)
      return await read(answer)
    } catch (err) {
      if (err instanceof ApiError) throw err
      throw new ApiError(0, 'unreachable', err instanceof Error ? err.message : String(err))
    }
  }
}

/** The web app's HTTP interface for one board. */
export class HttpBoardApi implements BoardApi {
  private readonly path: string

  constructor(
    private readonly api: HttpApi,
    private readonly id: string,
    private readonly secret: string,
    private readonly takeDiagram: () => Promise<Response> | undefined = () => undefined,
  ) {
    this.path = `/boards/${encodeURIComponent(id)}`
  }

  negotiate(name: string | undefined): Promise<Negotiation> {
    const query = new URLSearchParams(name === undefined ? { board: this.id } : { board: this.id, name })
    return this.call(`/negotiate?${query}`)
  }

  snapshot(arrived: (records: readonly WireRecord[]) => void = () => undefined): Promise<Snapshot> {
    const query = new URLSearchParams({ board: this.id })
    const request = { secret: this.secret, timeout: LONG_TIMEOUT, early: this.takeDiagram() }
    return this.api.ask(`/diagram?${query}`, request, (answer) => readSnapshot(answer, arrived))
  }

  async entries(after: number, limit: number): Promise<{ seq: number; entries: Entry[] }> {
    const query = new URLSearchParams({ after: String(after), limit: String(limit) })
    const { seq, entries } = await this.call<{ seq: number; entries: unknown }>(`${this.path}/ops?${query}`)
    if (!Number.isSafeInteger(seq) || !Array.isArray(entries) || !entries.every(isEntry)) throw malformed()
    return { seq, entries }
  }

  async people(): Promise<Person[]> {
    const people = readPeople((await this.call<{ people: unknown }>(`${this.path}/people`)).people)
    if (!people) throw malformed()
    return people
  }

  info(): Promise<BoardInfo> {
    return this.call(this.path)
  }

  /** Replaces the link of a role: whoever came by the old one is shut out. Editors only. */
  replaceLink(role: Role): Promise<BoardInfo> {
    return this.call(`${this.path}/links/${role}`, { method: 'POST' })
  }

  /** Stores an image: PNG, JPEG, WebP or GIF of at most 10 MiB; `progress` is told which share is under way. Editors only. */
  async upload(image: Blob, progress?: (share: number) => void): Promise<Asset> {
    const path = `/background/upload?${new URLSearchParams({ board: this.id })}`
    if (!progress) return this.call(path, { method: 'POST', body: image, timeout: LONG_TIMEOUT })
    // What tells of progress is not needed for the first stroke.
    const early = import('./upload').then(({ postWithProgress }) => postWithProgress(this.api.urlOf(path), this.secret, image, progress))
    return this.call(path, { early })
  }

  private call<T>(path: string, request: Request = {}): Promise<T> {
    return this.api.call(path, { ...request, secret: this.secret })
  }
}

/** Reads a board as it comes, with pauses in which it can be shown; the first records at once. */
async function readSnapshot(answer: Response, arrived: (records: readonly WireRecord[]) => void): Promise<Snapshot> {
  const reader = new SnapshotReader()
  const decoder = new TextDecoder()
  const next = piecesOf(answer)
  let begun = -Infinity
  for (let piece = await next(); piece !== undefined; piece = await next()) {
    for (const records of reader.take(decoder.decode(piece, { stream: true }))) {
      arrived(records)
      if (performance.now() - begun < STRETCH) continue
      await (begun < 0 && records.length >= LARGE ? afterFrame() : breathe())
      begun = performance.now()
    }
  }
  try {
    return reader.end()
  } catch {
    throw malformed()
  }
}

function malformed(): ApiError {
  return new ApiError(0, 'malformed', 'the answer is not what was expected')
}

async function errorOf(answer: Response): Promise<ApiError> {
  const body: unknown = await answer.json().catch(() => undefined)
  const error = isObject(body) && isObject(body['error']) ? body['error'] : {}
  const { code, message } = error
  return new ApiError(
    answer.status,
    typeof code === 'string' ? code : `http_${answer.status}`,
    typeof message === 'string' ? message : answer.statusText,
  )
}
