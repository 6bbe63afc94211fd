// Invocations of an event handler, which only the newest client knows.

import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'

import { App, createHub } from './lib/app.mjs'
import { Service } from './lib/easel.mjs'
import { Inbox } from './lib/inbox.mjs'
import { Clients, newest, serviceClient } from './lib/sdk.mjs'

let easel
before(async () => {
  easel = await Service.start()
})
after(() => easel.stop())

let hubs = 0
for (const plain of [false, true]) {
  describe(`invocations, ${plain ? 'plain' : 'reliable'} protocol`, () => {
    let app, clients, users, ann
    let onUser
    beforeEach(async () => {
      const hub = `invoke${++hubs}`
      users = new Inbox()
      app = await App.start(hub, {
        handleUserEvent: (req, res) => {
          users.put(req)
          onUser(req, res)
        },
      })
      await createHub(easel, hub, app)
      clients = new Clients(newest, serviceClient(newest, easel.connectionString, hub))
      ann = await clients.open({ userId: 'ann' }, { plain })
    })
    afterEach(async () => {
      clients.close()
      await app.stop()
    })

    for (const [data, dataType] of [
      ['grüß dich', 'text'],
      [{ n: 1, deep: [null, 'ä'] }, 'json'],
      [new Uint8Array([0, 255]).buffer, 'binary'],
    ]) {
      test(`an answer of ${dataType} comes back to the caller`, async () => {
        onUser = (req, res) => res.success(dataType === 'json' ? JSON.stringify(req.data) : req.data, dataType)
        const result = await ann.sdk.invokeEvent('echo', data, dataType)
        assert.equal(result.dataType, dataType)
        assert.deepEqual(result.data, data)
        const { context } = await users.find()
        assert.deepEqual([context.eventName, context.userId], ['echo', 'ann'])
        assert.equal(ann.server.all.length, 0)
      })
    }

    test('an empty answer is a success without data', async () => {
      onUser = (req, res) => res.success()
      const result = await ann.sdk.invokeEvent('quiet', 'x', 'text', { invocationId: 'mine' })
      assert.deepEqual({ ...result }, { invocationId: 'mine', dataType: undefined, data: undefined })
    })

    test('a refusal is an error with its name and without the handler\'s words', async () => {
      onUser = (req, res) => res.fail(400, 'secret detail')
      await assert.rejects(ann.sdk.invokeEvent('no', 'x', 'text'), (err) => {
        assert.equal(err.name, 'InvocationError')
        assert.equal(err.errorDetail.name, 'InternalServerError')
        assert.ok(!JSON.stringify(err.errorDetail).includes('secret'))
        return true
      })
      assert.equal(ann.disconnected.all.length, 0)
    })

    test('state that an invocation sets is there in the next', async () => {
      onUser = (req, res) => {
        res.setState('count', (req.context.states.count ?? 0) + 1)
        res.success(String(req.context.states.count), 'text')
      }
      const counts = []
      for (let i = 0; i < 3; i++) counts.push((await ann.sdk.invokeEvent('count', i, 'json')).data)
      assert.deepEqual(counts, ['1', '2', '3'])
    })

    test('an abandoned invocation keeps nobody waiting', async () => {
      const held = new Inbox()
      onUser = (req, res) => held.put(res)
      const controller = new AbortController()
      const call = ann.sdk.invokeEvent('slow', 'x', 'text', { abortSignal: controller.signal })
      await held.find()
      controller.abort()
      await assert.rejects(call, /cancelled/)
      onUser = (req, res) => res.success('next', 'text')
      assert.equal((await ann.sdk.invokeEvent('fast', 'x', 'text')).data, 'next')
      held.all[0].success()
    })
  })
}
