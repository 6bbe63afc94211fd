import { TIME_DIGITS, stampTime } from './clock'
import type { ActorId, Op, Patch, Stamp, WireOp } from './types'

/** A record's registers: every property's stamp is v, except those in pv. Never changed in place. */
export interface Registers {
  readonly v: Stamp
  readonly pv?: { readonly [prop: string]: Stamp } | undefined
  readonly p: Patch
}

/** The stamp of a property; empty when it was never written. */
export function stampOf(record: Registers | undefined, prop: string): Stamp {
  if (!record) return ''
  return record.pv?.[prop] ?? (Object.hasOwn(record.p, prop) ? record.v : '')
}

/**
 * The record after the op; the same object when the op makes no difference. A property takes
 * the op's value when the op's stamp is greater than the property's; so merging is commutative,
 * associative and idempotent as long as no two ops share a stamp.
 */
export function merge(record: Registers | undefined, op: Op): Registers | undefined {
  let p: { [prop: string]: Patch[string] } | undefined
  let pv: { [prop: string]: Stamp } | undefined
  const v = record?.v ?? op.stamp
  for (const prop in op.patch) {
    if (op.stamp <= stampOf(record, prop)) continue
    p ??= { ...record?.p }
    p[prop] = op.patch[prop]!
    if (op.stamp !== v) (pv ??= { ...record?.pv })[prop] = op.stamp
    else if (record?.pv?.[prop]) delete (pv ??= { ...record.pv })[prop]
  }
  if (!p) return record
  return { v, pv: normal(pv ?? record?.pv), p }
}

/** The record with the properties of `from` that carry the stamp `old` carrying `stamp` instead. */
export function restamp(record: Registers, from: Patch, old: Stamp, stamp: Stamp): Registers {
  const pv: { [prop: string]: Stamp } = { ...record.pv }
  for (const prop in from) {
    if (stampOf(record, prop) === old) pv[prop] = stamp
  }
  return { v: record.v, pv: normal(pv), p: record.p }
}

/** Whether two records have the same properties with the same stamps. */
export function sameRegisters(a: Registers, b: Registers): boolean {
  if (a.v !== b.v && a.pv === undefined && b.pv === undefined) return false
  const props = Object.keys(a.p)
  return (
    props.length === Object.keys(b.p).length &&
    props.every((prop) => stampOf(a, prop) === stampOf(b, prop))
  )
}

export function toWire(op: Op): WireOp {
  return [stampTime(op.stamp), op.id, op.patch]
}

export function fromWire([time, id, patch]: WireOp, actor: ActorId): Op {
  return { stamp: time.slice(0, TIME_DIGITS) + actor, id, patch }
}

function normal(pv: { readonly [prop: string]: Stamp } | undefined): Registers['pv'] {
  for (const _ in pv) return pv
  return undefined
}
