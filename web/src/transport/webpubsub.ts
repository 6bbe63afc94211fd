import type { Json } from '../board/types'
import { backoff, type Scheduler, type Transport, type TransportListener } from '../sync/ports'
import { Connection, SUBPROTOCOL, type Socket } from './connection'

/** Pause before an attempt to connect, in ms: the first, and the longest. */
const RETRY_FIRST = 250
const RETRY_MOST = 4000

/**
 * Connects to the messaging service in its plain JSON subprotocol. What was missed while away is repaired
 * by the session, so that the service's own recovery is not needed.
 */
export class WebPubSubTransport implements Transport {
  private connection: Connection | undefined
  /** Tells attempts apart: what an older one brings is dropped. */
  private attempt_ = 0
  private url: (() => Promise<string>) | undefined
  private listener: TransportListener | undefined
  private failures = 0
  private open = false
  private cancelRetry: (() => void) | undefined

  /** `newSocket` is for tests. */
  constructor(
    private readonly scheduler: Scheduler,
    private readonly newSocket: (url: string) => Socket = (url) => new WebSocket(url, SUBPROTOCOL),
  ) {}

  connect(url: () => Promise<string>, listener: TransportListener): void {
    this.url = url
    this.listener = listener
    this.attempt()
  }

  reconnect(): void {
    if (!this.url) return
    this.leave()
    this.attempt()
  }

  close(): void {
    this.url = undefined
    this.leave()
  }

  async sendEvent(name: string, data: Json): Promise<void> {
    if (!this.connection || !this.open) throw new Error('not connected')
    await this.connection.sendEvent(name, data)
  }

  /** What can't be sent is stale by the time it could be: the live lane is lossy. */
  sendToGroup(group: string, data: Json): void {
    if (this.open) this.connection?.sendToGroup(group, data)
  }

  private attempt(): void {
    const { url, listener } = this
    if (!url || !listener) return
    const attempt = ++this.attempt_
    listener.state('connecting')
    url().then(
      (address) => this.attempt_ === attempt && this.begin(address, listener),
      () => this.attempt_ === attempt && this.lost(),
    )
  }

  private begin(address: string, listener: TransportListener): void {
    this.connection = new Connection(this.newSocket(address), this.scheduler, {
      opened: () => this.opened(listener),
      lost: () => this.lost(),
      message: (data) => listener.message(data),
      groupMessage: (group, data, user) => listener.groupMessage(group, data, user),
    })
  }

  private opened(listener: TransportListener): void {
    this.open = true
    this.failures = 0
    listener.state('open')
  }

  private lost(): void {
    this.leave()
    if (!this.url) return
    const delay = backoff(this.failures++, RETRY_FIRST, RETRY_MOST, this.scheduler.random)
    this.cancelRetry = this.scheduler.after(delay, () => this.attempt())
  }

  /** Nothing of what was begun before is heard any more. */
  private leave(): void {
    this.cancelRetry?.()
    const began = this.attempt_++ > 0
    this.connection?.close()
    this.connection = undefined
    this.open = false
    if (began) this.listener?.state('closed')
  }
}
