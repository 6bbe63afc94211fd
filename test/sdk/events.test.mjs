// What the official express middleware is told, and what its answers do.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'

import WebSocket from 'ws'

import { App, createHub } from './lib/app.mjs'
import { Service } from './lib/easel.mjs'
import { Inbox } from './lib/inbox.mjs'
import { Clients, serviceClient, versions } from './lib/sdk.mjs'

let easel
before(async () => {
  easel = await Service.start()
})
after(() => easel.stop())

const failed = (err) => err.errorDetail.name === 'InternalServerError'

let hubs = 0
for (const sdk of versions) describe(`event handler, ${sdk.name}`, () => {
  let hub, app, clients, service, connects, connected, disconnected, users
  let onConnect, onUser

  beforeEach(async () => {
    hub = `events${++hubs}`
    ;[connects, connected, disconnected, users] = [new Inbox(), new Inbox(), new Inbox(), new Inbox()]
    onConnect = (req, res) => res.success()
    onUser = (req, res) => res.success()
    app = await App.start(hub, {
      sdk,
      handleConnect: (req, res) => {
        connects.put(req)
        onConnect(req, res)
      },
      handleUserEvent: (req, res) => {
        users.put({ ...req, context: structuredClone(req.context) })
        onUser(req, res)
      },
      onConnected: (req) => connected.put(req),
      onDisconnected: (req) => disconnected.put(req),
    })
    await createHub(easel, hub, app)
    service = serviceClient(sdk, easel.connectionString, hub)
    clients = new Clients(sdk, service)
  })
  afterEach(async () => {
    clients.close()
    await app.stop()
  })

  test('connect is told claims, query and subprotocols, and no credentials', async () => {
    const { url, token } = await service.getClientAccessToken({ userId: 'ann', roles: ['webpubsub.sendToGroup.g'] })
    await clients.openURL(`${url}&theme=dark&tag=a&tag=b`)
    const req = await connects.find()
    assert.equal(req.context.userId, 'ann')
    assert.equal(req.context.hub, hub)
    assert.deepEqual(req.claims.role, ['webpubsub.sendToGroup.g'])
    assert.deepEqual(req.query, { theme: ['dark'], tag: ['a', 'b'] })
    assert.deepEqual(req.subprotocols, ['json.reliable.webpubsub.azure.v1'])
    assert.ok(!JSON.stringify(req).includes(token))
  })

  test('events are signed with both keys', async () => {
    const ann = await clients.open({ userId: 'ann' })
    const keys = await easel.manage('key', 'show')
    const sign = (key) => 'sha256=' + createHmac('sha256', key).update(ann.id).digest('hex')
    const { context } = await connected.find()
    assert.equal(context.connectionId, ann.id)
    assert.deepEqual(context.signature.split(','), [sign(keys.primaryKey), sign(keys.secondaryKey)])
  })

  test('connect may give user, groups, roles and state', async () => {
    onConnect = (req, res) => {
      res.setState('seat', 4)
      res.success({ userId: 'eve', groups: ['g'], roles: ['webpubsub.sendToGroup.g'] })
    }
    const eve = await clients.open({ userId: 'ann' })
    assert.equal((await eve.connected.find()).userId, 'eve')
    await eve.sdk.sendToGroup('g', 'hi', 'text')
    assert.equal((await eve.groups.find()).fromUserId, 'eve')
    assert.deepEqual((await connected.find()).context.states, { seat: 4 })
  })

  for (const status of [400, 401, 403, 404]) {
    test(`connect refused with ${status} fails the handshake with ${status}`, async () => {
      onConnect = (req, res) => res.fail(status, 'a reason that stays here')
      await assert.rejects(clients.open(), new RegExp(`Unexpected server response: ${status}`))
      onConnect = (req, res) => res.success()
      await clients.open()
      await connected.find()
      assert.equal(connected.all.length, 1)
    })
  }

  if (sdk.age === 'newest') {
    test('connect refused with failWith fails the handshake with its code', async () => {
      onConnect = (req, res) => res.failWith({ code: 401, detail: 'a reason that stays here' })
      await assert.rejects(clients.open(), /Unexpected server response: 401/)
    })
  }

  // The oldest middleware reads every body as text.
  const bytes = { data: new Uint8Array([0, 127, 10]).buffer, want: Buffer.from([0, 127, 10]), seenAs: 'binary' }
  if (sdk.age === 'oldest') Object.assign(bytes, { want: '\0\x7f\n', seenAs: 'text' })
  for (const { dataType, data, want = data, seenAs = dataType } of [
    { dataType: 'json', data: { n: 1, s: 'ä' } },
    { dataType: 'text', data: 'grüß dich' },
    { dataType: 'binary', ...bytes },
  ]) {
    test(`a user event of ${dataType} reaches the handler`, async () => {
      const ann = await clients.open({ userId: 'ann' })
      await ann.sdk.sendEvent('draw.shape', data, dataType)
      const req = await users.find()
      assert.equal(req.context.eventName, 'draw.shape')
      assert.equal(req.context.userId, 'ann')
      assert.equal(req.dataType, seenAs)
      assert.deepEqual(req.data, want)
    })
  }

  test('success without a body is an ack and no message', async () => {
    const ann = await clients.open()
    await ann.sdk.sendEvent('a', 'x', 'text')
    await service.sendToConnection(ann.id, 'after')
    assert.equal((await ann.server.find()).data, 'after')
  })

  for (const [body, dataType, want] of [
    ['{"ok":true}', 'json', { ok: true }],
    ['done', 'text', 'done'],
  ]) {
    test(`success with a ${dataType} body answers the sender alone, before the ack`, async () => {
      onUser = (req, res) => res.success(body, dataType)
      const [ann, bob] = [await clients.open(), await clients.open()]
      await ann.sdk.sendEvent('a', 'x', 'text')
      assert.deepEqual(ann.server.all.map((m) => m.data), [want])
      assert.equal(ann.server.all[0].dataType, dataType)
      await service.sendToConnection(bob.id, 'after')
      assert.equal((await bob.server.find()).data, 'after')
    })
  }

  test('fail is an error ack without the handler\'s words, and the connection stays', async () => {
    onUser = (req, res) => res.fail(400, 'secret detail')
    const ann = await clients.open()
    await assert.rejects(ann.sdk.sendEvent('a', 'x', 'text'), (err) => {
      assert.ok(failed(err))
      assert.ok(!JSON.stringify(err.errorDetail).includes('secret'))
      return true
    })
    onUser = (req, res) => res.success('fine', 'text')
    await ann.sdk.sendEvent('a', 'x', 'text')
    assert.equal((await ann.server.find()).data, 'fine')
    assert.equal(ann.disconnected.all.length, 0)
  })

  test('state goes with the connection from event to event', async () => {
    onUser = (req, res) => {
      res.setState('count', (req.context.states.count ?? 0) + 1)
      res.success()
    }
    const [ann, bob] = [await clients.open(), await clients.open()]
    for (let i = 0; i < 3; i++) await ann.sdk.sendEvent('a', i, 'json')
    await bob.sdk.sendEvent('a', 'bob', 'json')
    assert.deepEqual(users.all.map((req) => req.context.states), [{}, { count: 1 }, { count: 2 }, {}])
    await service.closeConnection(ann.id)
    assert.deepEqual((await disconnected.find()).context.states, { count: 3 })
  })

  test('a connection\'s events come one after another', async () => {
    let running = 0
    const held = []
    onUser = (req, res) => {
      assert.equal(++running, 1)
      held.push(() => {
        running--
        res.success()
      })
    }
    const ann = await clients.open()
    const sent = [0, 1, 2].map((n) => ann.sdk.sendEvent('a', { n }, 'json'))
    for (let i = 0; i < 3; i++) {
      await users.find(() => true, i)
      assert.equal(users.all.length, i + 1)
      held[i]()
    }
    await Promise.all(sent)
    assert.deepEqual(users.all.map((req) => req.data.n), [0, 1, 2])
  })

  test('disconnected tells why', async () => {
    const ann = await clients.open({ userId: 'ann' }, { autoReconnect: false })
    await service.closeConnection(ann.id, { reason: 'idle' })
    const req = await disconnected.find()
    assert.equal(req.context.connectionId, ann.id)
    assert.match(req.reason, /idle/)
  })

  test('events nobody is subscribed to fail for the sender alone', async () => {
    await easel.manage('hub', 'update', '--hub-name', hub, '--event-handler',
      `url-template=${app.url}/eventhandler`, 'user-event-pattern=known')
    const ann = await clients.open()
    await assert.rejects(ann.sdk.sendEvent('unknown', 'x', 'text'), failed)
    await ann.sdk.sendEvent('known', 'x', 'text')
    assert.deepEqual(users.all.map((req) => req.context.eventName), ['known'])
    assert.equal(connects.all.length, 0)
  })

  test('connect may choose among the subprotocols', async () => {
    onConnect = (req, res) => res.success({ subprotocol: 'json.webpubsub.azure.v1' })
    const url = (await service.getClientAccessToken()).url
    const socket = new WebSocket(url, ['json.reliable.webpubsub.azure.v1', 'json.webpubsub.azure.v1'])
    await once(socket, 'open')
    assert.equal(socket.protocol, 'json.webpubsub.azure.v1')
    socket.close(1000)
    await once(socket, 'close')
  })

  test('an event without an ack reaches the handler, and its failure is silent', async () => {
    onUser = (req, res) => res.fail(500, 'no')
    const ann = await clients.open({}, { autoReconnect: false })
    await ann.sdk.sendEvent('a', 'x', 'text', { fireAndForget: true })
    await users.find()
    onUser = (req, res) => res.success(new Uint8Array([1, 2, 255]), 'binary')
    await ann.sdk.sendEvent('a', 'y', 'text', { abortSignal: new AbortController().signal })
    assert.deepEqual([...new Uint8Array(ann.server.all[0].data)], [1, 2, 255])
    assert.equal(ann.disconnected.all.length, 0)
  })

  test('an event with a used ack id does not reach the handler again', async () => {
    const ann = await clients.open()
    const sent = [await ann.sdk.sendEvent('a', 1, 'json', { ackId: 77 }), await ann.sdk.sendEvent('a', 1, 'json', { ackId: 77 })]
    assert.deepEqual(sent.map((result) => result.isDuplicated), [false, true])
    assert.equal(users.all.length, 1)
  })

  test('an event that failed may be sent again with its ack id', async () => {
    onUser = (req, res) => res.fail(400)
    const ann = await clients.open()
    await assert.rejects(ann.sdk.sendEvent('a', 1, 'json', { ackId: 7 }), failed)
    onUser = (req, res) => res.success()
    assert.deepEqual(await ann.sdk.sendEvent('a', 1, 'json', { ackId: 7 }), { ackId: 7, isDuplicated: false })
  })

  test('a handler that allows another endpoint alone gets no events', async () => {
    const asked = new Inbox()
    const elsewhere = await App.start(`${hub}elsewhere`, {
      sdk,
      allowedEndpoints: ['https://other.example.net'],
      handleConnect: (req, res) => {
        asked.put(req)
        res.success()
      },
    })
    const strangers = new Clients(sdk, serviceClient(sdk, easel.connectionString, `${hub}elsewhere`))
    try {
      await createHub(easel, `${hub}elsewhere`, elsewhere).catch(() => {})
      await assert.rejects(strangers.open(), /Unexpected server response: 500/)
      assert.equal(asked.all.length, 0)
    } finally {
      strangers.close()
      await elsewhere.stop()
    }
  })

  test('a handler at its default path that allows this endpoint gets events', async () => {
    // The oldest middleware compares with the host alone, for Azure is always at port 443.
    const endpoint = sdk.age === 'oldest' ? easel.endpoint.replace(/:\d+$/, '') : easel.endpoint
    const here = await App.start(`${hub}here`, {
      sdk,
      path: undefined,
      allowedEndpoints: [endpoint],
      handleConnect: (req, res) => res.success({ userId: 'ann' }),
    })
    const guests = new Clients(sdk, serviceClient(sdk, easel.connectionString, `${hub}here`))
    try {
      assert.equal(here.path, `/api/webpubsub/hubs/${hub}here/`)
      await createHub(easel, `${hub}here`, here)
      const ann = await guests.open()
      assert.equal((await ann.connected.find()).userId, 'ann')
    } finally {
      guests.close()
      await here.stop()
    }
  })
})
