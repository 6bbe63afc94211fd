import type { Json, Role } from '../board/types'
import { ApiError, type BoardApi, type Transport, type TransportListener } from '../sync/ports'
import type { Dice } from './random'
import type { FakeServer, Peer } from './server'
import type { Simulation } from './simulation'

/** How bad the network is. Messages of one connection never overtake each other. */
export interface Weather {
  /** Ms each way: from, to. */
  delay: readonly [least: number, most: number]
  /** How likely an event reaches the server twice, and how likely its outcome doesn't come back. */
  duplicate: number
  loss: number
}

export const FINE: Weather = { delay: [5, 5], duplicate: 0, loss: 0 }

const RECONNECT_AFTER = 1000

interface Link {
  readonly peer: Peer
  /** When the last message each way arrives. */
  up: number
  down: number
  /** Rejects what waits for an outcome. */
  readonly waiting: Set<(err: Error) => void>
}

/** One browser's line to the server: WebSocket and HTTP fail together. */
export class FakeLine implements Transport {
  weather = FINE
  /** False: nothing gets through. */
  up = true
  private url: (() => Promise<string>) | undefined
  private listener: TransportListener | undefined
  private link: Link | undefined
  private cancelRetry: (() => void) | undefined
  /** Counts attempts and losses: an older attempt comes to nothing. */
  private generation = 0

  constructor(
    private readonly sim: Simulation,
    private readonly server: FakeServer,
    private readonly dice: Dice,
    public user: string,
    private readonly role: Role = 'editor',
  ) {}

  /** Breaks the connection; messages on their way down are lost, those on their way up may arrive. */
  cut(): void {
    this.drop()
    if (this.url) this.cancelRetry = this.sim.after(RECONNECT_AFTER, () => void this.attempt())
  }

  /** Takes the browser off the network, or brings it back. */
  setUp(up: boolean): void {
    this.up = up
    if (!up) this.cut()
  }

  connect(url: () => Promise<string>, listener: TransportListener): void {
    this.url = url
    this.listener = listener
    void this.attempt()
  }

  reconnect(): void {
    this.drop()
    void this.attempt()
  }

  close(): void {
    this.url = undefined
    this.drop()
  }

  sendEvent(name: string, data: Json): Promise<void> {
    const link = this.link
    const content = structuredClone(data) as Json
    if (!link) return Promise.reject(new Error('not connected'))
    return new Promise((resolve, reject) => {
      link.waiting.add(reject)
      const arrive = () => {
        this.server.event(link.peer, name, content)
        if (this.dice.chance(this.weather.loss)) return
        this.later(link, 'down', () => {
          link.waiting.delete(reject)
          resolve()
        })
      }
      this.later(link, 'up', arrive)
      if (this.dice.chance(this.weather.duplicate)) this.later(link, 'up', arrive)
    })
  }

  sendToGroup(group: string, data: Json): void {
    const link = this.link
    const content = structuredClone(data) as Json
    if (link) this.later(link, 'up', () => this.server.toGroup(link.peer, group, content))
  }

  /** HTTP by the same line. */
  api(): BoardApi {
    const { server, role } = this
    return {
      negotiate: (name) =>
        this.request(() => {
          const user = { id: this.user, name: name ?? this.user }
          return { url: 'wss://fake', user, role, seq: server.seq, now: server.now() }
        }),
      snapshot: () => this.request(() => server.snapshot()),
      entries: (after, limit) => this.request(() => server.entries(after, limit)),
      people: () => this.request(() => server.people()),
    }
  }

  private async attempt(): Promise<void> {
    const { url, listener } = this
    if (!url || !listener) return
    const generation = ++this.generation
    listener.state('connecting')
    try {
      await url()
      await this.pass(this.delay())
      if (!this.up) throw new Error('no network')
      if (this.generation === generation) this.opened(listener)
    } catch {
      if (this.generation === generation) this.cut()
    }
  }

  private opened(listener: TransportListener): void {
    const deliver = (group: string | undefined, data: Json, from?: string) =>
      this.later(link, 'down', () => {
        if (group === undefined) listener.message(data)
        else listener.groupMessage(group, data, from)
      })
    const peer: Peer = { user: this.user, role: this.role, name: this.user, deliver }
    const link: Link = { peer, up: 0, down: 0, waiting: new Set() }
    this.link = link
    listener.state('open')
    this.server.join(peer)
  }

  private drop(): void {
    const { link } = this
    this.cancelRetry?.()
    this.generation++
    this.link = undefined
    if (link) {
      this.server.leave(link.peer)
      for (const reject of link.waiting) reject(new Error('connection lost'))
    }
    this.listener?.state('closed')
  }

  /** Runs `fn` when a message sent now arrives: after those sent before. */
  private later(link: Link, way: 'up' | 'down', fn: () => void): void {
    link[way] = Math.max(link[way], this.sim.now() + this.delay())
    this.sim.after(link[way] - this.sim.now(), () => {
      if (way === 'up' || this.link === link) fn()
    })
  }

  private async request<T>(answer: () => T): Promise<T> {
    await this.pass(this.delay())
    if (!this.up || this.dice.chance(this.weather.loss)) throw new ApiError(0, 'unreachable', 'no network')
    const value = answer()
    await this.pass(this.delay())
    if (!this.up) throw new ApiError(0, 'unreachable', 'no network')
    return value
  }

  private pass(ms: number): Promise<void> {
    return new Promise((resolve) => void this.sim.after(ms, resolve))
  }

  private delay(): number {
    return this.dice.int(...this.weather.delay)
  }
}
