// The WebSocket SDK, on both of its protocols.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'

import WebSocket from 'ws'

import { Proxy } from '../lib/proxy.mjs'
import { Service } from './lib/easel.mjs'
import { Inbox } from './lib/inbox.mjs'
import { Client, Clients, newest, serviceClient, versions } from './lib/sdk.mjs'

let easel
before(async () => {
  easel = await Service.start()
})
after(() => easel.stop())

const ALL = ['webpubsub.sendToGroup', 'webpubsub.joinLeaveGroup']
const forbidden = (err) => err.errorDetail.name === 'Forbidden'

let hubs = 0
for (const sdk of versions) {
  for (const plain of [false, true]) {
    describe(`client, ${sdk.name}, ${plain ? 'plain' : 'reliable'} protocol`, () => {
      let service, clients, open
      beforeEach(() => {
        service = serviceClient(sdk, easel.connectionString, `client${++hubs}`)
        clients = new Clients(sdk, service)
        open = (claims, options) => clients.open(claims, { plain, ...options })
      })
      afterEach(() => clients.close())

      test('join, send, receive, leave, each acknowledged', async () => {
        const ann = await open({ userId: 'ann', roles: ALL })
        const bob = await open({ userId: 'bob', roles: ALL })
        for (const client of [ann, bob]) await client.sdk.joinGroup('g')
        const result = await ann.sdk.sendToGroup('g', 'one', 'text')
        assert.equal(result.isDuplicated, false)
        assert.equal((await bob.groups.find()).data, 'one')
        await bob.sdk.leaveGroup('g')
        await ann.sdk.sendToGroup('g', 'two', 'text')
        await bob.sdk.joinGroup('g')
        await ann.sdk.sendToGroup('g', 'three', 'text')
        assert.deepEqual((await bob.groups.first(2)).map((m) => m.data), ['one', 'three'])
        assert.deepEqual((await ann.groups.first(3)).map((m) => m.data), ['one', 'two', 'three'])
        for (const m of bob.groups.all) assert.equal(m.fromUserId, 'ann')
      })

      for (const { dataType, data } of [
        { dataType: 'text', data: 'ä – 漢字 – 🎨' },
        { dataType: 'json', data: { a: [1.5, null, true, { b: 'c' }] } },
        { dataType: 'json', data: 'a string' },
        { dataType: 'json', data: 0 },
        { dataType: 'binary', data: Uint8Array.from({ length: 256 }, (_, i) => i).buffer },
      ]) {
        test(`${dataType} arrives as it was sent: ${JSON.stringify(data)}`, async () => {
          const ann = await open({ roles: ALL, groups: ['g'] })
          const bob = await open({ roles: ALL })
          await bob.sdk.joinGroup('g')
          await ann.sdk.sendToGroup('g', data, dataType)
          const message = await bob.groups.find()
          assert.equal(message.dataType, dataType)
          assert.deepEqual(message.data, data)
        })
      }

      test('noEcho spares the sender', async () => {
        const ann = await open({ roles: ALL })
        await ann.sdk.joinGroup('g')
        await ann.sdk.sendToGroup('g', 'quiet', 'text', { noEcho: true })
        await ann.sdk.sendToGroup('g', 'echo', 'text')
        assert.equal((await ann.groups.find()).data, 'echo')
      })

      test('a thousand fire-and-forget messages arrive in order', async () => {
        const ann = await open({ roles: ALL })
        const bob = await open({ roles: ALL })
        await bob.sdk.joinGroup('g')
        for (let i = 0; i < 1000; i++) await ann.sdk.sendToGroup('g', i, 'json', { fireAndForget: true })
        const got = await bob.groups.first(1000)
        assert.deepEqual(got.map((m) => m.data), Array.from({ length: 1000 }, (_, i) => i))
      })

      test('what the roles do not allow is Forbidden and the connection stays', async () => {
        const ann = await open({ roles: ['webpubsub.sendToGroup.g', 'webpubsub.joinLeaveGroup.h'] })
        await assert.rejects(ann.sdk.joinGroup('g'), forbidden)
        await assert.rejects(ann.sdk.leaveGroup('g'), forbidden)
        await assert.rejects(ann.sdk.sendToGroup('h', 'x', 'text'), forbidden)
        await ann.sdk.sendToGroup('g', 'x', 'text')
        await ann.sdk.joinGroup('h')
        assert.equal(ann.disconnected.all.length, 0)
      })

      test('an ack id used twice is done once', async () => {
        const ann = await open({ roles: ALL })
        await ann.sdk.joinGroup('g')
        const first = await ann.sdk.sendToGroup('g', 'once', 'text', { ackId: 1000 })
        const again = await ann.sdk.sendToGroup('g', 'once', 'text', { ackId: 1000 })
        assert.deepEqual([first.isDuplicated, again.isDuplicated], [false, true])
        await ann.sdk.sendToGroup('g', 'end', 'text')
        assert.deepEqual((await ann.groups.first(2)).map((m) => m.data), ['once', 'end'])
      })

      test('stop ends the client and a stopped client starts again', async () => {
        const ann = await open({ userId: 'ann' })
        ann.sdk.stop()
        await ann.stopped.find()
        await ann.sdk.start()
        const [first, second] = await ann.connected.first(2)
        assert.notEqual(first.connectionId, second.connectionId)
      })

      test('a close by the server without auto-reconnect stops the client', async () => {
        const ann = await open({ userId: 'ann' }, { autoReconnect: false })
        await service.closeUserConnections('ann', { reason: 'bye' })
        const { connectionId, message } = await ann.disconnected.find()
        assert.equal(connectionId, ann.id)
        assert.match(message.message, /bye/)
        await ann.stopped.find()
      })

      test('a close by the server with auto-reconnect starts anew, in its groups', async () => {
        const ann = await open({ userId: 'ann', roles: ALL })
        await ann.sdk.joinGroup('g')
        await service.closeConnection(ann.id)
        const [, second] = await ann.connected.first(2)
        assert.notEqual(second.connectionId, ann.id)
        await service.group('g').sendToAll('welcome back')
        assert.equal((await ann.groups.find()).data, 'welcome back')
      })

      test('anonymous clients are let in where the hub allows it', async () => {
        const url = `${easel.endpoint.replace('http', 'ws')}/client/hubs/${service.hubName}`
        await assert.rejects(clients.openURL(url, { plain }), /Unexpected server response: 401/)
        await easel.manage('hub', 'create', '--hub-name', service.hubName, '--allow-anonymous', 'true')
        const nobody = await clients.openURL(url, { plain })
        await service.sendToConnection(nobody.id, 'hello')
        assert.equal((await nobody.server.find()).data, 'hello')
      })

      test('join and leave take ack ids and signals', async () => {
        const abortSignal = new AbortController().signal
        const ann = await open({ roles: ALL })
        for (const [operation, ackId] of [['joinGroup', 11], ['leaveGroup', 12], ['joinGroup', 13]]) {
          assert.deepEqual(await ann.sdk[operation]('g', { ackId, abortSignal }), { ackId, isDuplicated: false })
        }
        assert.deepEqual(await ann.sdk.leaveGroup('g', { ackId: 13 }), { ackId: 13, isDuplicated: true })
        await ann.sdk.sendToGroup('g', 'still in', 'text', { abortSignal })
        assert.equal((await ann.groups.find()).data, 'still in')
      })

      test('start hands its signal to what gets the URL', async () => {
        const abortSignal = new AbortController().signal
        let given
        const ann = new Client(sdk, {
          getClientAccessUrl: async (options) => {
            given = options.abortSignal
            return (await service.getClientAccessToken()).url
          },
        }, { plain })
        await ann.sdk.start({ abortSignal })
        await ann.connected.find()
        assert.equal(given, abortSignal)
        ann.sdk.stop()
        await ann.stopped.find()
      })

      test('a listener that was taken off hears nothing', async () => {
        const ann = await open({ roles: ALL })
        const heard = []
        const events = ['connected', 'disconnected', 'stopped', 'server-message', 'group-message', 'rejoin-group-failed']
        for (const event of events) {
          const listener = () => heard.push(event)
          ann.sdk.on(event, listener)
          ann.sdk.off(event, listener)
        }
        await ann.sdk.joinGroup('g')
        await ann.sdk.sendToGroup('g', 'x', 'text')
        await service.sendToConnection(ann.id, 'y')
        await ann.server.find()
        await service.closeConnection(ann.id)
        await ann.connected.first(2)
        ann.sdk.stop()
        await ann.stopped.find()
        assert.deepEqual(heard, [])
      })

      test('a client that starts anew rejoins its groups only when told to', async () => {
        const ann = await open({ roles: ALL }, { autoRejoinGroups: false })
        await ann.sdk.joinGroup('g')
        await service.closeConnection(ann.id)
        await ann.connected.first(2)
        assert.equal(await service.groupExists('g'), false)
      })

      test('a client that may no longer join a group is told so', async () => {
        const roles = [ALL, []]
        const ann = new Client(sdk, {
          getClientAccessUrl: async () => (await service.getClientAccessToken({ roles: roles.shift() })).url,
        }, { plain })
        await ann.start()
        await ann.sdk.joinGroup('g')
        await service.closeConnection(ann.id)
        const { group, error } = await ann.rejoinFailed.find()
        assert.equal(group, 'g')
        assert.equal(error.errorDetail.name, 'Forbidden')
        ann.sdk.stop()
        await ann.stopped.find()
      })

      test('messages carry sequence ids on the reliable protocol alone', async () => {
        const ann = await open({ roles: ALL })
        await ann.sdk.joinGroup('g')
        for (const n of [1, 2]) await ann.sdk.sendToGroup('g', n, 'json')
        await service.sendToConnection(ann.id, 3)
        const ids = [...(await ann.groups.first(2)), ...(await ann.server.first(1))].map((m) => m.sequenceId)
        assert.deepEqual(ids, plain ? [undefined, undefined, undefined] : [1, 2, 3])
      })
    })
  }
}

