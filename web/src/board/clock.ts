import type { ActorId, Stamp } from './types'

/** Length of a stamp's time, which is what an op carries on the wire. */
export const TIME_DIGITS = 12
const MS_DIGITS = 9
const COUNTER_DIGITS = TIME_DIGITS - MS_DIGITS
const MAX_MS = 36 ** MS_DIGITS - 1
const MAX_COUNTER = 36 ** COUNTER_DIGITS - 1

/** The stamp of a time in Unix ms, a counter and an actor; what exceeds its digits is cut to the largest value. */
export function newStamp(ms: number, counter: number, actor: ActorId): Stamp {
  return base36(ms, MAX_MS, MS_DIGITS) + base36(counter, MAX_COUNTER, COUNTER_DIGITS) + actor
}

/** Unix milliseconds; 0 if the stamp is malformed. */
export function stampMs(stamp: Stamp): number {
  return digits(stamp, 0, MS_DIGITS)
}

/** 0 if the stamp is malformed. */
export function stampCounter(stamp: Stamp): number {
  return digits(stamp, MS_DIGITS, TIME_DIGITS)
}

/** The first 12 characters, as on the wire. */
export function stampTime(stamp: Stamp): string {
  return stamp.slice(0, TIME_DIGITS)
}

/** Who wrote: what follows the time. */
export function stampActor(stamp: Stamp): ActorId {
  return stamp.slice(TIME_DIGITS)
}

/**
 * A hybrid logical clock: rising stamps that follow the wall clock and lie after every stamp
 * observed. `now` is the server's time in Unix ms, as far as it is known.
 */
export class Clock {
  private ms = 0
  private counter = 0

  constructor(
    readonly actor: ActorId,
    private readonly now: () => number,
  ) {}

  /** A stamp greater than all before and all observed. When the counter is full, it borrows a millisecond. */
  next(): Stamp {
    const ms = Math.floor(this.now())
    if (ms > this.ms) this.set(ms, 0)
    else if (this.counter < MAX_COUNTER) this.counter++
    else this.set(this.ms + 1, 0)
    return newStamp(this.ms, this.counter, this.actor)
  }

  /** Makes later stamps greater than this one. A malformed stamp is ignored. */
  observe(stamp: Stamp): void {
    const ms = stampMs(stamp)
    const counter = stampCounter(stamp)
    if (ms > this.ms || (ms === this.ms && counter > this.counter)) this.set(ms, counter)
  }

  /** Forgets what was observed and handed out: later stamps need only be greater than this one. */
  rewind(stamp: Stamp): void {
    this.set(stampMs(stamp), stampCounter(stamp))
  }

  private set(ms: number, counter: number): void {
    this.ms = ms
    this.counter = counter
  }
}

/** The server's time, estimated from answers that carry it. */
export class ServerTime {
  private offset = 0

  /** `local` is this machine's time in Unix ms, right or wrong. */
  constructor(private readonly local: () => number) {}

  now(): number {
    return this.local() + this.offset
  }

  /** The server said `serverNow` in an answer to a question asked at the local time `asked`. */
  learn(serverNow: number, asked: number): void {
    if (!Number.isFinite(serverNow)) return
    this.offset = serverNow - (asked + this.local()) / 2
  }
}

function base36(value: number, most: number, width: number): string {
  return Math.min(Math.max(Math.floor(value), 0), most).toString(36).padStart(width, '0')
}

function digits(stamp: Stamp, from: number, to: number): number {
  const text = stamp.slice(from, to)
  return text.length === to - from && /^[0-9a-z]+$/.test(text) ? Number.parseInt(text, 36) : 0
}
