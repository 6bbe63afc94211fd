import type { ActorId, RecordId } from '../board/types'
import { isCoordinate, isRecordId } from '../board/validate'
import { MAX_COORDINATE } from '../board/validate'
import { Points } from '../geometry/points'
import { MAX_SELECTED } from './previews'

/** Without news for this long, in ms, a selection and a note that someone writes are dropped. */
export const SELECTION_TIMEOUT = 30_000
export const TYPING_TIMEOUT = 5000
/** How long a point of the laser is shown, in ms. */
export const LASER_FADE = 1200
/** A batch of the laser's points is spread over at most this time, in ms. */
const LASER_BATCH = 100
/** How many points of a trail, and how many people, are kept at most; more are ignored. */
const MAX_TRAIL = 2000
const MAX_PEOPLE = 500

/** Who sent a message: the user as the service vouches for, the actor as they say. */
export interface Sender {
  readonly user: string
  readonly actor: ActorId
}

/** What someone has selected. */
export interface RemoteSelection extends Sender {
  /** The sender's number of this selection. */
  readonly n: number
  readonly ids: ReadonlySet<RecordId>
  readonly seen: number
}

/** The shape that someone is writing in. */
export interface Typing extends Sender {
  readonly id: RecordId
  readonly seen: number
}

/** A point of a laser, in world units; `time` is this machine's Unix ms. */
export interface Spot {
  readonly x: number
  readonly y: number
  readonly time: number
}

/** Where someone's laser was, newest last; the list grows in place. */
export interface Trail extends Sender {
  readonly spots: Spot[]
}

export const keyOf = ({ user, actor }: Sender): string => `${user}/${actor}`

/** What the others select, point at with the laser and write in, as far as we have been told. */
export class Others {
  readonly selections = new Map<string, RemoteSelection>()
  readonly typing = new Map<string, Typing>()
  readonly trails = new Map<string, Trail>()

  takeSelection(sender: Sender, n: unknown, ids: unknown, now: number): boolean {
    if (!Number.isSafeInteger(n) || !isListOfIds(ids) || !hasRoom(this.selections, keyOf(sender))) return false
    if (ids.length === 0) return this.selections.delete(keyOf(sender)) || n === 0
    this.selections.set(keyOf(sender), { ...sender, n: n as number, ids: new Set(ids), seen: now })
    return true
  }

  takeTyping(sender: Sender, id: unknown, now: number): boolean {
    if (id === undefined) return this.typing.delete(keyOf(sender))
    if (!isRecordId(id) || !hasRoom(this.typing, keyOf(sender))) return false
    this.typing.set(keyOf(sender), { ...sender, id, seen: now })
    return true
  }

  takeLaser(sender: Sender, at: unknown, chunk: unknown, now: number): boolean {
    const points = new Points()
    if (!isPlace(at) || typeof chunk !== 'string' || !points.decode(chunk)) return false
    const key = keyOf(sender)
    if (!hasRoom(this.trails, key)) return false
    const trail = this.trails.get(key) ?? { ...sender, spots: [] }
    this.trails.set(key, trail)
    const start = Math.max(trail.spots.at(-1)?.time ?? -Infinity, now - LASER_BATCH)
    for (let i = 0; i < points.length; i++) {
      const { x, y } = points.at(i)
      if (Math.abs(at[0] + x) > MAX_COORDINATE || Math.abs(at[1] + y) > MAX_COORDINATE) break
      trail.spots.push({ x: at[0] + x, y: at[1] + y, time: start + ((now - start) * (i + 1)) / points.length })
    }
    trail.spots.splice(0, trail.spots.length - MAX_TRAIL)
    return true
  }

  get size(): number {
    return this.selections.size + this.typing.size + this.trails.size
  }

  /** Drops what is stale; returns whether there was anything. */
  sweep(now: number): boolean {
    const gone = [
      dropFrom(this.selections, ({ seen }) => seen + SELECTION_TIMEOUT <= now),
      dropFrom(this.typing, ({ seen }) => seen + TYPING_TIMEOUT <= now),
      dropFrom(this.trails, ({ spots }) => (spots.at(-1)?.time ?? 0) + LASER_FADE <= now),
    ]
    return gone.includes(true)
  }

  /** Only these people are still here. */
  keep(users: ReadonlySet<string>): boolean {
    const isGone = ({ user }: Sender) => !users.has(user)
    return [dropFrom(this.selections, isGone), dropFrom(this.typing, isGone), dropFrom(this.trails, isGone)].includes(true)
  }
}

function dropFrom<T>(map: Map<string, T>, isGone: (value: T) => boolean): boolean {
  const { size } = map
  for (const [key, value] of map) if (isGone(value)) map.delete(key)
  return map.size < size
}

function hasRoom(map: ReadonlyMap<string, unknown>, key: string): boolean {
  return map.size < MAX_PEOPLE || map.has(key)
}

function isListOfIds(value: unknown): value is RecordId[] {
  return Array.isArray(value) && value.length <= MAX_SELECTED && value.every(isRecordId)
}

export function isPlace(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(isCoordinate)
}
