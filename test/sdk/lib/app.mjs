// An application server: express with the official event handler, on a free port.

import { once } from 'node:events'

import { WebPubSubEventHandler } from '@azure/web-pubsub-express'
import express from 'express'

export class App {
  #server

  /** Starts an app for a hub; handlers are the options of WebPubSubEventHandler. */
  static async start(hub, handlers, routes = () => {}) {
    const app = new App()
    const web = express()
    web.use(new WebPubSubEventHandler(hub, { path: '/eventhandler', ...handlers }).getMiddleware())
    routes(web)
    app.#server = web.listen(0, '127.0.0.1')
    await once(app.#server, 'listening')
    app.url = `http://localhost:${app.#server.address().port}`
    return app
  }

  async stop() {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** Creates a hub whose events all go to the app, as the tutorial does. */
export function createHub(easel, hub, app, { userEvents = '*', systemEvents = ['connect', 'connected', 'disconnected'] } = {}) {
  return easel.manage(
    'hub', 'create', '--hub-name', hub,
    '--event-handler', `url-template=${app.url}/eventhandler`, `user-event-pattern=${userEvents}`,
    ...systemEvents.map((name) => `system-event=${name}`),
  )
}
