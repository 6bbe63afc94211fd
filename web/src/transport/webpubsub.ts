import { WebPubSubClient, WebPubSubJsonProtocol } from '@azure/web-pubsub-client'
import type { Json } from '../board/types'
import { backoff, type Scheduler, type Transport, type TransportListener } from '../sync/ports'

/** Pings, and the silence after which a connection counts as lost, in ms. */
const PING_EVERY = 10_000
const SILENCE = 25_000
/** Pause before an attempt to connect, in ms: the first, and the longest. */
const RETRY_FIRST = 250
const RETRY_MOST = 4000

/** The part of the service's client SDK that is used. */
export type Client = Pick<WebPubSubClient, 'start' | 'stop' | 'on' | 'sendEvent' | 'sendToGroup'>

/**
 * Connects to the messaging service with its client SDK and the plain JSON subprotocol. Every
 * connection is a new client: events of an old one never touch a new one's state.
 */
export class WebPubSubTransport implements Transport {
  private client: Client | undefined
  private url: (() => Promise<string>) | undefined
  private listener: TransportListener | undefined
  private attempts = 0
  private open = false
  private cancelRetry: (() => void) | undefined

  /** `newClient` is for tests. */
  constructor(
    private readonly scheduler: Scheduler,
    private readonly newClient: (url: () => Promise<string>) => Client = jsonClient,
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
    if (!this.client || !this.open) throw new Error('not connected')
    await this.client.sendEvent(name, data as Record<string, unknown>, 'json')
  }

  sendToGroup(group: string, data: Json): void {
    if (!this.client || !this.open) return
    const content = data as Record<string, unknown>
    // What can't be sent is stale by the time it could be: the live lane is lossy.
    this.client.sendToGroup(group, content, 'json', { noEcho: true, fireAndForget: true }).catch(() => undefined)
  }

  private attempt(): void {
    const { url, listener } = this
    if (!url || !listener) return
    const client = this.newClient(url)
    this.client = client
    const current = () => this.client === client
    // A client that is stopped while it connects gets through nevertheless.
    client.on('connected', () => (current() ? this.opened(listener) : client.stop()))
    client.on('disconnected', () => current() && this.lost())
    client.on('stopped', () => current() && this.lost())
    client.on('server-message', ({ message }) => current() && listener.message(message.data))
    client.on('group-message', ({ message: { group, data, fromUserId } }) => {
      if (current()) listener.groupMessage(group, data, fromUserId ?? undefined)
    })
    listener.state('connecting')
    client.start().catch(() => current() && this.lost())
  }

  private opened(listener: TransportListener): void {
    this.open = true
    this.attempts = 0
    listener.state('open')
  }

  private lost(): void {
    this.leave()
    if (!this.url) return
    const delay = backoff(this.attempts++, RETRY_FIRST, RETRY_MOST, this.scheduler.random)
    this.cancelRetry = this.scheduler.after(delay, () => this.attempt())
  }

  /** Forgets the client first, so that none of its events is heard any more. */
  private leave(): void {
    const { client } = this
    this.cancelRetry?.()
    this.client = undefined
    this.open = false
    client?.stop()
    if (client) this.listener?.state('closed')
  }
}

function jsonClient(url: () => Promise<string>): Client {
  return new WebPubSubClient(
    { getClientAccessUrl: url },
    {
      protocol: WebPubSubJsonProtocol(),
      autoReconnect: false,
      autoRejoinGroups: false,
      messageRetryOptions: { maxRetries: 0 },
      keepAliveIntervalInMs: PING_EVERY,
      keepAliveTimeoutInMs: SILENCE,
    },
  )
}
