import { Document } from '../board/document'
import { compareOrder } from '../board/order'
import type { Json, Patch, RecordId } from '../board/types'
import type { Action, Desk, Outcome } from '../editor/desk'
import { overlaps } from '../geometry/box'
import { shapeOf, type Shape } from '../shapes'
import { Dice, seededRandom } from './random'

/** A document with a selection, to which actions are done as the page does them. */
export class Bench {
  readonly document: Document
  readonly random: () => number
  selection: ReadonlySet<RecordId> = new Set()
  /** What the last action said. */
  last: Outcome = { edits: [] }

  constructor(seed = 1, actor = 'benchbench01') {
    this.random = seededRandom(seed)
    let time = 1_700_000_000_000
    this.document = new Document({ actor, now: () => time++ })
  }

  /** Puts records on the board; not to be undone. */
  put(records: { readonly [id: RecordId]: Patch }): this {
    this.document.edit(Object.entries(records), { history: false })
    return this
  }

  select(...ids: RecordId[]): this {
    this.selection = new Set(ids)
    return this
  }

  act(action: Action): Outcome {
    this.last = action(this.desk)
    this.document.edit(this.last.edits)
    if (this.last.select) this.selection = new Set(this.last.select)
    return this.last
  }

  get desk(): Desk {
    const { document, selection, random } = this
    const all = this.shapes()
    return {
      ...{ document, selection, random },
      shapes: {
        get: (id) => all.find((shape) => shape.id === id),
        all: () => all,
        within: (box) => all.filter((shape) => overlaps(shape.box, box)),
      },
    }
  }

  /** What is on the board and not hidden, bottom first. */
  shapes(): Shape[] {
    const lookup = (id: RecordId) => this.document.get(id)
    const all = [...this.document.records()].filter(([, props]) => props['hidden'] !== true).map(([id, props]) => shapeOf(id, props, lookup))
    return all.filter((shape) => shape !== undefined).sort(compareOrder)
  }

  /** The ids of all shapes, bottom first. */
  order(): string {
    return this.shapes()
      .map(({ id }) => id)
      .join(' ')
  }

  prop(id: RecordId, name: string): Json | undefined {
    return this.document.get(id)?.[name]
  }
}

/** A rectangle. */
export function box(x: number, y: number, w: number, h: number, more: Patch = {}): Patch {
  return { kind: 'rect', at: [x, y], size: [w, h], z: 'a1', ...more }
}

/** Some shapes, boxes and lines, turned and not, in groups and not. */
export function scatter(dice: Dice, count: number): { [id: RecordId]: Patch } {
  const records: { [id: RecordId]: Patch } = {}
  for (let i = 0; i < count; i++) {
    const common = {
      at: [dice.int(-300, 300), dice.int(-300, 300)],
      z: `a${'0123456789ABCDEFGHIJ'[i % 20]}V`,
      ...(dice.chance(0.4) && { rotation: dice.int(-30, 30) / 10 }),
      ...(dice.chance(0.3) && { groups: dice.chance(0.5) ? ['g1'] : ['g2', 'g3'] }),
      ...(dice.chance(0.15) && { locked: true }),
    }
    const kind = dice.pick(['rect', 'ellipse', 'line'])
    const size = kind === 'line' ? [dice.int(-90, 90), dice.int(-90, 90)] : [dice.int(5, 90), dice.int(5, 90)]
    records[`s${i}`] = { kind, size, ...common }
  }
  return records
}
