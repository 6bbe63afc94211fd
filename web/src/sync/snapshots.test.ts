import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Snapshot } from '../board/types'
import { keepSnapshots, MOST_BOARDS, type Shelf } from './snapshots'

beforeEach(() => Object.assign(globalThis, { indexedDB: new IDBFactory() }))

let time = 0
const shelf = (key = 'board/secret', pause = () => Promise.resolve()): Shelf => keepSnapshots({ key, now: () => ++time, pause })

function snapshot(seq: number, size: number): Snapshot {
  return { seq, records: Array.from({ length: size }, (_, i) => ({ id: `r${i}`, v: 'v', p: { kind: 'rect', at: [seq, i] } })) }
}

/** How many parts there are of all boards. */
async function countParts(): Promise<number> {
  const db = await new Promise<IDBDatabase>((resolve) => {
    const opening = indexedDB.open('easel-boards')
    opening.onsuccess = () => resolve(opening.result)
  })
  const count = db.transaction('parts').objectStore('parts').count()
  return new Promise((resolve) => {
    count.onsuccess = () => {
      db.close()
      resolve(count.result)
    }
  })
}

describe('the shelf', () => {
  test.each([0, 1, 399, 400, 401, 2000])('gives back a board of %i records, whichever way it was saved', async (size) => {
    for (const [seq, when] of [[1, 'in pauses'], [2, 'at once'], [3, 'in pauses']] as const) {
      await shelf().save(snapshot(seq, size), when)
      expect(await shelf().load()).toEqual(snapshot(seq, size))
    }
    expect(await countParts()).toBe(Math.ceil(size / 400))
  })

  test('keeps what was there until the next state is there in full', async () => {
    await shelf().save(snapshot(1, 900), 'at once')
    let goOn: (() => void) | undefined
    const slow = shelf('board/secret', () => new Promise((resolve) => (goOn = resolve)))
    const saving = slow.save(snapshot(2, 900), 'in pauses')
    await expect.poll(() => goOn).toBeDefined()
    expect(await shelf().load()).toEqual(snapshot(1, 900))
    // Given up for a newer one, it leaves nothing behind.
    await slow.save(snapshot(3, 500), 'at once')
    goOn!()
    await saving
    expect(await shelf().load()).toEqual(snapshot(3, 500))
    expect(await countParts()).toBe(2)
  })

  // In pauses: the part that waits for one.
  test.each(['in pauses', 'at once'] as const)('asks for records only as it writes them, %s', async (when) => {
    let asked = 0
    let most = 0
    function* records() {
      for (const record of snapshot(1, 2000).records) {
        asked++
        yield record
      }
    }
    const slow = shelf('board/secret', async () => {
      most = Math.max(most, asked)
      asked = 0
    })
    await slow.save({ seq: 1, records: records() }, when)
    expect(most).toBe(when === 'in pauses' ? 400 : 0)
    expect(await shelf().load()).toEqual(snapshot(1, 2000))
  })

  test('knows boards by their secrets, the last ones only, and forgets when told to', async () => {
    for (let i = 0; i <= MOST_BOARDS; i++) await shelf(`b${i}/s`).save(snapshot(i, 10), 'at once')
    expect(await shelf('b0/s').load()).toBeUndefined()
    expect(await shelf('b1/other').load()).toBeUndefined()
    expect(await shelf('b1/s').load()).toEqual(snapshot(1, 10))
    await shelf('b1/s').drop()
    expect(await shelf('b1/s').has()).toBe(false)
    expect(await shelf('b1/s').load()).toBeUndefined()
    expect(await countParts()).toBe(MOST_BOARDS - 1)
  })
})
