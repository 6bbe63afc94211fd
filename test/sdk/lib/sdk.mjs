// The official packages in the versions under test, and short ways to use them.

import * as newestService from '@azure/web-pubsub'
import * as newestClient from '@azure/web-pubsub-client'
import * as oldestService from 'web-pubsub-oldest'
import * as oldestClient from 'web-pubsub-client-oldest'

import { Inbox } from './inbox.mjs'

/** The versions; all that is said of one holds for the other unless a test says otherwise. */
export const versions = [
  { name: 'newest SDKs', ...newestService, ...newestClient },
  { name: 'oldest SDKs', ...oldestService, ...oldestClient },
]
export const [newest] = versions

/** The REST client of an application server. */
export function serviceClient(sdk, connectionString, hub) {
  return new sdk.WebPubSubServiceClient(connectionString, hub, {
    allowInsecureConnection: true,
    retryOptions: { maxRetries: 0 },
  })
}

/** A WebSocket client and what happened to it. */
export class Client {
  groups = new Inbox()
  server = new Inbox()
  connected = new Inbox()
  disconnected = new Inbox()
  stopped = new Inbox()

  constructor(sdk, url, { plain = false, ...options } = {}) {
    const protocol = plain ? sdk.WebPubSubJsonProtocol() : sdk.WebPubSubJsonReliableProtocol()
    this.sdk = new sdk.WebPubSubClient(url, {
      protocol,
      messageRetryOptions: { maxRetries: 0 },
      reconnectRetryOptions: { maxRetries: 100, retryDelayInMs: 50, maxRetryDelayInMs: 50 },
      // The timers of keep-alive outlive the client and would keep the process from ending.
      keepAliveIntervalInMs: 0,
      keepAliveTimeoutInMs: 0,
      ...options,
    })
    this.sdk.on('group-message', (e) => this.groups.put(e.message))
    this.sdk.on('server-message', (e) => this.server.put(e.message))
    this.sdk.on('connected', (e) => this.connected.put(e))
    this.sdk.on('disconnected', (e) => this.disconnected.put(e))
    this.sdk.on('stopped', (e) => this.stopped.put(e))
  }

  /** Starts and returns once the service has said who this is. */
  async start() {
    await this.sdk.start()
    this.id = (await this.connected.find()).connectionId
    return this
  }
}

/** Clients that a test opens through it are stopped by close. */
export class Clients {
  #open = []

  constructor(sdk, service) {
    this.sdk = sdk
    this.service = service
  }

  /** Starts a client with a token of the given claims. */
  async open(claims = {}, options = {}) {
    const { url } = await this.service.getClientAccessToken(claims)
    return this.openURL(url, options)
  }

  async openURL(url, options) {
    const client = new Client(this.sdk, url, options)
    this.#open.push(client)
    return client.start()
  }

  close() {
    for (const client of this.#open.splice(0)) client.sdk.stop()
  }
}
