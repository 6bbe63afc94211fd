import type { Patch, RecordId } from '../board/types'

/** What a layer does to the shapes on it. */
interface Layer {
  readonly z: string
  readonly hidden: boolean
  readonly locked: boolean
}

const NO_LAYER: Layer = { z: '', hidden: false, locked: false }

/** The layers of a board. A layer that is not there is as none, which is beneath all others. */
export class Layers {
  private readonly layers = new Map<RecordId, Layer>()

  /** Takes over a record; returns whether shapes look or behave otherwise now. */
  take(id: RecordId, record: Patch | undefined): boolean {
    const old = this.layers.get(id)
    const layer = layerOf(record)
    if (layer) this.layers.set(id, layer)
    else this.layers.delete(id)
    return !sameLayer(old ?? NO_LAYER, layer ?? NO_LAYER)
  }

  clear(): void {
    this.layers.clear()
  }

  /** The layer of a shape. */
  of({ layer }: Patch): Layer {
    return (typeof layer === 'string' && this.layers.get(layer)) || NO_LAYER
  }
}

function layerOf(record: Patch | undefined): Layer | undefined {
  if (record?.['kind'] !== 'layer' || record['deleted'] === true) return undefined
  const { z, hidden, locked } = record
  return { z: typeof z === 'string' ? z : '', hidden: hidden === true, locked: locked === true }
}

function sameLayer(a: Layer, b: Layer): boolean {
  return a.z === b.z && a.hidden === b.hidden && a.locked === b.locked
}
