// A whiteboard in the manner of the tutorial: express and REST SDK behind, client SDK in front,
// the hub configured by the command line. None of its code knows which service it talks to.

import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'

import express from 'express'

import { App, createHub } from './lib/app.mjs'
import { Service } from './lib/easel.mjs'
import { Inbox } from './lib/inbox.mjs'
import { Client, newest, serviceClient, versions } from './lib/sdk.mjs'

const HUB = 'sample_draw'

/** The server of the whiteboard. */
async function startWhiteboard(sdk, connectionString) {
  const service = serviceClient(sdk, connectionString, HUB)
  const diagram = { shapes: new Map(), userCount: 0, events: new Inbox() }
  const announced = []
  const announce = () => {
    const sent = service.group('draw').sendToAll({ name: 'updateUserCount', data: diagram.userCount })
    announced.push(sent)
    return sent
  }
  // What is being announced needs the service, which may end after the server has stopped.
  diagram.stop = async () => {
    await diagram.app.stop()
    await Promise.all(announced)
  }

  diagram.app = await App.start(
    HUB,
    {
      sdk,
      handleConnect: (req, res) => res.success({ groups: ['draw'] }),
      onConnected: async () => {
        diagram.userCount++
        await announce()
      },
      onDisconnected: async () => {
        diagram.userCount--
        await announce()
      },
      handleUserEvent: (req, res) => {
        const { name, data } = req.data
        if (name === 'addShape') for (const [id, shape] of Object.entries(data)) diagram.shapes.set(id, shape)
        if (name === 'removeShape') for (const id of data) diagram.shapes.delete(id)
        if (name === 'clearShapes') diagram.shapes.clear()
        diagram.events.put({ event: req.context.eventName, name })
        res.success()
      },
    },
    (web) => {
      web.use(express.json())
      web.get('/diagram', (req, res) => res.json(Object.fromEntries(diagram.shapes)))
      web.get('/negotiate', async (req, res) => {
        const token = await service.getClientAccessToken({ roles: ['webpubsub.sendToGroup.draw'] })
        res.json({ url: token.url })
      })
    },
  )
  return diagram
}

for (const sdk of versions) {
  describe(`the tutorial's whiteboard, ${sdk.name}`, () => {
    let easel, board
    const people = []
    before(async () => {
      easel = await Service.start()
    })
    after(() => easel.stop())

    beforeEach(async () => {
      board = await startWhiteboard(sdk, easel.connectionString)
      await createHub(easel, HUB, board.app)
    })
    afterEach(async () => {
      for (const person of people.splice(0)) person.stop()
      await serviceClient(sdk, easel.connectionString, HUB).closeAllConnections()
      await board.stop()
    })

    async function arrive(options) {
      const person = new Client(sdk, {
        getClientAccessUrl: async () => (await (await fetch(`${board.app.url}/negotiate`)).json()).url,
      }, options)
      people.push(person)
      return person.start()
    }
    const counts = (count) => (m) => m.data.name === 'updateUserCount' && m.data.data === count

    test('hub create prints the hub as the Azure command line does', async () => {
      const hub = await easel.manage('hub', 'show', '--hub-name', HUB)
      assert.equal(hub.name, HUB)
      assert.deepEqual(hub.properties.eventHandlers, [
        {
          urlTemplate: `${board.app.url}/eventhandler`,
          userEventPattern: '*',
          systemEvents: ['connect', 'connected', 'disconnected'],
        },
      ])
      assert.equal(hub.properties.anonymousConnectPolicy.toLowerCase(), 'deny')
    })

    test('everyone, the newcomer too, learns how many people there are', async () => {
      const ann = await arrive()
      await ann.groups.find(counts(1))
      const bob = await arrive()
      await ann.groups.find(counts(2))
      await bob.groups.find(counts(2))
    })

    test('someone who leaves is no longer counted', async () => {
      const ann = await arrive()
      await ann.groups.find(counts(1))
      const bob = await arrive({ autoReconnect: false })
      await ann.groups.find(counts(2))
      const before = ann.groups.all.length
      await serviceClient(sdk, easel.connectionString, HUB).closeConnection(bob.id)
      await ann.groups.find(counts(1), before)
    })

    test('a shape is drawn, seen live and kept', async () => {
      const [ann, bob] = [await arrive(), await arrive()]
      const shape = { kind: 'line', data: [0, 0, 10, 10], color: 'red', width: 2 }
      await ann.sdk.sendToGroup('draw', { name: 'addShape', data: { s1: shape } }, 'json')
      for (const x of [11, 12, 13]) {
        await ann.sdk.sendToGroup('draw', { name: 'patchShape', data: { s1: [x, x] } }, 'json', { fireAndForget: true })
      }
      await ann.sdk.sendEvent('message', { name: 'addShape', data: { s1: shape } }, 'json')

      const drawn = ['addShape', 'patchShape', 'patchShape', 'patchShape']
      for (const person of [ann, bob]) {
        await person.groups.find((m) => m.data.name === 'patchShape' && m.data.data.s1[0] === 13)
        assert.deepEqual(person.groups.all.map((m) => m.data.name).filter((name) => name !== 'updateUserCount'), drawn)
      }
      assert.deepEqual(await board.events.find(), { event: 'message', name: 'addShape' })
      assert.deepEqual(await (await fetch(`${board.app.url}/diagram`)).json(), { s1: shape })

      await bob.sdk.sendEvent('message', { name: 'clearShapes' }, 'json')
      assert.deepEqual(await (await fetch(`${board.app.url}/diagram`)).json(), {})
    })

    test('one may draw in the group of the token and in no other', async () => {
      const ann = await arrive()
      await assert.rejects(ann.sdk.sendToGroup('other', {}, 'json'), (err) => err.errorDetail.name === 'Forbidden')
      await ann.sdk.sendToGroup('draw', { name: 'still here' }, 'json')
    })
  })
}

test('hub settings survive a restart, hubs are listed and deleted', async () => {
  const easel = await Service.start()
  const board = await startWhiteboard(newest, easel.connectionString)
  try {
    const created = await createHub(easel, HUB, board.app)
    await easel.manage('hub', 'create', '--hub-name', 'open', '--allow-anonymous', 'true')
    await easel.restart()
    assert.deepEqual(await easel.manage('hub', 'show', '--hub-name', HUB), created)
    assert.deepEqual(await hubs(easel), ['open', HUB])
    await easel.manage('hub', 'delete', '--hub-name', 'open')
    assert.deepEqual(await hubs(easel), [HUB])
  } finally {
    await board.stop()
    await easel.stop()
  }
})

/** The names of all hubs but the whiteboard's own, which the service has when it is embedded. */
async function hubs(easel) {
  const all = await easel.manage('hub', 'list')
  return all.map((hub) => hub.name).filter((name) => name !== 'easel').sort()
}
