// Every operation of the REST SDK, seen from a connected client.

import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'

import { secure, transport } from './lib/cell.mjs'
import { Service } from './lib/easel.mjs'
import { eventually } from './lib/inbox.mjs'
import { Clients, httpOptions, newest, serviceClient, versions } from './lib/sdk.mjs'

let easel
before(async () => {
  easel = await Service.start()
})
after(() => easel.stop())

let hubs = 0
for (const sdk of versions) {
  describe(`REST operations, ${sdk.name}`, () => {
    let service, clients, open
    beforeEach(() => {
      service = serviceClient(sdk, easel.connectionString, `rest${++hubs}`)
      clients = new Clients(sdk, service)
      open = (...args) => clients.open(...args)
    })
    afterEach(() => clients.close())

    for (const { name, content, options, dataType, data } of [
      { name: 'an object as json', content: { n: 1, deep: ['ä', null] }, dataType: 'json', data: { n: 1, deep: ['ä', null] } },
      { name: 'a string as json', content: 'hi', dataType: 'json', data: 'hi' },
      { name: 'a string as text', content: 'grüß dich', options: { contentType: 'text/plain' }, dataType: 'text', data: 'grüß dich' },
      { name: 'bytes as binary', content: new Uint8Array([0, 255, 10]).buffer, dataType: 'binary', data: [0, 255, 10] },
    ]) {
      const plain = (message) => (message.dataType === 'binary' ? [...new Uint8Array(message.data)] : message.data)

      test(`sendToAll, sendToUser, sendToConnection: ${name}`, async () => {
        const ann = await open({ userId: 'ann' })
        const bob = await open({ userId: 'bob' })
        await service.sendToAll(content, options)
        await service.sendToUser('ann', content, options)
        await service.sendToConnection(bob.id, content, options)
        for (const client of [ann, bob]) {
          for (const message of await client.server.first(2)) {
            assert.equal(message.dataType, dataType)
            assert.deepEqual(plain(message), data)
          }
        }
      })

      test(`group sendToAll: ${name}`, async () => {
        const ann = await open()
        await service.group('g').addConnection(ann.id)
        await service.group('g').sendToAll(content, options)
        const message = await ann.groups.find()
        assert.equal(message.group, 'g')
        assert.equal(message.dataType, dataType)
        assert.deepEqual(plain(message), data)
      })
    }

    test('sends leave out the excluded connections', async () => {
      const [ann, bob] = [await open(), await open()]
      for (const client of [ann, bob]) await service.group('g').addConnection(client.id)
      await service.sendToAll('not for ann', { excludedConnections: [ann.id] })
      await service.group('g').sendToAll('not for ann', { excludedConnections: [ann.id, 'nobody'] })
      await service.sendToAll('for both')
      await service.group('g').sendToAll('for both')
      assert.equal((await ann.server.find()).data, 'for both')
      assert.equal((await ann.groups.find()).data, 'for both')
      assert.deepEqual((await bob.server.first(2)).map((m) => m.data), ['not for ann', 'for both'])
      assert.deepEqual((await bob.groups.first(2)).map((m) => m.data), ['not for ann', 'for both'])
    })

    test('sends to nobody succeed', async () => {
      await service.sendToAll('hi')
      await service.sendToUser('nobody', 'hi')
      await service.sendToConnection('missing', 'hi')
      await service.group('empty').sendToAll('hi')
    })

    test('connectionExists, userExists and groupExists follow the connection', async () => {
      const ann = await open({ userId: 'ann smith/ä' })
      await service.group('a/b c').addConnection(ann.id)
      assert.equal(await service.connectionExists(ann.id), true)
      assert.equal(await service.userExists('ann smith/ä'), true)
      assert.equal(await service.groupExists('a/b c'), true)
      assert.equal(await service.connectionExists('missing'), false)
      assert.equal(await service.userExists('nobody'), false)
      assert.equal(await service.groupExists('empty'), false)

      await service.closeConnection(ann.id)
      await ann.disconnected.find()
      assert.equal(await service.connectionExists(ann.id), false)
      // The SDK comes back by itself, as a new connection that is in no group.
      await ann.connected.first(2)
      assert.equal(await service.groupExists('a/b c'), false)
    })

    for (const { name, close } of [
      { name: 'closeConnection', close: (s, id, o) => s.closeConnection(id, o) },
      { name: 'closeAllConnections', close: (s, _, o) => s.closeAllConnections(o) },
      { name: 'closeUserConnections', close: (s, _, o) => s.closeUserConnections('ann', o) },
      { name: 'group closeAllConnections', close: (s, _, o) => s.group('g').closeAllConnections(o) },
    ]) {
      test(`${name} tells the client the reason`, async () => {
        const ann = await open({ userId: 'ann' }, { autoReconnect: false })
        await service.group('g').addConnection(ann.id)
        await close(service, ann.id, { reason: 'tidying up' })
        const { connectionId, message } = await ann.disconnected.find()
        assert.equal(connectionId, ann.id)
        assert.match(message.message, /Application server closed the connection.*tidying up/)
        await ann.stopped.find()
      })
    }

    test('closing what is not there succeeds', async () => {
      await service.closeConnection('missing')
      await service.closeAllConnections()
    })

    test('a connection is added to a group and removed', async () => {
      const ann = await open()
      const group = service.group('g')
      await group.addConnection(ann.id)
      await group.addConnection(ann.id)
      await group.sendToAll('in')
      await group.removeConnection(ann.id)
      await group.sendToAll('out')
      await group.addConnection(ann.id)
      await group.sendToAll('in again')
      assert.deepEqual((await ann.groups.first(2)).map((m) => m.data), ['in', 'in again'])
    })

    test('adding a missing connection to a group is a readable error', async () => {
      await assert.rejects(service.group('g').addConnection('missing'), (err) => {
        assert.equal(err.statusCode, 404)
        return true
      })
      await service.group('g').removeConnection('missing')
    })

    test('a user is added to groups and removed from one or all', async () => {
      const [phone, desk] = [await open({ userId: 'ann' }), await open({ userId: 'ann' })]
      for (const name of ['g1', 'g2', 'g3']) await service.group(name).addUser('ann')
      await service.group('g1').removeUser('ann')
      await service.group('g1').sendToAll('gone')
      await service.group('g2').sendToAll('here')
      for (const client of [phone, desk]) assert.equal((await client.groups.find()).data, 'here')
      await service.removeUserFromAllGroups('ann')
      for (const name of ['g2', 'g3']) assert.equal(await service.groupExists(name), false)
    })

    test('permissions are granted, checked and revoked on an open connection', async () => {
      const ann = await open()
      const target = { targetName: 'g' }
      const forbidden = (err) => err.errorDetail.name === 'Forbidden'

      for (const [permission, act] of [
        ['sendToGroup', () => ann.sdk.sendToGroup('g', 'hi', 'text')],
        ['joinLeaveGroup', () => ann.sdk.joinGroup('g')],
      ]) {
        assert.equal(await service.hasPermission(ann.id, permission, target), false)
        await assert.rejects(act, forbidden)
        await service.grantPermission(ann.id, permission, target)
        assert.equal(await service.hasPermission(ann.id, permission, target), true)
        assert.equal(await service.hasPermission(ann.id, permission, { targetName: 'other' }), false)
        await act()
        await service.revokePermission(ann.id, permission, target)
        assert.equal(await service.hasPermission(ann.id, permission, target), false)
        await assert.rejects(act, forbidden)
      }
    })

    test('getClientAccessToken carries user, roles and groups', async () => {
      const ann = await open({ userId: 'ann', roles: ['webpubsub.sendToGroup.g'] })
      const bob = await open({ userId: 'bob', roles: ['webpubsub.joinLeaveGroup'] })
      assert.equal((await ann.connected.find()).userId, 'ann')
      await bob.sdk.joinGroup('g')
      await ann.sdk.sendToGroup('g', { x: 1 }, 'json')
      const message = await bob.groups.find()
      assert.equal(message.fromUserId, 'ann')
      assert.deepEqual(message.data, { x: 1 })
    })

    test('a token lasts as long as it was asked to', async () => {
      for (const [options, minutes] of [[{}, 60], [{ expirationTimeInMinutes: 5 }, 5]]) {
        const { token, baseUrl, url } = await service.getClientAccessToken(options)
        const { iat, exp, aud } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'))
        assert.equal(exp - iat, minutes * 60)
        assert.equal(aud, `${easel.endpoint}/client/hubs/${service.hubName}`)
        assert.equal(url, `${baseUrl}?access_token=${token}`)
      }
    })

    test('every operation tells onResponse what was answered, and obeys a signal', async () => {
      const ann = await open({ userId: 'ann' }, { autoReconnect: false })
      const group = service.group('g')
      const permission = { targetName: 'g' }
      const operations = [
        [202, (o) => service.sendToAll('x', o)],
        [202, (o) => service.sendToUser('ann', 'x', o)],
        [202, (o) => service.sendToConnection(ann.id, 'x', o)],
        [202, (o) => group.sendToAll('x', o)],
        [200, (o) => group.addConnection(ann.id, o)],
        [200, (o) => group.addUser('ann', o)],
        [200, (o) => service.connectionExists(ann.id, o)],
        [200, (o) => service.userExists('ann', o)],
        [200, (o) => service.groupExists('g', o)],
        [200, (o) => service.grantPermission(ann.id, 'sendToGroup', { ...permission, ...o })],
        [200, (o) => service.hasPermission(ann.id, 'sendToGroup', { ...permission, ...o })],
        [204, (o) => service.revokePermission(ann.id, 'sendToGroup', { ...permission, ...o })],
        [404, (o) => service.hasPermission(ann.id, 'sendToGroup', { ...permission, ...o })],
        [204, (o) => group.removeConnection(ann.id, o)],
        [204, (o) => group.removeUser('ann', o)],
        [204, (o) => service.removeUserFromAllGroups('ann', { reason: 'tidying up', ...o })],
        [204, (o) => group.closeAllConnections(o)],
        [204, (o) => service.closeUserConnections('ann', o)],
        [204, (o) => service.closeAllConnections(o)],
        [204, (o) => service.closeConnection(ann.id, o)],
      ]
      for (const [status, call] of operations) {
        let seen
        await call({ onResponse: (response) => (seen = response.status) })
        assert.equal(seen, status, `${call}`)
        await assert.rejects(call({ abortSignal: AbortSignal.abort() }), { name: 'AbortError' })
      }
    })

    test('a close spares the excluded connections', async () => {
      const [ann, bob] = [await open({ userId: 'u' }), await open({ userId: 'u' })]
      for (const client of [ann, bob]) await service.group('g').addConnection(client.id)
      const spare = { excluded: [bob.id] } // passed through by the SDK, though not in its declarations
      for (const close of [
        () => service.closeAllConnections(spare),
        () => service.closeUserConnections('u', spare),
        () => service.group('g').closeAllConnections(spare),
      ]) {
        const before = ann.connected.all.length
        await close()
        const [again] = (await ann.connected.first(before + 1)).slice(-1)
        await service.group('g').addConnection(again.connectionId)
        assert.equal(await service.connectionExists(bob.id), true)
      }
      assert.equal(bob.connected.all.length, 1)
    })

    test('a client is made of endpoint and key as well as of a connection string', async () => {
      const ann = await open()
      const credential = new sdk.AzureKeyCredential(easel.key)
      const other = new sdk.WebPubSubServiceClient(easel.endpoint, credential, service.hubName, httpOptions)
      await other.sendToConnection(ann.id, 'hello')
      assert.equal((await ann.server.find()).data, 'hello')
    })

    test('both keys work until they are regenerated', async () => {
      const second = serviceClient(sdk, easel.secondaryConnectionString, service.hubName)
      const ann = await new Clients(sdk, second).open()
      await second.sendToAll('by the second key')
      assert.equal((await ann.server.find()).data, 'by the second key')

      await easel.manage('key', 'regenerate', '--key-type', 'secondary')
      await assert.rejects(second.sendToAll('by the old key'), (err) => err.statusCode === 401)
      const { secondaryConnectionString } = await easel.manage('key', 'show')
      easel.secondaryConnectionString = secondaryConnectionString
      await serviceClient(sdk, secondaryConnectionString, service.hubName).sendToAll('by the new key')
      assert.equal((await ann.server.first(2))[1].data, 'by the new key')
      ann.stop()
    })

    test('a token of another service is refused', async () => {
      const other = easel.connectionString.replace(/AccessKey=[^;]+/, 'AccessKey=' + 'x'.repeat(44))
      await assert.rejects(serviceClient(sdk, other, service.hubName).sendToAll('hi'), (err) => err.statusCode === 401)
      await assert.rejects(new Clients(sdk, serviceClient(sdk, other, service.hubName)).open(), /401/)
    })
  })
}

