import { newStamp } from '../board/clock'
import { BOARD_RECORD } from '../board/ids'
import { fromWire, merge, type Registers } from '../board/merge'
import type { Json, Patch, RecordId, WireOp } from '../board/types'
import { placeOf } from '../comments/place'
import { threadsIn } from '../comments/talk'
import { isActorId, isObject, isRecordId } from '../board/validate'
import { fromBase64, toBase64 } from './base64'
import { allowed, attempt, FormatError, MAX_FILE, MAX_SHAPES, type FileOf, type Fragment, type Result } from './fragment'

/**
 * A board's own file, that which `easel board export` writes: one JSON value a line, first the head, then assets and
 * entries. From the browser it has the board as it is, without its history and its chat, with its comments.
 */
const FORMAT = 'easel-board'
const VERSION = 1

/** What a batch of the commit lane holds at most, in ops and in characters. */
const MAX_OPS = 500
const MAX_BATCH = 48 << 10
const MAX_OP = 32 << 10

export interface BoardToWrite {
  readonly board: string
  /** Who exports. */
  readonly user: { readonly id: string; readonly name: string }
  /** 8 to 20 characters, nobody else's. */
  readonly actor: string
  /** Unix ms. */
  readonly now: number
  /** Shapes, layers and the board's own record; deleted ones are left out. */
  readonly records: Iterable<readonly [RecordId, Patch]>
  readonly assets: ReadonlyMap<string, { readonly type: string; readonly bytes: Uint8Array }>
}

