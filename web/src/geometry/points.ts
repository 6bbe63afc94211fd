import type { Patch } from '../board/types'

/** How many points one chunk holds. */
export const MAX_CHUNK_POINTS = 512
/** How many chunks a stroke has. */
export const MAX_CHUNKS = 200
/** Points are stored in eighths of a world unit. */
export const POINTS_PER_UNIT = 8

const MAX_DELTA = 2 * 1e7 * POINTS_PER_UNIT
const FLAG_PRESSURE = 1
const DEFAULT_PRESSURE = 128

/** A point in world units; pressure 0 to 1. */
export interface StrokePoint {
  readonly x: number
  readonly y: number
  readonly pressure?: number
}

/**
 * A growing list of points relative to a stroke's origin, in eighths of a world unit, pressure
 * 0 to 255. Columns are typed arrays; only the first `length` elements count.
 */
export class Points {
  length = 0
  xs = new Int32Array(16)
  ys = new Int32Array(16)
  pressures = new Uint8Array(16)

  /** With `hasPressure` false, pressures mean nothing. */
  constructor(public hasPressure = false) {}

  /** In eighths of a unit. */
  push(x: number, y: number, pressure = DEFAULT_PRESSURE): void {
    if (this.length === this.xs.length) this.grow()
    this.xs[this.length] = x
    this.ys[this.length] = y
    this.pressures[this.length++] = pressure
  }

  /** Rounds a point in world units, relative to the origin. */
  add(point: StrokePoint): void {
    const pressure = Math.round(255 * Math.min(Math.max(point.pressure ?? 0.5, 0), 1))
    this.push(Math.round(point.x * POINTS_PER_UNIT), Math.round(point.y * POINTS_PER_UNIT), pressure)
  }

  /** In world units, relative to the origin. */
  at(i: number): { x: number; y: number; pressure: number } {
    return {
      x: this.xs[i]! / POINTS_PER_UNIT,
      y: this.ys[i]! / POINTS_PER_UNIT,
      pressure: this.pressures[i]! / 255,
    }
  }

  /** Forgets all points from index `length` on. */
  truncate(length: number): void {
    this.length = Math.min(this.length, length)
  }

  /** The text of points `from` up to `to` (at most MAX_CHUNK_POINTS), against the point before. */
  encode(from: number, to: number): string {
    const bytes = [this.hasPressure ? FLAG_PRESSURE : 0]
    for (let i = from; i < to; i++) {
      pushVarint(bytes, this.xs[i]! - (this.xs[i - 1] ?? 0))
      pushVarint(bytes, this.ys[i]! - (this.ys[i - 1] ?? 0))
      if (this.hasPressure) bytes.push(this.pressures[i]!)
    }
    return toBase64(bytes)
  }

  /**
   * Appends the points of a chunk's text, which is against the last point; returns whether the text
   * is well-formed, else appends nothing. A chunk without pressure in a stroke with it gets a middling one.
   */
  decode(text: string): boolean {
    const bytes = fromBase64(text)
    if (!bytes || bytes.length < 2 || bytes[0]! > FLAG_PRESSURE) return false
    const length = this.length
    const ok = this.read(bytes)
    if (!ok) this.length = length
    else this.hasPressure ||= bytes[0] === FLAG_PRESSURE
    return ok
  }

  private read(bytes: Uint8Array): boolean {
    const pressure = bytes[0] === FLAG_PRESSURE
    const from = new Reader(bytes, 1)
    // A point takes two bytes at least.
    const room = this.length + Math.min(bytes.length / 2, MAX_CHUNK_POINTS)
    while (this.xs.length < room) this.grow()
    let x = this.length > 0 ? this.xs[this.length - 1]! : 0
    let y = this.length > 0 ? this.ys[this.length - 1]! : 0
    for (let n = 0; !from.done; n++) {
      x += from.varint()
      y += from.varint()
      const p = pressure ? from.byte() : DEFAULT_PRESSURE
      if (n === MAX_CHUNK_POINTS || !from.ok || Math.abs(x) > MAX_DELTA || Math.abs(y) > MAX_DELTA) return false
      this.xs[this.length] = x
      this.ys[this.length] = y
      this.pressures[this.length++] = p
    }
    return true
  }

