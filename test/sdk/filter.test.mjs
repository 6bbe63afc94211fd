// Filters, and groups that whole sets of connections are put into: what only the newest SDK offers.

import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'

import { Service } from './lib/easel.mjs'
import { Clients, newest, serviceClient } from './lib/sdk.mjs'

const { odata } = newest

let easel
before(async () => {
  easel = await Service.start()
})
after(() => easel.stop())

describe('filters', () => {
  let service, clients, people
  let hubs = 0

  beforeEach(async () => {
    service = serviceClient(newest, easel.connectionString, `filter${++hubs}`)
    clients = new Clients(newest, service)
    people = {
      ann: await clients.open({ userId: 'ann', groups: ['g', 'h'] }),
      "O'Neil": await clients.open({ userId: "O'Neil", groups: ['g'] }),
      nobody: await clients.open({ groups: ['g'] }),
    }
  })
  afterEach(() => clients.close())

  /** Who of the people got a message, told by the one that is sent to all of them afterwards. */
  async function receivers(send, inbox, text) {
    await send()
    await service.group('g').sendToAll('end')
    await service.sendToAll('end')
    const got = []
    for (const [name, person] of Object.entries(people)) {
      await person[inbox].find((m) => m.data === 'end')
      if (person[inbox].all.some((m) => m.data === text)) got.push(name)
      person[inbox].all.length = 0
    }
    return got
  }

  for (const [filter, want] of [
    [() => odata`userId eq ${'ann'}`, ['ann']],
    [() => odata`userId eq ${"O'Neil"}`, ["O'Neil"]],
    [() => odata`userId eq ${null}`, ['nobody']],
    [() => odata`userId ne ${null} and userId ne ${'ann'}`, ["O'Neil"]],
    [() => "'h' in groups", ['ann']],
    [() => "userId in ('ann', 'O''Neil')", ['ann', "O'Neil"]],
    [() => odata`length(userId) gt ${3}`, ["O'Neil"]],
    [() => odata`connectionId ne ${people.ann.id}`, ["O'Neil", 'nobody']],
    [() => "startswith(userId, 'a') or not (length(groups) gt 1 or userId ne null)", ['ann', 'nobody']],
  ]) {
    test(`a send reaches those who match ${filter.toString().slice(6)}`, async () => {
      const toGroup = (options) => service.group('g').sendToAll('filtered', options)
      assert.deepEqual(await receivers(() => service.sendToAll('filtered', { filter: filter() }), 'server', 'filtered'), want)
      assert.deepEqual(await receivers(() => toGroup({ filter: filter() }), 'groups', 'filtered'), want)
    })
  }

  test('a send to a user reaches the connections that match', async () => {
    people.desk = await clients.open({ userId: 'ann', groups: ['g', 'desk'] })
    const send = () => service.sendToUser('ann', 'filtered', { filter: "'desk' in groups", messageTtlSeconds: 10 })
    assert.deepEqual(await receivers(send, 'server', 'filtered'), ['desk'])
  })

  test('filter, excluded connections and time to live go together', async () => {
    const options = { filter: 'userId ne null', excludedConnections: [people.ann.id], messageTtlSeconds: 10 }
    assert.deepEqual(await receivers(() => service.sendToAll('x', options), 'server', 'x'), ["O'Neil"])
    assert.deepEqual(await receivers(() => service.group('g').sendToAll('x', options), 'groups', 'x'), ["O'Neil"])
  })

  test('those who match are added to groups and removed from them', async () => {
    await service.addConnectionsToGroups(['new', 'other'], odata`userId ne ${null}`)
    assert.deepEqual(await receivers(() => service.group('new').sendToAll('x'), 'groups', 'x'), ['ann', "O'Neil"])
    assert.equal(await service.groupExists('other'), true)
    await service.removeConnectionsFromGroups(['new'], odata`userId eq ${'ann'}`)
    assert.deepEqual(await receivers(() => service.group('new').sendToAll('x'), 'groups', 'x'), ["O'Neil"])
    await service.removeConnectionsFromGroups(['new', 'other'], '')
    for (const name of ['new', 'other']) assert.equal(await service.groupExists(name), false)
    await service.addConnectionsToGroups(['all'], '')
    assert.deepEqual(await receivers(() => service.group('all').sendToAll('x'), 'groups', 'x'), Object.keys(people))
  })

  for (const filter of ['userId', 'userId eq', 'length(userId) eq "3"', 'not length(userId) gt 5', 'nonsense eq 1', 'userId gt 1']) {
    test(`the filter ${filter} is refused and nobody gets the message`, async () => {
      const refused = (err) => err.statusCode === 400
      await assert.rejects(service.sendToAll('x', { filter }), refused)
      await assert.rejects(service.sendToUser('ann', 'x', { filter }), refused)
      await assert.rejects(service.addConnectionsToGroups(['x'], filter), refused)
      assert.deepEqual(await receivers(() => assert.rejects(service.group('g').sendToAll('x', { filter }), refused), 'groups', 'x'), [])
      assert.equal(await service.groupExists('x'), false)
    })
  }
})
