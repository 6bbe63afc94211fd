import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { Snapshot } from '../board/types'
import { isObject } from '../board/validate'

/** Of so many boards the last state is kept; of larger ones, in characters of JSON, none. */
const MOST_BOARDS = 12
const MOST_SIZE = 64 << 20

/** Keeps the last known state of one board, so that it is there at once when it is opened again. */
export interface SnapshotStore {
  load(): Promise<Snapshot | undefined>
  save(snapshot: Snapshot): Promise<void>
  /** The board may not be seen any more. */
  drop(): Promise<void>
}

interface Kept {
  /** The board and the secret it was opened with: whoever has another link sees nothing. */
  readonly key: string
  /** When it was kept, in Unix ms. */
  readonly at: number
  readonly text: string
}

interface Schema extends DBSchema {
  boards: { key: string; value: Kept; indexes: { at: number } }
}

/** The store of a board in IndexedDB; `now` is this machine's Unix ms. */
export function keepSnapshots(key: string, now: () => number, database = 'easel-boards'): SnapshotStore {
  let opening: Promise<IDBPDatabase<Schema>> | undefined
  const open = () =>
    (opening ??= openDB<Schema>(database, 1, {
      upgrade: (db) => void db.createObjectStore('boards', { keyPath: 'key' }).createIndex('at', 'at'),
    }))

  async function save(snapshot: Snapshot): Promise<void> {
    const text = JSON.stringify(snapshot)
    if (text.length > MOST_SIZE) return
    const db = await open()
    await db.put('boards', { key, at: now(), text })
    const keys = await db.getAllKeysFromIndex('boards', 'at')
    for (const old of keys.slice(0, Math.max(0, keys.length - MOST_BOARDS))) await db.delete('boards', old)
  }

  return {
    load: async () => read((await (await open()).get('boards', key))?.text),
    save,
    drop: async () => (await open()).delete('boards', key),
  }
}

function read(text: string | undefined): Snapshot | undefined {
  const value: unknown = text === undefined ? undefined : JSON.parse(text)
  return isObject(value) && Number.isSafeInteger(value['seq']) && Array.isArray(value['records']) ? (value as unknown as Snapshot) : undefined
}