/** The lines of a board's file. */
export function* writeBoard(o: BoardToWrite): Generator<string> {
  yield line({ format: FORMAT, version: VERSION, board: o.board, createdAt: new Date(o.now).toISOString() })
  yield line({ person: { ID: o.user.id, Name: o.user.name } })
  for (const [hash, { type, bytes }] of o.assets) yield line({ asset: { Hash: hash, Type: type, Data: toBase64(bytes) } })
  let n = 0
  let counter = 0
  const stamp = () => newStamp(o.now + Math.floor(counter / 1000), counter++ % 1000, '')
  const records = new Map(o.records)
  for (const ops of batches(records, stamp)) {
    n++
    yield line({ entry: { q: n, u: o.user.id, t: o.now, c: o.actor, n, ops } })
  }
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`

function* batches(records: ReadonlyMap<RecordId, Patch>, stamp: () => string): Generator<WireOp[]> {
  let ops: WireOp[] = []
  let size = 0
  for (const [id, p] of records) {
    if (p['deleted'] === true || p['kind'] === 'chat') continue
    for (const piece of pieces(p['kind'] === 'thread' ? settled(id, p, records) : p)) {
      const op: WireOp = [stamp(), id, piece]
      const more = JSON.stringify(op).length + 1
      if (ops.length === MAX_OPS || (ops.length > 0 && size + more > MAX_BATCH)) {
        yield ops
        ops = []
        size = 0
      }
      ops.push(op)
      size += more
    }
  }
  if (ops.length > 0) yield ops
}

/** A thread on a shape that is not written stays where that was. */
function settled(id: RecordId, p: Patch, records: ReadonlyMap<RecordId, Patch>): Patch {
  const [thread] = threadsIn([[id, p], ['c', { kind: 'comment', thread: id, user: '', text: '', time: 0 }]])
  if (!thread?.on) return p
  const { x, y } = placeOf(thread, (other) => records.get(other))
  return { ...p, at: [x, y], ...(records.get(thread.on.to)?.['deleted'] === true && { bind: null }) }
}

/** Long strokes take several ops; the kind comes first. */
function* pieces(p: Patch): Generator<Patch> {
  let piece: { [prop: string]: Json } = {}
  let size = 0
  const order = Object.keys(p).sort((a, b) => Number(b === 'kind') - Number(a === 'kind'))
  for (const prop of order) {
    const more = JSON.stringify(p[prop]).length + prop.length + 4
    if (size > 0 && size + more > MAX_OP) {
      yield piece
      piece = {}
      size = 0
    }
    piece[prop] = p[prop]!
    size += more
  }
  yield piece
}

/** Whether a text begins as a board's file does. */
export function isBoardFile(text: string): boolean {
  return /^\s*\{\s*"format"\s*:\s*"easel-board"/.test(text.slice(0, 200))
}

/** The shapes of a board's file, as they are after all its entries. */
export function readBoard(text: string): Result<Fragment> {
  return attempt('file', () => fragmentOf(text))
}

function fragmentOf(text: string): Fragment {
  if (text.length > MAX_FILE) throw new FormatError('too_large', 'file', MAX_FILE)
  const [head, ...lines] = text.split('\n')
  const { format, version } = parse(head!, 1)
  if (format !== FORMAT) throw new FormatError('unknown', 'format')
  if (version !== VERSION) throw new FormatError('version', 'version', VERSION)
  const records = new Map<RecordId, Registers>()
  const assets = new Map<string, { type: string; bytes: Uint8Array<ArrayBuffer> }>()
  for (const [i, text] of lines.entries()) {
    if (text.trim() === '') continue
    const { asset, entry } = parse(text, i + 2)
    if (isObject(asset)) readAsset(asset, assets)
    if (isObject(entry)) readEntry(entry, records, i + 2)
    if (records.size > MAX_SHAPES) throw new FormatError('too_many', 'records', MAX_SHAPES)
  }
  return toFragment(records, assets)
}

function parse(text: string, n: number): Record<string, unknown> {
  const field = `line ${n}`
  const value = attempt(field, () => JSON.parse(text) as unknown)
  if (!('ok' in value) || !isObject(value.ok)) throw new FormatError('malformed', field)
  return value.ok
}

function readAsset({ Hash, Type, Data }: Record<string, unknown>, into: Map<string, { type: string; bytes: Uint8Array<ArrayBuffer> }>): void {
  const bytes = typeof Data === 'string' ? fromBase64(Data) : undefined
  if (typeof Hash === 'string' && typeof Type === 'string' && bytes) into.set(Hash, { type: Type, bytes })
}

function readEntry({ c, ops }: Record<string, unknown>, into: Map<RecordId, Registers>, n: number): void {
  if (!isActorId(c) || !Array.isArray(ops)) throw new FormatError('malformed', `line ${n}: entry`)
  for (const op of ops as unknown[]) {
    const [time, id, patch] = Array.isArray(op) ? (op as unknown[]) : []
    const suits = typeof time === 'string' && isObject(patch) && (isRecordId(id) || id === BOARD_RECORD)
    if (!suits) throw new FormatError('malformed', `line ${n}: ops`)
    const merged = merge(into.get(id), fromWire([time, id, patch as Patch], c))
    if (merged) into.set(id, merged)
  }
}

/** What is said rather than drawn. */
const TALK: readonly Json[] = ['chat', 'thread', 'comment']

type Assets = ReadonlyMap<string, { readonly type: string; readonly bytes: Uint8Array<ArrayBuffer> }>

function toFragment(records: ReadonlyMap<RecordId, Registers>, assets: Assets): Fragment {
  const layers = [...records].filter(([, { p }]) => p['kind'] === 'layer' && p['deleted'] !== true).map(([id, { p }]) => [id, layerOf(p)] as const)
  const rank = new Map(layers.map(([id, p]) => [id, String(p['z'])]))
  const order = ([, p]: readonly [RecordId, Patch]) => `${rank.get(p['layer'] as RecordId) ?? ''} ${String(p['z'] ?? '')}`
  const shapes: (readonly [RecordId, Patch])[] = []
  let skipped = 0
  for (const [id, { p }] of records) {
    if (p['deleted'] === true || p['kind'] === 'layer' || TALK.includes(p['kind']!) || id === BOARD_RECORD) continue
    const shape = allowed(p)
    if (shape) shapes.push([id, shape])
    else skipped++
  }
  shapes.sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : a[0] < b[0] ? -1 : 1))
  const talk = threadsIn([...records].map(([id, { p }]) => [id, p] as const))
  const { title, paper, background } = records.get(BOARD_RECORD)?.p ?? {}
  return {
    ...{ shapes, layers, files: filesOf(shapes, background, assets) },
    ...(talk.length > 0 && { talk }),
    ...(typeof paper === 'string' && { paper }),
    ...(isObject(background) && { background: background as Patch }),
    ...(typeof title === 'string' && { title }),
    warnings: skipped > 0 ? [{ code: 'skipped', n: skipped }] : [],
  }
}

function layerOf({ name, z, hidden, locked }: Patch): Patch {
  return {
    ...{ kind: 'layer', name: typeof name === 'string' ? name : '', z: typeof z === 'string' ? z : 'a0' },
    ...{ hidden: hidden === true, locked: locked === true },
  }
}

function filesOf(shapes: Fragment['shapes'], background: Json | undefined, assets: Assets): FileOf[] {
  const users = new Map<string, RecordId[]>()
  const use = (asset: Json | undefined, id: RecordId) => {
    if (typeof asset === 'string') users.set(asset, [...(users.get(asset) ?? []), id])
  }
  for (const [id, { asset }] of shapes) use(asset, id)
  if (isObject(background)) use(background['asset'] as Json, BOARD_RECORD)
  return [...users].flatMap(([hash, ids]) => {
    const file = assets.get(hash)
    return file ? [{ ...file, shapes: ids }] : []
  })
}
