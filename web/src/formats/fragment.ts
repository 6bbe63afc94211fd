import type { Json, Patch, RecordId } from '../board/types'
import type { Thread } from '../comments/talk'
import { isKind, kindOf, TABLES } from '../shapes/kinds'

/** The largest file that is read, in bytes, and how many shapes it may hold. */
export const MAX_FILE = 50 << 20
export const MAX_SHAPES = 200_000

/** The properties of a record that is being made. */
export type Props = { [prop: string]: Json }

/** Shapes on their way into a board: from a file, the clipboard, or another board. */
export interface Fragment {
  /** Bottom first; what their order keys say does not count. A record may bind to, or be in, another of the fragment. */
  readonly shapes: readonly (readonly [RecordId, Patch])[]
  /** Layers that the shapes name. */
  readonly layers?: readonly (readonly [RecordId, Patch])[]
  /** Pictures to upload, each for some of the image shapes, whose `asset` is null. */
  readonly files: readonly FileOf[]
  /** The colour of the paper, for an empty board. */
  readonly paper?: string
  /** The picture beneath the drawing, for an empty board. */
  readonly background?: Patch
  readonly title?: string
  /** What is said on it. */
  readonly talk?: readonly Thread[]
  readonly warnings: readonly Warning[]
}

/** A picture of a fragment. */
export interface FileOf {
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly shapes: readonly RecordId[]
}

/** What was lost on the way in: how many shapes it concerns. */
export interface Warning {
  readonly code: 'skipped' | 'shortened' | 'image-missing' | 'details-lost'
  readonly n: number
}

/** Why a file can't be read: which of its fields, and the limit it breaks if it is one. */
export class FormatError extends Error {
  constructor(
    readonly code: 'malformed' | 'too_large' | 'too_many' | 'version' | 'unknown',
    readonly field: string,
    readonly limit?: number,
  ) {
    super(`${field}: ${code}${limit === undefined ? '' : ` (limit ${limit})`}`)
  }
}

/** What reading a file came to. Reading never throws. */
export type Result<T> = { readonly ok: T } | { readonly error: FormatError }

/** Calls `read`; whatever it throws is the error: what comes from outside must not break the page. */
export function attempt<T>(field: string, read: () => T): Result<T> {
  try {
    return { ok: read() }
  } catch (err) {
    return { error: err instanceof FormatError ? err : new FormatError('malformed', field) }
  }
}

/** Awaits `read`; whatever it throws is the error. */
export async function attemptAsync<T>(field: string, read: () => Promise<T>): Promise<Result<T>> {
  try {
    return { ok: await read() }
  } catch (err) {
    return { error: err instanceof FormatError ? err : new FormatError('malformed', field) }
  }
}

/** The JSON value of a text of at most MAX_FILE. */
export function parseJson(text: string, field = 'file'): unknown {
  if (text.length > MAX_FILE) throw new FormatError('too_large', field, MAX_FILE)
  return JSON.parse(text) as unknown
}

/** The properties that the record's kind has and the server takes; undefined if the record can't be. */
export function allowed(props: Patch): Props | undefined {
  const { kind } = props
  if (!isKind(kind)) return undefined
  const table = TABLES[kind]!
  const isInk = kindOf(props)?.form === 'ink'
  const kept: Props = {}
  for (const prop in props) {
    const value = props[prop]!
    const chunk = isInk && /^p\d{1,3}$/.test(prop) && typeof value === 'string'
    if (chunk || (Object.hasOwn(table, prop) && table[prop]!(value))) kept[prop] = value
  }
  const complete = kept['at'] !== undefined && (kept['size'] !== undefined || isInk)
  return complete ? kept : undefined
}
