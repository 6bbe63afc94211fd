import { BOARD_RECORD, newRecordId } from '../board/ids'
import { keysBetween } from '../board/order'
import type { Json, Patch, RecordId } from '../board/types'
import { isObject } from '../board/validate'
import { extentOf } from '../shapes/transform'
import type { Fragment, Props } from './fragment'

/** The board that a fragment comes to. */
export interface Place {
  /** Whether a record or a group has this id. */
  taken(id: string): boolean
  /** The order key of the topmost shape; null when there is none. */
  readonly topKey: string | null
  readonly random: () => number
  /** Where the middle comes; undefined = everything stays where it is. */
  readonly at?: { readonly x: number; readonly y: number } | undefined
  /** The frame that shapes come into which are in none. */
  readonly frame?: RecordId | undefined
  /** Whether all get new ids, as copies do. */
  readonly fresh?: boolean
}

export interface Placed {
  readonly edits: readonly (readonly [RecordId, Patch])[]
  /** The new ids of shapes, by those in the fragment. */
  readonly ids: ReadonlyMap<RecordId, RecordId>
  /** How far everything was moved. */
  readonly by: readonly [number, number]
}

/** Layers first, then the shapes above all others, with new ids where theirs are taken, together bound and grouped as before. */
export function place(fragment: Fragment, to: Place): Placed {
  const naming = new Naming(to)
  const { shapes, layers = [] } = fragment
  for (const [id] of [...layers, ...shapes]) naming.name(id)
  const keys = keysBetween(to.topKey, null, shapes.length, to.random)
  const [dx, dy] = offset(shapes, to)
  const edits = shapes.map(([id, p], i) => [naming.of(id)!, { ...moved(p, dx, dy), ...links(p, naming, to), z: keys[i]! }] as const)
  const ids = new Map(shapes.map(([id]) => [id, naming.of(id)!]))
  return { by: [dx, dy], edits: [...layers.map(([id, p]) => [naming.of(id)!, p] as const), ...edits], ids }
}

/** New ids of records, which may be referred to, and of groups, which come up as they go. */
class Naming {
  private readonly records = new Map<RecordId, RecordId>()
  private readonly groups = new Map<string, string>()

  constructor(private readonly to: Place) {}

  name(id: RecordId): void {
    this.records.set(id, this.free(id))
  }

  of(id: unknown): RecordId | undefined {
    return this.records.get(id as RecordId)
  }

  group(id: string): string {
    const known = this.groups.get(id) ?? this.free(id)
    this.groups.set(id, known)
    return known
  }

  private free(id: string): string {
    return this.to.fresh || id === BOARD_RECORD || this.to.taken(id) ? newRecordId(this.to.random) : id
  }
}

function offset(shapes: Fragment['shapes'], { at }: Place): [number, number] {
  const box = at && extentOf(shapes.map(([, p]) => p))
  return at && box ? [Math.round(at.x - (box.minX + box.maxX) / 2), Math.round(at.y - (box.minY + box.maxY) / 2)] : [0, 0]
}

function moved(p: Patch, dx: number, dy: number): Patch {
  const [x, y] = p['at'] as readonly [number, number]
  return { ...p, at: [x + dx, y + dy] }
}

/** What a shape says of others: those that do not come along are not there. */
function links(p: Patch, naming: Naming, to: Place): Props {
  const changed: Props = {}
  for (const prop of ['startbind', 'endbind']) if (p[prop]) changed[prop] = bound(p[prop], naming)
  if (Array.isArray(p['groups'])) changed['groups'] = p['groups'].map((id) => naming.group(id as string))
  if (p['layer']) changed['layer'] = naming.of(p['layer']) ?? null
  const frame = naming.of(p['frame']) ?? (p['kind'] === 'frame' ? undefined : to.frame)
  if (p['frame'] || frame) changed['frame'] = frame ?? null
  return changed
}

function bound(bind: Json, naming: Naming): Json {
  const to = isObject(bind) ? naming.of(bind['to']) : undefined
  return to === undefined ? null : ({ ...(bind as Patch), to } as Json)
}

/** Room between fragments that come together. */
const GAP = 24

/** Fragments with different ids as one, from left to right. */
export function beside(fragments: readonly Fragment[]): Fragment {
  const shapes: (readonly [RecordId, Patch])[] = []
  let right: number | undefined
  for (const fragment of fragments) {
    const box = extentOf(fragment.shapes.map(([, p]) => p))
    const [dx, dy] = box && right !== undefined ? [right + GAP - box.minX, -box.minY] : [0, box ? -box.minY : 0]
    shapes.push(...fragment.shapes.map(([id, p]) => [id, moved(p, dx, dy)] as const))
    if (box) right = box.maxX + dx
  }
  return { shapes, files: fragments.flatMap(({ files }) => files), warnings: fragments.flatMap(({ warnings }) => warnings) }
}
