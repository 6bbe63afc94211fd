import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import { newRecordId } from '../board/ids'
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
  /** The save that wrote its parts, and how many there are. */
  readonly save: string
  readonly count: number
}

/** Of which board, written by which save, and which one. */
type PartKey = [key: string, save: string, i: number]

interface Schema extends DBSchema {
  boards: { key: string; value: Kept; indexes: { at: number } }
  /** Lists of records, as JSON: a board at once would keep the page from anything else. */
  parts: { key: PartKey; value: string }
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
    const db = await open()
    const kept = { key, at: now(), seq, save: newRecordId(), count: 0 }
    let size = 0
    let last: Promise<unknown> = Promise.resolve()
    for (let from = 0; from < records.length && size <= MOST_SIZE; from += STEP) {
      if (from > 0 && when === 'in pauses') await pause()
      if (turn !== saves) return
      const part = JSON.stringify(records.slice(from, from + STEP))
      size += part.length
      last = db.put('parts', part, [key, kept.save, kept.count++])
      if (when === 'in pauses') await last
    }
    await last
    if (size > MOST_SIZE) return forget(db, key)
    await forget(db, key, kept)
    const keys = await db.getAllKeysFromIndex('boards', 'at')
    for (const old of keys.slice(0, Math.max(0, keys.length - MOST_BOARDS))) await remove(old)
  }

  async function remove(board: string): Promise<void> {
    const db = await open()
    await Promise.all([forget(db, board), db.delete('likenesses', board)])
  }

  const has = async () => (await (await open()).count('boards', key)) > 0

  return {
    load: async () => read(await open(), key),
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
    openDB<Schema>(database, 3, {
      upgrade(db) {
        for (const old of db.objectStoreNames) db.deleteObjectStore(old)
        db.createObjectStore('boards', { keyPath: 'key' }).createIndex('at', 'at')
        db.createObjectStore('parts')
        db.createObjectStore('likenesses')
      },
      blocked: () => reject(new Error('the store is in use')),
      blocking: (_, __, event) => (event.target as IDBDatabase).close(),
    }).then(resolve, reject)
  })
}

/** Puts another state in the place of what is kept of a board, or none; of parts that nobody kept, too. */
async function forget(db: IDBPDatabase<Schema>, key: string, next?: Kept): Promise<void> {
  const work = db.transaction(['boards', 'parts'], 'readwrite')
  const parts = work.objectStore('parts')
  if (next) {
    await parts.delete(IDBKeyRange.bound([key], [key, next.save], false, true))
    await parts.delete(IDBKeyRange.bound([key, next.save, next.count], [key, []]))
    await work.objectStore('boards').put(next)
  } else {
    await parts.delete(IDBKeyRange.bound([key], [key, []]))
    await work.objectStore('boards').delete(key)
  }
  await work.done
}

/** Undefined, too, if another page is just writing a newer state. */
async function read(db: IDBPDatabase<Schema>, key: string): Promise<Snapshot | undefined> {
  const work = db.transaction(['boards', 'parts'])
  const kept = await work.objectStore('boards').get(key)
  if (!kept) return undefined
  const parts = await work.objectStore('parts').getAll(IDBKeyRange.bound([key, kept.save], [key, kept.save, []]))
  if (parts.length !== kept.count) return undefined
  const records = parts.flatMap((part) => JSON.parse(part) as WireRecord[])
  return { seq: kept.seq, records }
}
