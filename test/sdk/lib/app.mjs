// An application server: express with the official event handler, on a free port.

import { once } from 'node:events'

import express from 'express'

import { record } from './record.mjs'
import { newest } from './sdk.mjs'

export class App {
  #server

  /** Starts an app for a hub; handlers are the options of WebPubSubEventHandler. */
  static async start(hub, { sdk = newest, ...handlers }, routes = () => {}) {
    const app = new App()
    const web = express()
    const handler = new sdk.WebPubSubEventHandler(hub, { path: '/eventhandler', ...recorded(sdk, handlers) })
    web.use(handler.getMiddleware())
    routes(web)
    app.#server = web.listen(0, '127.0.0.1')
    await once(app.#server, 'listening')
    app.url = `http://localhost:${app.#server.address().port}`
    app.path = handler.path
    return app
  }

  async stop() {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** Handlers whose answers note what is called of them. */
function recorded(sdk, { handleConnect, handleUserEvent, ...rest }) {
  const types = { handleConnect: 'ConnectResponseHandler', handleUserEvent: 'UserEventResponseHandler' }
  for (const [name, handle] of Object.entries({ handleConnect, handleUserEvent })) {
    if (handle) rest[name] = (req, res) => handle(req, record(`${sdk.age} ${types[name]}`, res))
  }
  return rest
}

/** Creates a hub whose events all go to the app, as the tutorial does. */
export function createHub(easel, hub, app, { userEvents = '*', systemEvents = ['connect', 'connected', 'disconnected'], more = [] } = {}) {
  return easel.manage(
    'hub', 'create', '--hub-name', hub,
    '--event-handler', `url-template=${app.url}${app.path.replace(/\/$/, '')}`, `user-event-pattern=${userEvents}`,
    ...systemEvents.map((name) => `system-event=${name}`), ...more,
  )
}
