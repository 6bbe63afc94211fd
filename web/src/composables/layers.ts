import { onScopeDispose, shallowRef } from 'vue'
import { newRecordId, systemRandom } from '../board/ids'
import { compareOrder, keyBetween } from '../board/order'
import type { Change, Patch, RecordId } from '../board/types'
import { isShapeRecord } from '../editor/applied'
import { t } from '../i18n'
import type { Session } from '../sync/session'

/** A layer as the list shows it; id null stands for the shapes that are in none. */
export interface LayerRow {
  readonly id: RecordId | null
  readonly name: string
  readonly hidden: boolean
  readonly locked: boolean
  /** How many shapes it has. */
  readonly count: number
}

/** The layers of a board, the topmost first, and what can be done with them. */
export function useLayers({ document: doc }: Session) {
  const rows = shallowRef<readonly LayerRow[]>([])
  const counts = new Map<RecordId | null, number>()
  const keys = new Map<RecordId, string>()
  let frame: number | undefined

  const count = (record: Patch | undefined, by: number) => {
    if (!isShapeRecord(record)) return false
    const layer = typeof record['layer'] === 'string' ? record['layer'] : null
    counts.set(layer, (counts.get(layer) ?? 0) + by)
    return true
  }

  function take({ id, before, after }: Change): boolean {
    const counted = [count(before, -1), count(after, 1)]
    const isLayer = before?.['kind'] === 'layer' || after?.['kind'] === 'layer'
    if (!isLayer) return counted.includes(true)
    if (after && after['deleted'] !== true && after['kind'] === 'layer') keys.set(id, String(after['z'] ?? ''))
    else keys.delete(id)
    return true
  }

  function show(): void {
    frame = undefined
    const order = [...keys].map(([id, z]) => ({ id, z })).sort(compareOrder).reverse()
    const layers = order.map(({ id }) => rowOf(id, doc.get(id)!, counts.get(id) ?? 0))
    const astray = [...counts].filter(([id]) => id !== null && !keys.has(id)).reduce((sum, [, n]) => sum + n, 0)
    const none = { id: null, name: t('panels.layers.none'), hidden: false, locked: false, count: (counts.get(null) ?? 0) + astray }
    rows.value = [...layers, none]
  }

  for (const [id, after] of doc.records()) take({ id, before: undefined, after })
  show()
  const end = doc.subscribe((changes) => {
    if (changes.map(take).includes(true)) frame ??= requestAnimationFrame(show)
  })
  onScopeDispose(() => {
    end()
    if (frame !== undefined) cancelAnimationFrame(frame)
  })

  /** The ids of the layers, bottom first. */
  const ids = () => rows.value.flatMap(({ id }) => (id === null ? [] : [id])).reverse()

  function add(): RecordId {
    const id = newRecordId()
    const top = ids().at(-1)
    const z = keyBetween(top === undefined ? null : keys.get(top)!, null, systemRandom)
    doc.edit([[id, { kind: 'layer', name: freeName(rows.value), z }]])
    return id
  }

  /** Moves a layer to a place counted from the top. */
  function move(id: RecordId, place: number): void {
    const others = ids().filter((other) => other !== id)
    const at = Math.min(Math.max(others.length - place, 0), others.length)
    const key = (other: RecordId | undefined) => (other === undefined ? null : (keys.get(other) ?? null))
    doc.edit([[id, { z: keyBetween(key(others[at - 1]), key(others[at]), systemRandom) }]])
  }

  function set(id: RecordId, patch: Patch): void {
    doc.edit([[id, patch]])
  }

  /** Deletes a layer. Its shapes stay: of a layer that is not there, a shape is in none. */
  function remove(id: RecordId): void {
    doc.edit([[id, { deleted: true }]])
  }

  return { rows, add, move, set, remove }
}

function rowOf(id: RecordId, { name, hidden, locked }: Patch, count: number): LayerRow {
  return { id, name: typeof name === 'string' && name !== '' ? name : t('panels.layers.layer', { n: '' }).trim(), hidden: hidden === true, locked: locked === true, count }
}

function freeName(rows: readonly LayerRow[]): string {
  for (let n = rows.length; ; n++) {
    const name = t('panels.layers.layer', { n })
    if (!rows.some((row) => row.name === name)) return name
  }
}
