import type { Op, Patch, RecordId, Role } from '../board/types'
import { MemoryStorage } from '../sync/outbox'
import { Session, type SessionOptions } from '../sync/session'
import { FakeLine, type Weather } from './network'
import { Dice } from './random'
import type { FakeServer } from './server'
import type { Simulation } from './simulation'

const COLORS = ['red', 'green', 'orange', 'indigo', 'black']

export interface TabOptions {
  readonly sim: Simulation
  readonly server: FakeServer
  readonly user: string
  readonly dice: Dice
  readonly role?: Role
  /** What the tabs of one browser share; survives reload(). */
  readonly shared?: ConstructorParameters<typeof MemoryStorage>[0]
  /** Ms that this machine's clock is ahead. */
  readonly skew?: number
  /** Collects the ops that are made here. */
  readonly made?: Op[]
  readonly options?: Partial<SessionOptions>
}

/** A browser tab on the board: a session over a fake line. */
export class Tab {
  readonly line: FakeLine
  session: Session
  private readonly shared: NonNullable<TabOptions['shared']>
  private storage: MemoryStorage | undefined

  constructor(private readonly o: TabOptions) {
    this.line = new FakeLine(o.sim, o.server, o.dice, o.user, o.role)
    this.shared = o.shared ?? new Map()
    this.session = this.open()
  }

  get document() {
    return this.session.document
  }

  /** Saved, and as far as the server is. */
  get isQuiet(): boolean {
    return this.session.status.at === 'saved' && this.session.document.digest() === this.o.server.digest()
  }

  set weather(weather: Weather) {
    this.line.weather = weather
  }

  /** Leaves in good order and opens the board again. */
  async reload(): Promise<void> {
    await this.session.stop()
    this.session = this.open()
  }

  /** Dies without a word; the next session finds the outbox ownerless. */
  crash(): void {
    this.line.close()
    void this.session.stop()
    for (const entry of this.shared.values()) if (entry.owner === this.storage) entry.owner = undefined
    this.session = this.open()
  }

  /** Does something that a person might do. */
  act(): void {
    const { dice } = this.o
    const ids = this.ids()
    const draw = () => this.document.edit([[`s${dice.int(0, 1e9)}`, this.shape()]])
    const move = () => this.document.edit([[dice.pick(ids), { at: [dice.int(0, 99), dice.int(0, 99)] }]])
    const paint = () => this.document.edit([[dice.pick(ids), { color: dice.pick(COLORS), width: dice.int(1, 9) }]])
    const erase = () => this.document.edit([[dice.pick(ids), { deleted: true }]])
    const clear = () => this.document.edit(ids.map((id) => [id, { deleted: true }]))
    const say = () => this.session.sendChat(`line ${dice.int(0, 999)}`)
    const undo = () => this.document.history.undo()
    const redo = () => this.document.history.redo()
    const always = [draw, draw, undo, redo, say]
    dice.pick(ids.length > 0 ? [...always, move, move, paint, paint, erase, ...(dice.chance(0.1) ? [clear] : [])] : always)()
  }

  /** The shapes that can be seen. */
  ids(): RecordId[] {
    return [...this.document.records()].filter(([, p]) => p['kind'] === 'rect' && p['deleted'] !== true).map(([id]) => id)
  }

  private shape(): Patch {
    const { dice } = this.o
    return { kind: 'rect', at: [dice.int(0, 99), dice.int(0, 99)], size: [9, 9], z: 'a0', color: dice.pick(COLORS), width: 2 }
  }

  private open(): Session {
    const { sim, server, dice, skew, options } = this.o
    const session = new Session({
      board: server.group.slice(2),
      api: this.line.api(),
      transport: this.line,
      scheduler: sim.scheduler(dice.random, skew),
      outboxes: async () => (this.storage = new MemoryStorage(this.shared)),
      ...options,
    })
    if (this.o.made) session.document.onOps((ops) => this.o.made!.push(...ops))
    session.start()
    return session
  }
}

/** What can be seen of a document: its records that are not deleted, without defaults. */
export function visible(doc: { records(): Iterable<[RecordId, Patch]> }): Record<RecordId, Patch> {
  const shown: Record<RecordId, Patch> = {}
  for (const [id, { deleted, ...rest }] of doc.records()) if (deleted !== true) shown[id] = rest
  return shown
}
