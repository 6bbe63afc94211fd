// The official packages in the versions under test, and short ways to use them.

import * as newestService from '@azure/web-pubsub'
import * as newestClient from '@azure/web-pubsub-client'
import * as newestExpress from '@azure/web-pubsub-express'
import * as oldestService from 'web-pubsub-oldest'
import * as oldestClient from 'web-pubsub-client-oldest'
import * as oldestExpress from 'web-pubsub-express-oldest'

import { secure } from './cell.mjs'
import { Inbox } from './inbox.mjs'
import { record, recordClass } from './record.mjs'

/** The versions; all that is said of one holds for the other unless a test says otherwise. */
export const versions = [
  version('newest', newestService, newestClient, newestExpress),
  version('oldest', oldestService, oldestClient, oldestExpress),
]
export const [newest, oldest] = versions

function version(age, service, client, express) {
  const { WebPubSubServiceClient: Service, WebPubSubClient, WebPubSubEventHandler } = { ...service, ...client, ...express }
  const group = new Service('Endpoint=https://localhost;AccessKey=x;', 'hub').group('group')
  record(`${age} WebPubSubGroup`, Object.getPrototypeOf(group))
  if (WebPubSubClient.prototype.onGroupStream) recordStreams(age, WebPubSubClient.prototype)
  return {
    ...service,
    ...client,
    name: `${age} SDKs`,
    age,
    WebPubSubServiceClient: recordClass(`${age} WebPubSubServiceClient`, Service),
    WebPubSubClient: recordClass(`${age} WebPubSubClient`, WebPubSubClient),
    WebPubSubEventHandler: recordClass(`${age} WebPubSubEventHandler`, WebPubSubEventHandler),
  }
}

/** Notes the calls of what streams are written to and read from. */
function recordStreams(age, client) {
  const { openGroupStream, onGroupStream } = client
  client.openGroupStream = async function (...args) {
    return record(`${age} GroupStreamWriter`, await openGroupStream.apply(this, args))
  }
  const seen = new Set()
  client.onGroupStream = function (...args) {
    const subscription = onGroupStream.apply(this, args)
    const prototype = Object.getPrototypeOf(subscription)
    if (!seen.has(prototype)) record(`${age} GroupStreamSubscription`, prototype)
    seen.add(prototype)
    return subscription
  }
}

/** Options every REST client needs here. The SDK refuses http unless told otherwise. */
export const httpOptions = { allowInsecureConnection: !secure, retryOptions: { maxRetries: 0 } }

/** The REST client of an application server. */
export function serviceClient(sdk, connectionString, hub, options) {
  return new sdk.WebPubSubServiceClient(connectionString, hub, { ...httpOptions, ...options })
}

/** A WebSocket client and what happened to it. */
export class Client {
  groups = new Inbox()
  server = new Inbox()
  connected = new Inbox()
  disconnected = new Inbox()
  stopped = new Inbox()
  rejoinFailed = new Inbox()
  // Until the test ends, however long a service takes to start.
  #reconnect = { maxRetries: 1_000_000, retryDelayInMs: 50, maxRetryDelayInMs: 50 }

  constructor(sdk, url, { plain = false, ...options } = {}) {
    const protocol = plain ? sdk.WebPubSubJsonProtocol() : sdk.WebPubSubJsonReliableProtocol()
    this.sdk = new sdk.WebPubSubClient(url, {
      protocol,
      messageRetryOptions: { maxRetries: 0 },
      reconnectRetryOptions: this.#reconnect,
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
    this.sdk.on('rejoin-group-failed', (e) => this.rejoinFailed.put(e))
  }

  /** Starts and returns once the service has said who this is. */
  async start() {
    await this.sdk.start()
    this.id = (await this.connected.find()).connectionId
    return this
  }

  /** Stops for good. The SDK forgets a stop in the middle of a reconnection, and comes back. */
  stop() {
    this.#reconnect.maxRetries = 0
    this.sdk.on('connected', () => this.sdk.stop())
    this.sdk.stop()
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
    for (const client of this.#open.splice(0)) client.stop()
  }
}
