// Events of groups, which the newest event handler alone knows.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { App } from './lib/app.mjs'
import { Service } from './lib/easel.mjs'
import { Inbox } from './lib/inbox.mjs'
import { Clients, newest, serviceClient } from './lib/sdk.mjs'

let easel
before(async () => {
  easel = await Service.start()
})
after(() => easel.stop())

test('a handler is told who joins and leaves the groups it asks for', async () => {
  const events = new Inbox()
  const told = (what) => (req) => events.put([what, req.group, req.context.userId, req.context.eventName])
  const app = await App.start('presence', { onGroupJoined: told('joined'), onGroupLeft: told('left') })
  const service = serviceClient(newest, easel.connectionString, 'presence')
  const clients = new Clients(newest, service)
  try {
    await easel.putHub('presence', {
      eventHandlers: [
        {
          urlTemplate: `${app.url}/eventhandler`,
          systemEvents: [],
          groupPresenceEvents: { eventNames: ['joined', 'left'], groupFilters: ['room.*'] },
        },
      ],
    })
    const ann = await clients.open({ userId: 'ann', roles: ['webpubsub.joinLeaveGroup'] })
    await ann.sdk.joinGroup('room.1')
    await ann.sdk.joinGroup('lobby')
    await ann.sdk.leaveGroup('room.1')
    await service.group('room.2').addUser('ann')
    await service.removeUserFromAllGroups('ann')
    assert.deepEqual(await events.first(4), [
      ['joined', 'room.1', 'ann', 'joined'],
      ['left', 'room.1', 'ann', 'left'],
      ['joined', 'room.2', 'ann', 'joined'],
      ['left', 'room.2', 'ann', 'left'],
    ])
  } finally {
    clients.close()
    await app.stop()
  }
})
