import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { Snapshot, WireRecord } from '../board/types'

/** Of so many boards the last state is kept; of larger ones, in characters of JSON, none. */
const MOST_BOARDS = 12
const MOST_SIZE = 64 << 20
/** How many records are written between two pauses. */
const STEP = 400

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

/** The store of a board in IndexedDB. */
export function keepSnapshots({ key, now, pause, database = 'easel-boards' }: SnapshotOptions): SnapshotStore {
  let saves = 0
  let opening: Promise<IDBPDatabase<Schema>> | undefined
  const open = () =>
    (opening ??= openDB<Schema>(database, 1, {
      upgrade: (db) => void db.createObjectStore('boards', { keyPath: 'key' }).createIndex('at', 'at'),
    }))

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
    for (const old of keys.slice(0, Math.max(0, keys.length - MOST_BOARDS))) await db.delete('boards', old)
  }

  return {
    load: async () => read(await (await open()).get('boards', key)),
    save,
    drop: async () => {
      saves++
      await (await open()).delete('boards', key)
    },
  }
}

/** Undefined for what is not there, or was kept by an older build. */
function read(kept: Kept | undefined): Snapshot | undefined {
  if (!Number.isSafeInteger(kept?.seq) || !Array.isArray(kept?.parts)) return undefined
  const records = kept.parts.flatMap((part) => JSON.parse(part) as WireRecord[])
  return { seq: kept.seq, records }
}
