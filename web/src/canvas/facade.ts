import { newRecordId, systemRandom } from '../board/ids'
import { keyBetween, keysBetween } from '../board/order'
import type { RecordId } from '../board/types'
import type { Selection } from '../editor/selection'
import type { Style } from '../editor/style'
import { visible, type Camera, type Size } from '../geometry/camera'
import type { Shape } from '../shapes'
import type { Board, Snap } from '../tools'
import type { Scene } from './scene'

export interface FacadeOptions {
  readonly scene: Scene
  readonly selection: Selection
  camera(): Camera
  size(): Size
  style(): Style
  snap(): Snap
}

/** What tools see of a board's view. */
export function boardFor(o: FacadeOptions): Board {
  const { scene, selection } = o
  const groups = groupsOf(scene)
  const isFree = ({ id }: Shape) => !scene.isLocked(id)
  return {
    get zoom() {
      return o.camera().zoom
    },
    get selection() {
      return selection.ids
    },
    get style() {
      return o.style()
    },
    get snap() {
      return o.snap()
    },
    get view() {
      return visible(o.camera(), o.size())
    },
    newKey: () => keyBetween(scene.topKey, null, systemRandom),
    newKeys: (count) => keysBetween(scene.topKey, null, count, systemRandom),
    newId: () => newRecordId(),
    get: (id) => scene.get(id),
    hit: (at, radius) => scene.topmost(at, radius, isFree),
    within: (box) => scene.within(box).filter(isFree),
    unit: (id) => groups.unit(id),
    children: (frame) => scene.sorted(scene.dependents([frame])).filter(({ props }) => props['frame'] === frame),
  }
}

/** The groups of the visible shapes, looked through anew after changes only. */
function groupsOf(scene: Scene) {
  let members: Map<RecordId, RecordId[]> | undefined
  scene.subscribe(() => (members = undefined))

  function unit(id: RecordId): readonly RecordId[] {
    const group = outermost(scene.get(id))
    if (group === undefined) return [id]
    members ??= find()
    return members.get(group) ?? [id]
  }

  function find(): Map<RecordId, RecordId[]> {
    const found = new Map<RecordId, RecordId[]>()
    for (const shape of scene.all()) {
      const group = outermost(shape)
      const known = group === undefined ? undefined : found.get(group)
      if (known) known.push(shape.id)
      else if (group !== undefined) found.set(group, [shape.id])
    }
    return found
  }

  return { unit }
}

function outermost(shape: Shape | undefined): RecordId | undefined {
  const groups = shape?.props['groups']
  return Array.isArray(groups) ? (groups.at(-1) as RecordId | undefined) : undefined
}
