import type { Json } from '../board/types'
import type { Scheduler } from '../sync/ports'

/** Pings, and the silence after which a connection counts as lost, in ms. */
const PING_EVERY = 10_000
const SILENCE = 25_000
/** Events that wait for their acknowledgement at most; the commit lane has one. */
const MAX_PENDING = 100

export const SUBPROTOCOL = 'json.webpubsub.azure.v1'

/** The part of a WebSocket that is used. */
export type Socket = Pick<WebSocket, 'send' | 'close' | 'onmessage' | 'onclose'>

export interface ConnectionListener {
  /** The service has accepted the connection. */
  opened(): void
  /** It is over; nothing else is heard afterwards. */
  lost(): void
  message(data: unknown): void
  groupMessage(group: string, data: unknown, user: string | undefined): void
}

interface Pending {
  resolve(): void
  reject(reason: Error): void
}

/** One connection to the messaging service in its plain JSON subprotocol, from opening to loss. */
export class Connection {
  private readonly pending = new Map<number, Pending>()
  private cancelPing = (): void => undefined
  private isOpen = false
  private ackId = 0
  private heard: number
  private over = false

  constructor(
    private readonly socket: Socket,
    private readonly scheduler: Scheduler,
    private readonly listener: ConnectionListener,
  ) {
    this.heard = scheduler.now()
    this.ping()
    socket.onmessage = ({ data }) => this.receive(data)
    socket.onclose = () => this.end()
  }

  /** Resolves when the service has passed the event on; rejects when it has not or may not have. */
  sendEvent(event: string, data: Json): Promise<void> {
    if (this.over || this.pending.size >= MAX_PENDING) return Promise.reject(new Error('not connected'))
    const ackId = ++this.ackId
    return new Promise((resolve, reject) => {
      this.pending.set(ackId, { resolve, reject })
      this.send({ type: 'event', event, ackId, dataType: 'json', data })
    })
  }

  /** Publishes without echo and without acknowledgement. */
  sendToGroup(group: string, data: Json): void {
    if (!this.over) this.send({ type: 'sendToGroup', group, noEcho: true, dataType: 'json', data })
  }

  /** Ends it; the listener hears nothing more, of this either. */
  close(): void {
    if (this.over) return
    this.over = true
    this.release()
    this.socket.close()
  }

  private send(frame: Json): void {
    this.socket.send(JSON.stringify(frame))
  }

  private receive(text: unknown): void {
    if (this.over || typeof text !== 'string') return
    this.heard = this.scheduler.now()
    const frame = JSON.parse(text) as Record<string, unknown>
    switch (frame['type']) {
      case 'system':
        if (frame['event'] === 'connected') this.opened()
        break
      case 'ack':
        this.acknowledge(frame)
        break
      case 'message':
        if (frame['from'] !== 'group') this.listener.message(frame['data'])
        else this.listener.groupMessage(String(frame['group']), frame['data'], (frame['fromUserId'] as string | null) ?? undefined)
    }
  }

  private opened(): void {
    this.isOpen = true
    this.listener.opened()
  }

  private acknowledge({ ackId, success, error }: Record<string, unknown>): void {
    const pending = this.pending.get(ackId as number)
    this.pending.delete(ackId as number)
    const { name, message } = (error ?? {}) as { name?: string; message?: string }
    if (success === true || name === 'Duplicate') pending?.resolve()
    else pending?.reject(new Error(message ?? name ?? 'not accepted'))
  }

  /** Pings while connected: a connection that has been silent for too long is lost. */
  private ping(): void {
    this.cancelPing = this.scheduler.after(PING_EVERY, () => {
      if (this.scheduler.now() - this.heard >= SILENCE) {
        this.socket.close()
        return this.end()
      }
      if (this.isOpen) this.send({ type: 'ping' })
      this.ping()
    })
  }

  private end(): void {
    if (this.over) return
    this.over = true
    this.release()
    this.listener.lost()
  }

  private release(): void {
    this.cancelPing()
    for (const { reject } of this.pending.values()) reject(new Error('the connection was lost'))
    this.pending.clear()
  }
}
