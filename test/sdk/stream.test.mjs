// Streams to a group, which only the newest client knows.

import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'

import { Proxy } from '../lib/proxy.mjs'
import { Service } from './lib/easel.mjs'
import { Inbox } from './lib/inbox.mjs'
import { Clients, newest, serviceClient } from './lib/sdk.mjs'

const ALL = ['webpubsub.sendToGroup', 'webpubsub.joinLeaveGroup']

/**
 * Ends a stream by the given call. The newest client resolves that call when its socket says that the
 * request is written, and rejects it when the service's answer is there first, as may be over TLS on one
 * machine. The stream has ended either way.
 */
async function finish(ending) {
  await ending.catch((err) => assert.match(err.message, /^Stream '.*' is completed\.$/))
}

let easel
before(async () => {
  easel = await Service.start()
})
after(() => easel.stop())

let hubs = 0
for (const plain of [false, true]) {
  describe(`streams, ${plain ? 'plain' : 'reliable'} protocol`, () => {
    let clients, ann, bob, proxy
    beforeEach(async () => {
      const hub = `stream${++hubs}`
      proxy = await Proxy.start(easel.endpoint)
      clients = new Clients(newest, serviceClient(newest, easel.connectionStringAt(proxy.endpoint), hub))
      ann = await clients.open({ userId: 'ann', roles: ALL }, { plain })
      bob = await clients.open({ userId: 'bob', roles: ALL, groups: ['g', 'h'] }, { plain })
    })
    afterEach(async () => {
      clients.close()
      await proxy.stop()
    })

    /** The streams a client hears, each with what has come of it: its messages and how it ended. */
    function listen(client, options) {
      const streams = new Inbox()
      const subscription = client.sdk.onGroupStream(async (stream) => {
        const heard = { stream, messages: new Inbox(), end: new Inbox() }
        streams.put(heard)
        try {
          for await (const message of stream) heard.messages.put(message)
          heard.end.put('done')
        } catch (err) {
          heard.end.put(err)
        }
      }, options)
      return { streams, subscription }
    }

    test('what is written arrives in order and of its type, then the end', async () => {
      const { streams } = listen(bob)
      const writer = await ann.sdk.openGroupStream('g')
      const signal = new AbortController().signal
      await writer.write('He', 'text', { abortSignal: signal })
      await writer.write({ n: 1 }, 'json')
      await writer.write(new Uint8Array([0, 255]).buffer, 'binary')
      await finish(writer.end({ abortSignal: signal }))
      const { stream, messages, end } = await streams.find()
      assert.equal(await end.find(), 'done')
      assert.equal(stream.groupName, 'g')
      assert.equal(stream.streamId, writer.streamId)
      assert.equal(stream.abortSignal.aborted, true)
      const [text, json, binary] = messages.all
      assert.deepEqual([text.data, json.data, [...new Uint8Array(binary.data)]], ['He', { n: 1 }, [0, 255]])
      assert.deepEqual(messages.all.map((m) => m.stream.streamSequenceId), [1, 2, 3])
      assert.deepEqual(messages.all.map((m) => m.fromUserId), ['ann', 'ann', 'ann'])
      assert.equal(messages.all.every((m) => (m.sequenceId === undefined) === plain), true)
    })

    test('hundreds of fragments arrive, each once', async () => {
      const { streams } = listen(bob)
      const writer = await ann.sdk.openGroupStream('g')
      const count = 900 // a reliable reader is closed when it has left 1000 unacknowledged
      for (let i = 0; i < count; i++) await writer.write(i, 'json')
      await finish(writer.end())
      const { messages, end } = await streams.find()
      await end.find()
      assert.deepEqual(messages.all.map((m) => m.data), Array.from({ length: count }, (_, i) => i))
    })

    test('an aborted stream ends with the error its writer gave', async () => {
      const { streams } = listen(bob)
      const writer = await ann.sdk.openGroupStream('g', { streamId: 'mine' })
      await writer.write('x', 'text')
      const { message, userErrorCode } = { message: 'stopped', userErrorCode: 'E1' }
      await finish(writer.abort({ message, userErrorCode }, { abortSignal: new AbortController().signal }))
      const { stream, end } = await streams.find()
      assert.equal(stream.streamId, 'mine')
      assert.deepEqual(await end.find(), { name: 'UserError', message, userErrorCode })
      await assert.rejects(writer.write('y', 'text'), /completed/)
    })

    test('noEcho spares the writer for the whole stream', async () => {
      await ann.sdk.joinGroup('g')
      const { streams } = listen(ann)
      const quiet = await ann.sdk.openGroupStream('g', { noEcho: true, streamId: 'quiet' })
      await quiet.write('x', 'text')
      await finish(quiet.end())
      const loud = await ann.sdk.openGroupStream('g', { noEcho: false, streamId: 'loud' })
      await loud.write('x', 'text')
      await finish(loud.end())
      const { stream, end } = await streams.find()
      await end.find()
      assert.equal(stream.streamId, 'loud')
      assert.equal(streams.all.length, 1)
    })

    test('two streams are told apart, and a subscription may be for some groups', async () => {
      const { streams } = listen(bob, { groupNames: ['h'], idleTimeoutInMs: 10_000 })
      const writers = []
      for (const group of ['g', 'h', 'h']) writers.push(await ann.sdk.openGroupStream(group))
      for (const n of [1, 2]) for (const [i, writer] of writers.entries()) await writer.write(`${i}.${n}`, 'text')
      for (const writer of writers) await finish(writer.end())
      for (const heard of await streams.first(2)) await heard.end.find()
      const texts = streams.all.map(({ messages }) => messages.all.map((m) => m.data))
      assert.deepEqual(texts.sort(), [['1.1', '1.2'], ['2.1', '2.2']])
    })

    test('who joins in the middle hears the rest, unless from the start is asked for', async () => {
      const writer = await ann.sdk.openGroupStream('late')
      await writer.write('missed', 'text')
      await ann.sdk.sendToGroup('late', 'a barrier', 'text')
      const { streams } = listen(bob)
      const { streams: whole } = listen(bob, { handleFromStart: true })
      await bob.sdk.joinGroup('late')
      await writer.write('heard', 'text')
      await finish(writer.end())
      const { messages, end } = await streams.find()
      await end.find()
      assert.deepEqual(messages.all.map((m) => m.data), ['heard'])
      assert.equal(whole.all.length, 0)
    })

    test('a closed subscription hears no more, and says so', async () => {
      const { streams, subscription } = listen(bob)
      assert.equal(subscription.isActive, true)
      await subscription.close()
      assert.equal(subscription.isActive, false)
      const second = listen(bob)
      await second.subscription[Symbol.asyncDispose]()
      const third = listen(bob)
      const writer = await ann.sdk.openGroupStream('g')
      await finish(writer.end())
      await (await third.streams.find()).end.find()
      assert.deepEqual([streams.all.length, second.streams.all.length], [0, 0])
    })

    test('a stream that nobody writes to ends with IdleTimeout on both sides', async () => {
      const { streams } = listen(bob)
      // Time enough for the first write on a busy machine.
      const writer = await ann.sdk.openGroupStream('g', { idleTimeoutInMs: 3000 })
      const errors = new Inbox()
      const off = writer.onError(() => assert.fail('taken off'))
      off()
      writer.onError((err) => errors.put(err))
      await writer.write('x', 'text')
      assert.equal((await errors.find()).name, 'IdleTimeout')
      assert.equal((await (await streams.find()).end.find()).name, 'IdleTimeout')
    })

    test('without the permission a stream does not start', async () => {
      const eve = await clients.open({ roles: ['webpubsub.sendToGroup.other'] }, { plain })
      await assert.rejects(eve.sdk.openGroupStream('g'), { name: 'Forbidden' })
      await finish((await eve.sdk.openGroupStream('other')).end())
    })

    test('a stream whose connection is cut goes on when reliable and fails when not', async () => {
      const { streams } = listen(bob)
      const writer = await ann.sdk.openGroupStream('g', { idleTimeoutInMs: 60_000 })
      const errors = new Inbox()
      writer.onError((err) => errors.put(err))
      for (const n of [1, 2]) await writer.write(n, 'json')
      const { messages, end } = await streams.find()
      await messages.first(2)
      proxy.cut()
      proxy.restore()
      if (plain) {
        await errors.find()
        for (const client of [ann, bob]) await client.connected.first(2)
        return
      }
      for (const n of [3, 4]) await writer.write(n, 'json')
      await finish(writer.end())
      assert.equal(await end.find(), 'done')
      assert.deepEqual(messages.all.map((m) => m.data), [1, 2, 3, 4])
    })
  })
}