  private grow(): void {
    this.xs = widen(this.xs, new Int32Array(2 * this.xs.length))
    this.ys = widen(this.ys, new Int32Array(2 * this.ys.length))
    this.pressures = widen(this.pressures, new Uint8Array(2 * this.pressures.length))
  }
}

/** All points of a stroke record: chunks p0, p1, … up to the first that is missing or malformed. `into` is emptied and filled. */
export function strokePoints(stroke: Patch, into?: Points): Points {
  const points = into ?? new Points()
  points.length = 0
  points.hasPressure = false
  for (let i = 0; i < MAX_CHUNKS; i++) {
    const chunk = stroke[`p${i}`]
    if (typeof chunk !== 'string' || !points.decode(chunk)) break
  }
  return points
}

/** The chunks of a whole stroke as properties p0, p1, …; what exceeds MAX_CHUNKS is left out. */
export function encodeStroke(points: Points): Patch {
  const patch: { [prop: string]: string } = {}
  const most = Math.min(points.length, MAX_CHUNKS * MAX_CHUNK_POINTS)
  for (let i = 0, from = 0; from < most; i++, from += MAX_CHUNK_POINTS) {
    patch[`p${i}`] = points.encode(from, Math.min(from + MAX_CHUNK_POINTS, most))
  }
  return patch
}

/** Reads bytes and notes when they run out or are not in their shortest form. */
class Reader {
  ok = true

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
  ) {}

  get done(): boolean {
    return this.at >= this.bytes.length
  }

  byte(): number {
    if (this.at >= this.bytes.length) this.ok = false
    return this.bytes[this.at++] ?? 0
  }

  /** A zig-zag varint of at most MAX_DELTA either way. */
  varint(): number {
    const first = this.bytes[this.at] ?? 128
    // Nearly all of them are one byte.
    if (first < 128) {
      this.at++
      return (first >>> 1) ^ -(first & 1)
    }
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      value += (byte & 127) * 2 ** shift
      if (byte < 128) {
        if (byte === 0 && shift > 0) this.ok = false
        if (value > 2 * MAX_DELTA) this.ok = false
        return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      }
    }
    this.ok = false
    return 0
  }
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value < 0 ? -2 * value - 1 : 2 * value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  bytes.push(rest)
}

function toBase64(bytes: number[]): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
/** The value of each character of base64, by its code; 64 = none. */
const SEXTETS = new Uint8Array(128).fill(64)
for (let i = 0; i < 64; i++) SEXTETS[BASE64.charCodeAt(i)] = i

let buffer = new Uint8Array(4096)

/**
 * Padded standard base64 without stray bits or characters; undefined for anything else. The bytes are
 * good until the next call: a board has a hundred thousand strokes, which are read one after the other.
 */
function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const length = text.length - padding
  if (buffer.length < length) buffer = new Uint8Array(2 * length)
  const into = buffer
  let size = 0
  let wrong = 0
  for (let i = 0; i < length; i += 4) {
    const left = length - i
    const a = sextet(text, i)
    const b = sextet(text, i + 1)
    const c = left > 2 ? sextet(text, i + 2) : 0
    const d = left > 3 ? sextet(text, i + 3) : 0
    wrong |= a | b | c | d
    into[size++] = (a << 2) | (b >> 4)
    if (left > 2) into[size++] = (b << 4) | (c >> 2)
    else wrong |= (b & 15) << 6
    if (left > 3) into[size++] = (c << 6) | d
    else if (left > 2) wrong |= (c & 3) << 6
  }
  return wrong < 64 ? into.subarray(0, size) : undefined
}

/** What a character stands for; 64 for none. */
function sextet(text: string, i: number): number {
  const code = text.charCodeAt(i)
  return code < 128 ? SEXTETS[code]! : 64
}

function widen<T extends Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from)
  return to
}
