// A TCP proxy that can lose its connections, as a bad network does.

import { once } from 'node:events'
import net from 'node:net'

export class Proxy {
  #server
  #sockets = new Set()
  #upstreams = new Set()
  #open = true

  /** Starts a proxy to the service at endpoint. */
  static async start(endpoint) {
    const proxy = new Proxy()
    proxy.target(endpoint)
    proxy.#server = net.createServer((socket) => proxy.#accept(socket))
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    proxy.endpoint = `${new URL(endpoint).protocol}//localhost:${proxy.#server.address().port}`
    return proxy
  }

  /** Sends new connections to endpoint. */
  target(endpoint) {
    this.port = Number(new URL(endpoint).port)
  }

  #accept(client) {
    if (!this.#open) {
      client.destroy()
      return
    }
    const upstream = net.connect(this.port, '127.0.0.1')
    this.#upstreams.add(upstream)
    upstream.on('close', () => this.#upstreams.delete(upstream))
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      this.#sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
    }
  }

  /** Resets every connection and refuses new ones until restore. */
  cut() {
    this.#open = false
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** Loses everything the service says on open connections, but the end of them. */
  deafen() {
    for (const upstream of this.#upstreams) upstream.unpipe().resume()
  }

  restore() {
    this.#open = true
  }

  async stop() {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
