import type { Patch, RecordId } from '../board/types'
import { compareOrder } from '../board/order'
import { overlaps, type Box } from '../geometry/box'
import { screen, world } from '../geometry/point'
import { shapeOf, touches, type Shape } from '../shapes'
import { NO_HINT, NO_MODIFIERS, type Board, type Effect, type Hint, type Modifiers, type Place, type Pointer, type Snap, type Tool } from '../tools'

/** A board in memory for tests of tools, which does what they want done. Its screen shows the world as it is at 100 %. */
export class ToolBoard implements Board {
  readonly records = new Map<RecordId, Patch>()
  selection: ReadonlySet<RecordId> = new Set()
  style = { color: 'black', width: 4 }
  snap: Snap = { objects: false, grid: undefined }
  view: Box = { minX: 0, minY: 0, maxX: 1280, maxY: 800 }
  zoom = 1
  /** What is shown before it is made. */
  preview = new Map<RecordId, Patch>()
  hint: Hint = NO_HINT
  cursor = ''
  /** All effects since the last call of `take`. */
  private log: Effect[] = []
  private ids = 0
  private keys = 0

  constructor(records: { readonly [id: RecordId]: Patch } = {}) {
    for (const [id, props] of Object.entries(records)) this.records.set(id, { z: this.newKey(), color: 'black', width: 2, ...props })
  }

  newKey(): string {
    return `a${String.fromCharCode(66 + Math.floor(this.keys / 50))}${String.fromCharCode(66 + (this.keys++ % 50))}`
  }

  newKeys(count: number): string[] {
    return Array.from({ length: count }, () => this.newKey())
  }

  newId(): RecordId {
    return `new${++this.ids}`
  }

  get(id: RecordId): Shape | undefined {
    return shapeOf(id, this.records.get(id), (other) => this.records.get(other))
  }

  hit(at: Place['at'], radius: number): Shape | undefined {
    return this.unlocked().findLast((shape) => touches(shape, { a: at, b: at }, radius))
  }

  within(box: Box): Shape[] {
    return this.unlocked().filter((shape) => overlaps(shape.box, box))
  }

  unit(id: RecordId): readonly RecordId[] {
    const group = groupsOf(this.records.get(id)).at(-1)
    if (group === undefined) return [id]
    return this.all().flatMap((shape) => (groupsOf(shape.props).at(-1) === group ? [shape.id] : []))
  }

  children(frame: RecordId): Shape[] {
    return this.all().filter(({ props }) => props['frame'] === frame)
  }

  all(): Shape[] {
    return [...this.records.keys()].flatMap((id) => this.get(id) ?? []).sort(compareOrder)
  }

  /** Does what a tool wants, and returns it. */
  perform(effects: readonly Effect[]): readonly Effect[] {
    this.log.push(...effects)
    for (const effect of effects) this.one(effect)
    return effects
  }

  /** The effects since the last call. */
  take(): Effect[] {
    return this.log.splice(0)
  }

  private one(effect: Effect): void {
    switch (effect.do) {
      case 'preview':
        this.preview = new Map(effect.edits)
        return
      case 'edit':
        this.preview = new Map()
        this.hint = NO_HINT
        for (const [id, patch] of effect.edits) this.records.set(id, { ...this.records.get(id), ...patch })
        if (effect.then?.select) this.selection = new Set(effect.then.select)
        return
      case 'select':
        this.selection = new Set(effect.ids)
        return
      case 'hint':
        this.hint = effect.hint
        return
      case 'cursor':
        this.cursor = effect.cursor
        return
      case 'give-up':
        this.preview = new Map()
        this.hint = NO_HINT
    }
  }

  private unlocked(): Shape[] {
    return this.all().filter(({ props }) => props['locked'] !== true)
  }
}

export const placeAt = (x: number, y: number): Place => ({ at: world(x, y), on: screen(x, y) })

/** A hand that uses a tool on a board. */
export class Hand {
  private mods = NO_MODIFIERS

  constructor(
    readonly tool: Tool,
    readonly board: ToolBoard,
    readonly pointer: Pointer = 'mouse',
  ) {}

  down(x: number, y: number, clicks = 1): this {
    return this.handle({ type: 'down', place: placeAt(x, y), mods: this.mods, pointer: this.pointer, clicks })
  }

  move(x: number, y: number): this {
    return this.handle({ type: 'move', places: [placeAt(x, y)], predicted: [], mods: this.mods })
  }

  hover(x: number, y: number): this {
    return this.handle({ type: 'hover', place: placeAt(x, y), mods: this.mods })
  }

  up(): this {
    return this.handle({ type: 'up' })
  }

  cancel(): this {
    return this.handle({ type: 'cancel' })
  }

  hold(): this {
    return this.handle({ type: 'hold' })
  }

  finish(): this {
    return this.handle({ type: 'finish' })
  }

  /** Presses these modifiers and lets go of all others. */
  press(mods: Partial<Modifiers> = {}): this {
    this.mods = { ...NO_MODIFIERS, ...mods }
    return this.handle({ type: 'mods', mods: this.mods })
  }

  click(x: number, y: number, clicks = 1): this {
    return this.down(x, y, clicks).up()
  }

  doubleClick(x: number, y: number): this {
    return this.click(x, y).click(x, y, 2)
  }

  drag(...points: readonly (readonly [number, number])[]): this {
    const [first, ...rest] = points
    this.down(...first!)
    for (const point of rest) this.move(...point)
    return this.up()
  }

  /** A drag whose whole way comes in one event, as on a busy machine. */
  dash(first: readonly [number, number], ...way: readonly (readonly [number, number])[]): this {
    return this.down(...first).handle({ type: 'move', places: way.map((point) => placeAt(...point)), predicted: [], mods: this.mods }).up()
  }

  private handle(event: Parameters<Tool['handle']>[0]): this {
    this.board.perform(this.tool.handle(event, this.board))
    return this
  }
}

function groupsOf(props: Patch | undefined): readonly RecordId[] {
  const groups = props?.['groups']
  return Array.isArray(groups) ? (groups as RecordId[]) : []
}
