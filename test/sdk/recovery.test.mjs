// What becomes of clients when the network or the service fails.

import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'

import { Service } from './lib/easel.mjs'
import { eventually } from './lib/inbox.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { Clients, serviceClient, versions } from './lib/sdk.mjs'

const ROLES = ['webpubsub.sendToGroup', 'webpubsub.joinLeaveGroup']

let easel
before(async () => {
  easel = await Service.start()
})
after(() => easel.stop())

let hubs = 0
for (const sdk of versions) {
  describe(`recovery, ${sdk.name}`, () => {
    let proxy, service, clients, open
    beforeEach(async () => {
      proxy = await Proxy.start(easel.endpoint)
      const hub = `recovery${++hubs}`
      service = serviceClient(sdk, easel.connectionString, hub)
      clients = new Clients(sdk, serviceClient(sdk, easel.connectionStringAt(proxy.endpoint), hub))
      open = (options) => clients.open({ userId: 'ann', roles: ROLES }, options)
    })
    afterEach(async () => {
      clients.close()
      await proxy.stop()
    })

    test('a reliable client misses nothing while its connection is cut', async () => {
      const ann = await open()
      await ann.sdk.joinGroup('g')
      await service.group('g').sendToAll(0)
      await ann.groups.first(1)

      for (let round = 1; round <= 3; round++) {
        proxy.cut()
        for (let i = 0; i < 10; i++) await service.group('g').sendToAll(ann.groups.all.length + i)
        proxy.restore()
        await ann.groups.first(1 + 10 * round)
      }
      await service.group('g').sendToAll('end')
      await ann.groups.find((m) => m.data === 'end')

      assert.deepEqual(ann.groups.all.map((m) => m.data), [...Array(31).keys(), 'end'])
      assert.deepEqual(ann.groups.all.map((m) => m.sequenceId), Array.from({ length: 32 }, (_, i) => i + 1))
      assert.equal(ann.connected.all.length, 1)
      assert.equal(ann.disconnected.all.length, 0)
      assert.equal(await service.connectionExists(ann.id), true)
    })

    test('a recovered client sends again, with the same permissions and groups', async () => {
      const ann = await open()
      await ann.sdk.joinGroup('g')
      proxy.cut()
      proxy.restore()
      await eventually(() => ann.sdk.sendToGroup('g', 'back', 'text').catch(() => false))
      assert.equal((await ann.groups.find()).data, 'back')
      assert.equal(ann.connected.all.length, 1)
    })

    test('a reliable client closed while away starts anew, in its groups', async () => {
      const ann = await open()
      await ann.sdk.joinGroup('g')
      proxy.cut()
      await service.closeConnection(ann.id, { reason: 'tidying up' })
      proxy.restore()
      const [, second] = await ann.connected.first(2)
      assert.notEqual(second.connectionId, ann.id)
      assert.equal((await ann.disconnected.find()).connectionId, ann.id)
      await service.group('g').sendToAll('hello again')
      assert.equal((await ann.groups.find()).data, 'hello again')
    })

    test('a plain client starts anew, in its groups, and misses what was sent meanwhile', async () => {
      const ann = await open({ plain: true })
      await ann.sdk.joinGroup('g')
      proxy.cut()
      await eventually(async () => !(await service.connectionExists(ann.id)))
      await service.group('g').sendToAll('missed')
      proxy.restore()
      const [, second] = await ann.connected.first(2)
      assert.notEqual(second.connectionId, ann.id)
      await service.group('g').sendToAll('seen')
      assert.equal((await ann.groups.find()).data, 'seen')
    })
  })

  test(`after a crash of the service its clients come back, ${sdk.name}`, async () => {
    const crashing = await Service.start()
    const proxy = await Proxy.start(crashing.endpoint)
    const clients = new Clients(sdk, serviceClient(sdk, crashing.connectionStringAt(proxy.endpoint), 'crash'))
    try {
      const ann = await clients.open({ roles: ROLES })
      const bob = await clients.open({ roles: ROLES }, { plain: true })
      for (const client of [ann, bob]) await client.sdk.joinGroup('g')
      const { key } = crashing
      await crashing.restart()
      assert.equal(crashing.key, key)
      proxy.target(crashing.endpoint)
      for (const client of [ann, bob]) await client.connected.first(2)
      await ann.sdk.sendToGroup('g', 'all well', 'text')
      for (const client of [ann, bob]) assert.equal((await client.groups.find()).data, 'all well')
    } finally {
      clients.close()
      await proxy.stop()
      await crashing.stop()
    }
  })

  test(`a service told to stop says so to its clients and ends, ${sdk.name}`, async () => {
    const stopping = await Service.start()
    const clients = new Clients(sdk, serviceClient(sdk, stopping.connectionString, 'stop'))
    try {
      const ann = await clients.open({}, { plain: true, autoReconnect: false })
      assert.equal(await stopping.shutdown(), 0)
      await ann.disconnected.find()
      await ann.stopped.find()
    } finally {
      clients.close()
      await stopping.stop()
    }
  })
}
