import { sameJson } from '../../board/history'
import type { Json, Patch } from '../../board/types'
import { isObject, MAX_META } from '../../board/validate'
import type { Element } from './fields'

/**
 * What a record's `meta.ex` keeps of the element it was read from, so that writing gives the element
 * back: `keep` are fields that our records have no word for, `was` those that our words render only
 * nearly, each as [what we would write, what was read]. Once the record has changed so that we
 * would write something else, what was read no longer counts.
 */
export interface Kept {
  keep?: Element
  was?: { [field: string]: [computed: Json, original: Json] }
  /** The text within it, which is an element of its own there. */
  label?: Kept
}

/** Fields that nothing in a record determines. */
const FREE = new Set([
  ...['id', 'seed', 'version', 'versionNonce', 'updated', 'index', 'roughness', 'customData', 'status'],
  ...['strokeOptions', 'lineHeight', 'simulatePressure', 'startIsSpecial', 'endIsSpecial'],
])

/** How near two numbers are the same: far below what can be seen, above what arithmetic loses. */
const NEAR = 1e-6
/** The same for points of freehand strokes, which are stored in 64ths of a unit, and pressures, in 255ths. */
const NEAR_POINT = 0.0079
const NEAR_PRESSURE = 0.002

/** What has to be kept of an element to make it again of what would be written. */
export function keepOf(original: Element, computed: Element, isFreehand = false): Kept {
  const kept: Kept = {}
  for (const field of Object.keys(original)) {
    const [now, then] = [computed[field], original[field]!]
    if (field === '__proto__' || field === 'type' || alike(field, now, then, isFreehand)) continue
    if (now === undefined || FREE.has(field)) (kept.keep ??= {})[field] = then
    else (kept.was ??= {})[field] = [now, then]
  }
  return kept
}

/** The element with what was kept of it. */
export function restore(computed: Element, { keep, was }: Kept): Element {
  const element: Element = { ...computed, ...keep }
  if (isObject(keep?.['customData']) && isObject(computed['customData'])) {
    element['customData'] = { ...(keep['customData'] as Element), ...(computed['customData'] as Element) }
  }
  for (const field in was) {
    const pair = was[field]
    if (Array.isArray(pair) && pair.length === 2 && alike(field, computed[field], pair[0], false)) element[field] = pair[1]
  }
  return element
}

/** What a record keeps; nothing of what is not well-formed. */
export function keptOf({ meta }: Patch): Kept {
  const ex = isObject(meta) ? meta['ex'] : undefined
  return isObject(ex) ? wellFormed(ex) : {}
}

function wellFormed({ keep, was, label }: Record<string, unknown>): Kept {
  return {
    ...(isObject(keep) && { keep: keep as Element }),
    ...(isObject(was) && { was: was as NonNullable<Kept['was']> }),
    ...(isObject(label) && { label: wellFormed(label) }),
  }
}

/** `meta` with as much of what was kept as it holds: the largest fields go first. Tells whether all of it fits. */
export function metaOf(kept: Kept): { meta: Patch | undefined; complete: boolean } {
  let complete = true
  while (size(kept) > MAX_META) {
    complete = false
    dropLargest(kept)
  }
  return { meta: isEmpty(kept) ? undefined : { ex: kept as Json }, complete }
}

const size = (kept: Kept): number => new TextEncoder().encode(JSON.stringify({ ex: kept })).length
const isEmpty = (kept: Kept): boolean => !kept.keep && !kept.was && !kept.label

function dropLargest(kept: Kept): void {
  const places = [kept, kept.label].flatMap((one) => [one?.keep, one?.was])
  let most = -1
  let drop = () => void delete kept.label
  for (const place of places) {
    for (const field in place) {
      const { length } = JSON.stringify(place[field])
      if (length > most) [most, drop] = [length, () => void delete place[field]]
    }
  }
  drop()
}

/** Whether writing one for the other loses nothing. */
function alike(field: string, a: Json | undefined, b: Json | undefined, isFreehand: boolean): boolean {
  if (!isFreehand) return nearly(a, b, NEAR)
  return nearly(a, b, field === 'points' || field === 'width' || field === 'height' ? NEAR_POINT : field === 'pressures' ? NEAR_PRESSURE : NEAR)
}

function nearly(a: Json | undefined, b: Json | undefined, by: number): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= by
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((value, i) => nearly(value as Json, b[i] as Json, by))
  return sameJson(a, b)
}

/** The properties of an image shape whose picture has been uploaded. */
export function withAsset(record: Patch, asset: string): Patch {
  const kept = keptOf(record)
  const pair = kept.was?.['fileId']
  if (!pair || !isObject(record['meta'])) return { ...record, asset }
  const was = { ...kept.was, fileId: [asset, pair[1]] as [Json, Json] }
  return { ...record, asset, meta: { ...record['meta'], ex: { ...kept, was } as unknown as Json } }
}
