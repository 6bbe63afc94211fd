import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { Snapshot, WireRecord } from '../board/types'
import type { Box } from '../geometry/box'

/** Of so many boards the last state is kept; of larger ones, in characters of JSON, none. */
export const MOST_BOARDS = 12
const MOST_SIZE = 64 << 20
/** How many records are written between two pauses. */
const STEP = 400

/** What a board looked like, to be shown until its shapes are there. */
export interface Likeness {
  readonly image: Blob
  /** The world point of its first pixel, and how many of its pixels are a world unit. */
  readonly x: number
  readonly y: number
  readonly scale: number
  /** Around all shapes. */
  readonly bounds: Box
  /** The colours it has. */
  readonly theme: string
}

/** Keeps the last known state of one board, so that it is there at once when it is opened again. */
export interface SnapshotStore {
  load(): Promise<Snapshot | undefined>
  /** In pauses, and given up if another save begins before the end; or, as the page may be gone soon, at once. */
  save(snapshot: Snapshot, when: 'in pauses' | 'at once'): Promise<void>
  /** The board may not be seen any more. */
  drop(): Promise<void>
}

interface Kept {
  /** The board and the secret it was opened with: whoever has another link sees nothing. */
  readonly key: string
  /** When it was kept, in Unix ms. */
  readonly at: number
  readonly seq: number
  /** Lists of records, as JSON. */
  readonly parts: readonly string[]
}

interface Schema extends DBSchema {
  boards: { key: string; value: Kept; indexes: { at: number } }
  likenesses: { key: string; value: Likeness }
}

export interface SnapshotOptions {
  /** The board and the secret. */
  readonly key: string
  /** This machine's Unix ms. */
  readonly now: () => number
  /** Resolves when the page has nothing else to do. */
  readonly pause: () => Promise<void>
  /** Default 'easel-boards'. */
  readonly database?: string
}

/** What a browser keeps of a board. */
export interface Shelf extends SnapshotStore {
  /** Whether there is a snapshot. */
  has(): Promise<boolean>
  likeness(): Promise<Likeness | undefined>
  saveLikeness(likeness: Likeness): Promise<unknown>
}

/** The store of a board in IndexedDB. */
export function keepSnapshots({ key, now, pause, database = 'easel-boards' }: SnapshotOptions): Shelf {
  let saves = 0
  let opening: Promise<IDBPDatabase<Schema>> | undefined
  const open = () => (opening ??= openShelf(database))

  async function save({ seq, records }: Snapshot, when: 'in pauses' | 'at once'): Promise<void> {
    const turn = ++saves
    const parts: string[] = []
    let size = 0
    for (let from = 0; from < records.length && size <= MOST_SIZE; from += STEP) {
      if (from > 0 && when === 'in pauses') await pause()
      if (turn !== saves) return
      const part = JSON.stringify(records.slice(from, from + STEP))
      size += part.length
      parts.push(part)
    }
    if (size > MOST_SIZE) return
    const db = await open()
    await db.put('boards', { key, at: now(), seq, parts })
    const keys = await db.getAllKeysFromIndex('boards', 'at')
    for (const old of keys.slice(0, Math.max(0, keys.length - MOST_BOARDS))) await remove(old)
  }

  async function remove(board: string): Promise<void> {
    const db = await open()
    await Promise.all([db.delete('boards', board), db.delete('likenesses', board)])
  }

  const has = async () => (await (await open()).count('boards', key)) > 0

  return {
    load: async () => read(await (await open()).get('boards', key)),
    save,
    drop: () => {
      saves++
      return remove(key)
    },
    has,
    likeness: async () => (await open()).get('likenesses', key),
    saveLikeness: async (likeness) => (await open()).put('likenesses', likeness, key),
  }
}

/** Rejects while a page of an older build has the store open. */
function openShelf(database: string): Promise<IDBPDatabase<Schema>> {
  return new Promise((resolve, reject) => {
    openDB<Schema>(database, 2, {
      upgrade(db) {
        for (const old of db.objectStoreNames) db.deleteObjectStore(old)
        db.createObjectStore('boards', { keyPath: 'key' }).createIndex('at', 'at')
        db.createObjectStore('likenesses')
      },
      blocked: () => reject(new Error('the store is in use')),
      blocking: (_, __, event) => (event.target as IDBDatabase).close(),
    }).then(resolve, reject)
  })
}

function read(kept: Kept | undefined): Snapshot | undefined {
  if (!kept) return undefined
  const records = kept.parts.flatMap((part) => JSON.parse(part) as WireRecord[])
  return { seq: kept.seq, records }
}
