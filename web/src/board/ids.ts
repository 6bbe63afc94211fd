import type { ActorId, RecordId } from './types'

export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The record that holds a board's title and background. */
export const BOARD_RECORD: RecordId = 'board'

const ID_LENGTH = 12

/** A number from 0 up to 1, unpredictable: 32 bits from the system. */
export function systemRandom(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32
}

/** A random record id: 12 characters of base 62. */
export function newRecordId(random: () => number = systemRandom): RecordId {
  return randomBase62(ID_LENGTH, random)
}

/** A random actor id: 12 characters of base 62. */
export function newActorId(random: () => number = systemRandom): ActorId {
  return randomBase62(ID_LENGTH, random)
}

export function randomBase62(length: number, random: () => number): string {
  let text = ''
  while (text.length < length) text += BASE62[Math.floor(random() * BASE62.length)]
  return text
}
