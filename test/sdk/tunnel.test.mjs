// Events and REST calls through a tunnel, by the code that the official Socket.IO extension and
// the official tunnel tool are built on.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'

import { WebPubSubEventHandler } from '@azure/web-pubsub-express'

import { App } from './lib/app.mjs'
import { Service } from './lib/easel.mjs'
import { Inbox } from './lib/inbox.mjs'
import { Clients, newest, serviceClient } from './lib/sdk.mjs'

const require = createRequire(import.meta.url)
const { InprocessServerProxy, HttpServerProxy } = require('@azure/web-pubsub-socket.io/dist/serverProxies')

// The proxies' keep-alive timers go on for 40 s after they have stopped; the process need not.
const { setTimeout: start } = globalThis
globalThis.setTimeout = (call, ms, ...args) => {
  const timer = start(call, ms, ...args)
  return ms >= 20_000 ? timer.unref() : timer
}

let easel
before(async () => {
  easel = await Service.start()
})
after(() => easel.stop())

function createTunnelHub(hub) {
  return easel.manage(
    'hub', 'create', '--hub-name', hub,
    '--event-handler', 'url-template=tunnel:///eventhandler/{event}', 'user-event-pattern=*',
    'system-event=connect', 'system-event=connected', 'system-event=disconnected',
  )
}

/** Handlers that greet, echo and tell. */
function handlers(told) {
  return {
    handleConnect: (req, res) => {
      res.setState('seat', 4)
      res.success({ userId: `${req.context.userId}-2`, groups: ['room'] })
    },
    onConnected: (req) => told.put(['connected', req.context.userId]),
    onDisconnected: (req) => told.put(['disconnected', req.reason]),
    handleUserEvent: (req, res) => {
      if (req.context.eventName === 'fail') return res.fail(400, 'no')
      res.success(JSON.stringify({ seat: req.context.states.seat, got: req.data }), 'json')
    },
  }
}

async function useThroughTunnel(hub, told, use) {
  const clients = new Clients(newest, serviceClient(newest, easel.connectionString, hub))
  try {
    const ann = await clients.open({ userId: 'ann', roles: ['webpubsub.sendToGroup.room'] })
    assert.equal((await ann.connected.find()).userId, 'ann-2')
    await ann.sdk.sendToGroup('room', 'hello', 'text')
    assert.equal((await ann.groups.find()).data, 'hello')
    await ann.sdk.sendEvent('draw', { x: 1 }, 'json')
    assert.deepEqual((await ann.server.find()).data, { seat: 4, got: { x: 1 } })
    await assert.rejects(ann.sdk.sendEvent('fail', 'x', 'text'))
    await use(ann)
  } finally {
    clients.close()
  }
  assert.deepEqual(await told.find(([what]) => what === 'connected'), ['connected', 'ann-2'])
}

test('an app behind a tunnel answers events, and makes REST calls up the same tunnel', async () => {
  await createTunnelHub('inproc')
  const told = new Inbox()
  const middleware = new WebPubSubEventHandler('inproc', { path: '/eventhandler', ...handlers(told) }).getMiddleware()
  const proxy = InprocessServerProxy.fromConnectionString(easel.connectionString, 'inproc', middleware)
  await proxy.runAsync()
  try {
    await useThroughTunnel('inproc', told, async (ann) => {
      await proxy.sendToAll('to all')
      await proxy.sendToConnection(ann.id, 'to one')
      await proxy.addConnectionsToGroups(['blue'], "userId eq 'ann-2'")
      await proxy.group('blue').sendToAll('to blue', { filter: "'room' in groups" })
      await proxy.removeConnectionsFromGroups(['blue'], "userId eq 'ann-2'")
      await proxy.group('room').removeConnection(ann.id)
      await proxy.group('room').sendToAll('to nobody')
      await proxy.group('blue').sendToAll('to nobody')
      await proxy.sendToAll('last')
      await ann.server.find((m) => m.data === 'last')
      assert.deepEqual(ann.server.all.map((m) => m.data).slice(1), ['to all', 'to one', 'last'])
      assert.deepEqual(ann.groups.all.map((m) => m.data), ['hello', 'to blue'])
      const elsewhere = proxy._tunnel.invokeAsync({
        method: 'POST', url: 'https://host/api/hubs/other/:send?api-version=2023-07-01',
        content: new TextEncoder().encode('x'), contentType: 'text/plain',
      })
      assert.notEqual((await elsewhere).statusCode, 202, 'a tunnel reaches its own hub alone')
    })
  } finally {
    proxy.stop()
  }
})

test('the proxy of the tunnel tool passes events on to an app over http', async () => {
  await createTunnelHub('forward')
  const told = new Inbox()
  const app = await App.start('forward', handlers(told))
  const proxy = HttpServerProxy.fromConnectionString(easel.connectionString, 'forward', { target: app.url })
  await proxy.runAsync({})
  try {
    await useThroughTunnel('forward', told, async () => {})
  } finally {
    proxy._tunnel.stop()
    await app.stop()
  }
})
