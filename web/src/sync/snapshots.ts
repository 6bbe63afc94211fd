import { newRecordId } from '../board/ids'
import type { Snapshot, WireRecord } from '../board/types'
import type { Box } from '../geometry/box'
import { doneOf, resultOf } from './requests'

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
  /** In pauses, and given up if another save begins before the end; or, as the page may be gone soon, at once. Asks for records when it writes them. */
  save(state: { readonly seq: number; readonly records: Iterable<WireRecord> }, when: 'in pauses' | 'at once'): Promise<void>
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

/**
 * Of boards it is kept what of them is (Kept, by `key`), and what they look like (Likeness, by key). Parts are lists of
 * records, as JSON: a board at once would keep the page from anything else. Their keys say of which board, written
 * by which save, and which one.
 */
type StoreName = 'boards' | 'parts' | 'likenesses'

export interface SnapshotOptions {
  /** The board and the secret. */
  readonly key: string
  /** This machine's Unix ms. */
  readonly now: () => number
  /** Resolves when nobody draws and the page has nothing else to do. */
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
  let opening: Promise<IDBDatabase> | undefined
  const open = () => (opening ??= openShelf(database))

  async function save({ seq, records }: Parameters<Shelf['save']>[0], when: 'in pauses' | 'at once'): Promise<void> {
    const turn = ++saves
    const db = await open()
    const kept = { key, at: now(), seq, save: newRecordId(), count: 0 }
    let size = 0
    let last: Promise<unknown> = Promise.resolve()
    for (const some of inParts(records)) {
      if (when === 'in pauses') await pause()
      if (turn !== saves) return
      const part = JSON.stringify(some)
      size += part.length
      last = change(db, 'parts', (parts) => parts.put(part, [key, kept.save, kept.count++]))
      if (when === 'in pauses') await last
      if (size > MOST_SIZE) break
    }
    await last
    if (size > MOST_SIZE) return forget(db, key)
    await forget(db, key, kept)
    const keys = (await resultOf(storeIn(db, 'boards').index('at').getAllKeys())) as string[]
    for (const old of keys.slice(0, Math.max(0, keys.length - MOST_BOARDS))) await remove(old)
  }

  async function remove(board: string): Promise<void> {
    const db = await open()
    await Promise.all([forget(db, board), change(db, 'likenesses', (likenesses) => likenesses.delete(board))])
  }

  const has = async () => (await resultOf(storeIn(await open(), 'boards').count(key))) > 0

  return {
    load: async () => read(await open(), key),
    save,
    drop: () => {
      saves++
      return remove(key)
    },
    has,
    likeness: async () => resultOf(storeIn(await open(), 'likenesses').get(key)),
    saveLikeness: async (likeness) => change(await open(), 'likenesses', (likenesses) => likenesses.put(likeness, key)),
  }
}

function* inParts(records: Iterable<WireRecord>): Generator<readonly WireRecord[]> {
  let part: WireRecord[] = []
  for (const record of records) {
    part.push(record)
    if (part.length < STEP) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}

/** Rejects while a page of an older build has the store open. */
function openShelf(database: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(database, 3)
    opening.onupgradeneeded = () => {
      const db = opening.result
      for (const old of [...db.objectStoreNames]) db.deleteObjectStore(old)
      db.createObjectStore('boards', { keyPath: 'key' }).createIndex('at', 'at')
      db.createObjectStore('parts')
      db.createObjectStore('likenesses')
    }
    opening.onblocked = () => reject(new Error('the store is in use'))
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const db = opening.result
      db.onversionchange = () => db.close()
      resolve(db)
    }
  })
}

function storeIn(db: IDBDatabase, name: StoreName): IDBObjectStore {
  return db.transaction(name).objectStore(name)
}

function change(db: IDBDatabase, name: StoreName, fn: (store: IDBObjectStore) => unknown): Promise<void> {
  const work = db.transaction(name, 'readwrite')
  fn(work.objectStore(name))
  return doneOf(work)
}

/** Puts another state in the place of what is kept of a board, or none; of parts that nobody kept, too. */
function forget(db: IDBDatabase, key: string, next?: Kept): Promise<void> {
  const work = db.transaction(['boards', 'parts'] satisfies StoreName[], 'readwrite')
  const [boards, parts] = [work.objectStore('boards'), work.objectStore('parts')]
  if (next) {
    parts.delete(IDBKeyRange.bound([key], [key, next.save], false, true))
    parts.delete(IDBKeyRange.bound([key, next.save, next.count], [key, []]))
    boards.put(next)
  } else {
    parts.delete(IDBKeyRange.bound([key], [key, []]))
    boards.delete(key)
  }
  return doneOf(work)
}

/** Undefined, too, if another page is just writing a newer state. */
async function read(db: IDBDatabase, key: string): Promise<Snapshot | undefined> {
  const work = db.transaction(['boards', 'parts'] satisfies StoreName[])
  const kept: Kept | undefined = await resultOf(work.objectStore('boards').get(key))
  if (!kept) return undefined
  const parts: string[] = await resultOf(work.objectStore('parts').getAll(IDBKeyRange.bound([key, kept.save], [key, kept.save, []])))
  if (parts.length !== kept.count) return undefined
  const records = parts.flatMap((part) => JSON.parse(part) as WireRecord[])
  return { seq: kept.seq, records }
}