describe('newest client', () => {
  let service, clients
  beforeEach(() => {
    service = serviceClient(newest, easel.connectionString, `client${++hubs}`)
    clients = new Clients(newest, service)
  })
  afterEach(() => clients.close())

  for (const plain of [false, true]) {
    test(`a connection that went silent is noticed by keep-alive, ${plain ? 'plain' : 'reliable'} protocol`, async () => {
      const proxy = await Proxy.start(easel.endpoint)
      const through = new Clients(newest, serviceClient(newest, easel.connectionStringAt(proxy.endpoint), service.hubName))
      try {
        // Long enough that a busy machine is not taken for silence: once it has been noticed, nothing more is to happen.
        const options = { plain, keepAliveIntervalInMs: 100, keepAliveTimeoutInMs: 3000 }
        const ann = await through.open({ userId: 'ann', groups: ['g'], roles: ALL }, options)
        await ann.sdk.joinGroup('g')
        proxy.deafen()
        await service.group('g').sendToAll('while silent')
        if (plain) await ann.connected.first(2)
        else assert.equal((await ann.groups.find()).data, 'while silent')
        await ann.sdk.sendToGroup('g', 'well again', 'text')
        assert.equal(ann.connected.all.length, plain ? 2 : 1)
      } finally {
        through.close()
        await proxy.stop()
      }
    })
  }

  test('the ping of keep-alive is answered', async () => {
    const { url } = await service.getClientAccessToken()
    const socket = new WebSocket(url, 'json.webpubsub.azure.v1')
    const frames = new Inbox()
    socket.on('message', (data) => frames.put(JSON.parse(data)))
    await once(socket, 'open')
    socket.send('{"type":"ping"}')
    assert.deepEqual(await frames.find((frame) => frame.type === 'pong'), { type: 'pong' })
    socket.close(1000)
    await once(socket, 'close')
  })

  test('a wildcard role allows the groups it matches', async () => {
    const ann = await clients.open({ roles: ['webpubsub.sendToGroups.room.*', 'webpubsub.joinLeaveGroups.room.*'] })
    await ann.sdk.joinGroup('room.a')
    await ann.sdk.sendToGroup('room.a', 'hi', 'text')
    assert.equal((await ann.groups.find()).data, 'hi')
    await assert.rejects(ann.sdk.joinGroup('room.a.b'), forbidden)
    await assert.rejects(ann.sdk.sendToGroup('lobby', 'hi', 'text'), forbidden)
  })
})