for (const sdk of versions) {
  test(`behind a reverse proxy tokens name the public address, ${sdk.name}`, async () => {
    const publicURL = `${transport}://wps.example.net`
    const proxied = await Service.start('--public-url', publicURL)
    const clients = new Clients(sdk, serviceClient(sdk, proxied.connectionString, 'proxied'))
    try {
      const ann = await clients.open()
      const options = { reverseProxyEndpoint: proxied.endpoint }
      const service = serviceClient(sdk, proxied.connectionStringAt(publicURL), 'proxied', options)
      await service.sendToConnection(ann.id, 'through the proxy')
      assert.equal((await ann.server.find()).data, 'through the proxy')
      const { token } = await service.getClientAccessToken({ userId: 'bob' })
      const bob = await clients.openURL(`${proxied.endpoint.replace('http', 'ws')}/client/hubs/proxied?access_token=${token}`)
      assert.equal((await bob.connected.find()).userId, 'bob')
    } finally {
      clients.close()
      await proxied.stop()
    }
  })
}

describe('REST operations of the newest SDK alone', () => {
  let service, clients
  beforeEach(() => {
    service = serviceClient(newest, easel.connectionString, `rest${++hubs}`)
    clients = new Clients(newest, service)
  })
  afterEach(() => clients.close())

  test('a token names the groups to start in', async () => {
    const ann = await clients.open({ groups: ['g1', 'g2'] })
    await service.group('g1').sendToAll('one')
    await service.group('g2').sendToAll('two')
    assert.deepEqual((await ann.groups.first(2)).map((m) => m.group), ['g1', 'g2'])
  })

  test('a connection is removed from all groups', async () => {
    const ann = await clients.open({ groups: ['g', 'h'] })
    await service.removeConnectionFromAllGroups(ann.id, { reason: 'tidying up' })
    for (const name of ['g', 'h']) assert.equal(await service.groupExists(name), false)
  })

  test('the members of a group are listed page by page', async () => {
    const want = new Map()
    for (const userId of ['ann', 'bob', undefined, 'ann', 'eve']) {
      want.set((await clients.open({ userId, groups: ['g'] })).id, userId)
    }
    const got = new Map()
    let pages = 0
    const members = await service.group('g').listConnections({ maxPageSize: 2 })
    for await (const page of members.byPage()) {
      pages++
      for (const member of page) got.set(member.connectionId, member.userId)
    }
    assert.equal(pages, 3)
    assert.deepEqual(got, new Map([...want].sort(([a], [b]) => (a < b ? -1 : 1))))

    const top = []
    for await (const member of await service.group('g').listConnections({ top: 3 })) top.push(member)
    assert.equal(top.length, 3)
    for await (const member of await service.group('empty').listConnections()) assert.fail(member)
  })

  test('messages wait for a detached client no longer than their time to live', async () => {
    const ann = await clients.open()
    await service.sendToConnection(ann.id, 'at once', { messageTtlSeconds: 60 })
    assert.equal((await ann.server.find()).data, 'at once')
    await assert.rejects(service.sendToAll('x', { messageTtlSeconds: 301 }), (err) => err.statusCode === 400)
  })

  test('a list resumes where another page ended', async () => {
    for (let i = 0; i < 3; i++) await clients.open({ groups: ['g'] })
    const group = service.group('g')
    const all = []
    for await (const member of await group.listConnections()) all.push(member.connectionId)
    let page
    const onResponse = (response) => (page = JSON.parse(response.bodyAsText))
    await (await group.listConnections({ maxPageSize: 1, onResponse })).byPage().next()
    const rest = []
    const continuationToken = new URL(page.nextLink).searchParams.get('continuationToken')
    for await (const member of await group.listConnections({ continuationToken })) rest.push(member.connectionId)
    assert.deepEqual([page.value[0].connectionId, ...rest], all)
  })

  test('a token for another kind of client does not open this endpoint', async () => {
    for (const clientProtocol of ['mqtt', 'socketio']) {
      const { token, baseUrl } = await service.getClientAccessToken({ clientProtocol })
      assert.match(baseUrl, new RegExp(`/clients/${clientProtocol}/hubs/${service.hubName}$`))
      const url = `${easel.endpoint.replace('http', 'ws')}/client/hubs/${service.hubName}?access_token=${token}`
      await assert.rejects(clients.openURL(url), /Unexpected server response: 401/)
    }
    await clients.open({ clientProtocol: 'default' })
  })

  test('logging options change nothing that is sent', async () => {
    const ann = await clients.open()
    const loggingOptions = { additionalAllowedHeaderNames: ['x-ms-error-code'], additionalAllowedQueryParameters: ['excluded'] }
    await serviceClient(newest, easel.connectionString, service.hubName, { loggingOptions }).sendToConnection(ann.id, 'x')
    assert.equal((await ann.server.find()).data, 'x')
  })

  test('generateToken makes a token that opens a connection', async () => {
    const url = new URL(`/api/hubs/${service.hubName}/:generateToken`, easel.endpoint)
    const authorization = `Bearer ${easel.sign(url.href)}`
    url.search = 'api-version=2024-12-01&userId=ann&role=webpubsub.sendToGroup&group=g&minutesToExpire=5'
    const response = await fetch(url, { method: 'POST', headers: { authorization } })
    assert.equal(response.status, 200)
    const { token } = await response.json()
    const ann = await clients.openURL(`${easel.endpoint.replace('http', 'ws')}/client/hubs/${service.hubName}?access_token=${token}`)
    assert.equal((await ann.connected.find()).userId, 'ann')
    await ann.sdk.sendToGroup('g', 'hi', 'text')
    assert.equal((await ann.groups.find()).data, 'hi')
  })

  // With a credential of Azure's directory the SDK asks the service for tokens, over https alone.
  if (secure) {
    test('an SDK without the key has its tokens made by the service', async () => {
      const url = `${easel.endpoint}/api/hubs/${service.hubName}/:generateToken`
      const credential = { getToken: async () => ({ token: easel.sign(url), expiresOnTimestamp: Date.now() + 60_000 }) }
      const keyless = new newest.WebPubSubServiceClient(easel.endpoint, credential, service.hubName, httpOptions)
      const options = { userId: 'ann', roles: ['webpubsub.sendToGroup'], groups: ['g'], expirationTimeInMinutes: 5 }
      const ann = await clients.openURL((await keyless.getClientAccessToken(options)).url)
      assert.equal((await ann.connected.find()).userId, 'ann')
      await ann.sdk.sendToGroup('g', 'hi', 'text')
      assert.equal((await ann.groups.find()).data, 'hi')
    })
  }

  test('the service tells its health to everyone', async () => {
    for (const method of ['HEAD', 'GET']) {
      const response = await fetch(new URL('/api/health?api-version=2024-12-01', easel.endpoint), { method })
      assert.equal(response.status, 200)
    }
  })

  test('a message over 1 MiB is refused and the service goes on', async () => {
    const ann = await clients.open()
    const whole = new Uint8Array(1 << 20).buffer
    await service.sendToAll(whole)
    await assert.rejects(service.sendToAll(new Uint8Array((1 << 20) + 1).buffer), (err) => err.statusCode >= 400 && err.statusCode < 500)
    assert.equal((await ann.server.find()).data.byteLength, 1 << 20)
    await eventually(() => service.connectionExists(ann.id))
  })
})
