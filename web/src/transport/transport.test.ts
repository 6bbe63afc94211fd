import { beforeEach, describe, expect, test } from 'vitest'
import { Simulation, settle } from '../testing/simulation'
import { ApiError, type TransportState } from '../sync/ports'
import { HttpApi } from './api'
import type { Socket } from './connection'
import { WebPubSubTransport } from './webpubsub'

/** A WebSocket, driven by the test. */
class FakeSocket implements Socket {
  readonly sent: Record<string, unknown>[] = []
  closed = false
  onmessage: Socket['onmessage'] = null
  onclose: Socket['onclose'] = null

  constructor(readonly url: string) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(): void {
    this.closed = true
  }

  hear(frame: object): void {
    this.onmessage!.call(null as never, { data: JSON.stringify(frame) } as MessageEvent)
  }

  connected(): void {
    this.hear({ type: 'system', event: 'connected', connectionId: 'c', userId: 'u' })
  }

  drop(): void {
    this.onclose!.call(null as never, {} as CloseEvent)
  }
}

describe('the connection', () => {
  let sim: Simulation
  let sockets: FakeSocket[]
  let heard: unknown[]
  let transport: WebPubSubTransport
  let url: () => Promise<string>

  beforeEach(async () => {
    sim = new Simulation()
    sockets = []
    heard = []
    url = async () => 'wss://there'
    transport = new WebPubSubTransport(sim.scheduler(() => 0.5), (address) => {
      const socket = new FakeSocket(address)
      sockets.push(socket)
      return socket
    })
    transport.connect(() => url(), {
      state: (state: TransportState) => heard.push(state),
      message: (data) => heard.push(['message', data]),
      groupMessage: (...args) => heard.push(args),
    })
    await settle()
  })

  test('tells its state and passes messages on', () => {
    const [socket] = sockets
    socket!.connected()
    socket!.hear({ type: 'message', from: 'server', dataType: 'json', data: 1 })
    socket!.hear({ type: 'message', from: 'group', group: 'g', dataType: 'json', data: 2, fromUserId: 'ana' })
    socket!.hear({ type: 'message', from: 'group', group: 'g', dataType: 'json', data: 3, fromUserId: null })
    socket!.hear({ type: 'pong' })
    socket!.hear({ type: 'of the future' })
    expect(heard).toEqual(['connecting', 'open', ['message', 1], ['g', 2, 'ana'], ['g', 3, undefined]])
  })

  test('is built up again, with pauses that grow to four seconds', async () => {
    const pauses: number[] = []
    for (let i = 0; i < 8; i++) {
      const begin = sim.now()
      sockets.at(-1)!.drop()
      await sim.until(() => sockets.length === i + 2)
      pauses.push(sim.now() - begin)
    }
    expect(pauses[0]).toBeLessThanOrEqual(250)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(4010)
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b))
    sockets.at(-1)!.connected()
    sockets.at(-1)!.drop()
    await sim.run(250)
    expect(sockets).toHaveLength(10)
  })

  test('an address that cannot be had is asked for again', async () => {
    url = () => Promise.reject(new Error('no network'))
    sockets[0]!.drop()
    await sim.run(20_000)
    expect(sockets).toHaveLength(1)
    url = async () => 'wss://elsewhere'
    await sim.until(() => sockets.length === 2)
    expect(sockets[1]!.url).toBe('wss://elsewhere')
  })

  test('an old connection is heard no more', async () => {
    const [old] = sockets
    old!.connected()
    old!.drop()
    await sim.run(1000)
    sockets[1]!.connected()
    heard.length = 0
    old!.hear({ type: 'message', from: 'server', data: 'late' })
    old!.connected()
    old!.drop()
    expect(heard).toEqual([])
    expect(sockets).toHaveLength(2)
  })

  test('reconnect leaves the connection and begins at once', async () => {
    transport.reconnect()
    await settle()
    expect(sockets).toHaveLength(2)
    expect(sockets[0]!.closed).toBe(true)
    expect(heard).toEqual(['connecting', 'closed', 'connecting'])
    sockets[0]!.connected()
    expect(heard).toEqual(['connecting', 'closed', 'connecting'])
  })

  test('an address that comes after close opens nothing', async () => {
    let answer = (_: string): void => undefined
    url = () => new Promise((resolve) => (answer = resolve))
    transport.reconnect()
    transport.close()
    answer('wss://late')
    await settle()
    expect(sockets).toHaveLength(1)
  })

  test('close ends it for good', async () => {
    sockets[0]!.connected()
    transport.close()
    transport.reconnect()
    await sim.run(60_000)
    expect(sockets).toHaveLength(1)
    expect(sockets[0]!.closed).toBe(true)
    expect(heard.at(-1)).toBe('closed')
  })

  test('pings, and counts as lost what has been silent for 25 seconds', async () => {
    const [socket] = sockets
    socket!.connected()
    for (let i = 0; i < 6; i++) {
      await sim.run(10_000)
      socket!.hear({ type: 'pong' })
    }
    expect(socket!.sent).toEqual(Array(6).fill({ type: 'ping' }))
    expect(socket!.closed).toBe(false)
    await sim.run(35_000)
    expect(socket!.closed).toBe(true)
    expect(sockets).toHaveLength(2)
  })

  test('one that never opens counts as lost, too', async () => {
    await sim.run(35_000)
    expect(sockets[0]!.closed).toBe(true)
    expect(sockets[0]!.sent).toEqual([])
    expect(sockets).toHaveLength(2)
  })

  test('sends events with acknowledgement, and to groups without echo', async () => {
    await expect(transport.sendEvent('ops', {})).rejects.toThrow('not connected')
    transport.sendToGroup('g', {})
    const [socket] = sockets
    expect(socket!.sent).toEqual([])
    socket!.connected()
    const sent = [1, 2, 3, 4].map((n) => transport.sendEvent('ops', { n }))
    transport.sendToGroup('g', { k: 'c' })
    expect(socket!.sent).toEqual([
      ...[1, 2, 3, 4].map((n) => ({ type: 'event', event: 'ops', ackId: n, dataType: 'json', data: { n } })),
      { type: 'sendToGroup', group: 'g', noEcho: true, dataType: 'json', data: { k: 'c' } },
    ])
    socket!.hear({ type: 'ack', ackId: 2, success: false, error: { name: 'Forbidden', message: 'no' } })
    socket!.hear({ type: 'ack', ackId: 1, success: true })
    socket!.hear({ type: 'ack', ackId: 3, success: false, error: { name: 'Duplicate', message: 'again' } })
    socket!.drop()
    const ends = await Promise.allSettled(sent)
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
  })
})

describe('the HTTP interface', () => {
  let requests: Request[]
  let answer: () => Response
  const fetcher = async (input: RequestInfo | URL, init?: RequestInit) => {
    requests.push(new Request(input, init))
    return answer()
  }
  const api = new HttpApi({ base: 'http://board.test', fetch: fetcher as typeof fetch })
  const board = api.board('abc', 's3cret')

  beforeEach(() => {
    requests = []
    answer = () => Response.json({})
  })

  const calls: [string, string, () => Promise<unknown>, unknown][] = [
    ['GET', '/negotiate?board=abc', () => board.negotiate(undefined), {}],
    ['GET', '/negotiate?board=abc&name=Ana+%26+Co', () => board.negotiate('Ana & Co'), {}],
    ['GET', '/diagram?board=abc', () => board.snapshot(), { seq: 1, records: [] }],
    ['GET', '/boards/abc/ops?after=7&limit=100', () => board.entries(7, 100), { seq: 7, entries: [] }],
    ['GET', '/boards/abc/people', () => board.people(), { people: [] }],
    ['GET', '/boards/abc', () => board.info(), {}],
    ['POST', '/boards/abc/links/viewer', () => board.replaceLink('viewer'), {}],
    ['POST', '/background/upload?board=abc', () => board.upload(new Blob(['x'])), {}],
  ]
  test.each(calls)('%s %s', async (method, path, call, body) => {
    answer = () => Response.json(body)
    await call()
    const [request] = requests
    expect([request!.method, request!.url]).toEqual([method, `http://board.test${path}`])
    expect(request!.headers.get('Authorization')).toBe('Bearer s3cret')
  })

  test('boards are made without a secret', async () => {
    await api.createBoard('Plan')
    expect(requests[0]!.headers.has('Authorization')).toBe(false)
    expect(await requests[0]!.json()).toEqual({ title: 'Plan' })
    expect(api.assetUrl('a/b')).toBe('http://board.test/background/a%2Fb')
  })

  const failures: [string, () => Response, Partial<ApiError>][] = [
    ['an error of the web app', () => Response.json({ error: { code: 'compacted', message: 'gone' } }, { status: 410 }), { status: 410, code: 'compacted', message: 'gone' }],
    ['an error of something between', () => new Response('<html>', { status: 502, statusText: 'Bad Gateway' }), { status: 502, code: 'http_502' }],
    ['an answer that is not JSON', () => new Response('<html>'), { status: 0, code: 'unreachable' }],
    ['an answer of another shape', () => Response.json({ seq: 'x' }), { status: 0, code: 'malformed' }],
    ['no answer', () => { throw new TypeError('fetch failed') }, { status: 0, code: 'unreachable', message: 'fetch failed' }],
  ]
  test.each(failures)('%s is an ApiError', async (_, failure, want) => {
    answer = failure
    const err = await board.entries(0, 1).catch((caught: unknown) => caught)
    expect(err).toBeInstanceOf(ApiError)
    expect(err).toMatchObject(want)
  })

  test('an entry that is malformed is refused', async () => {
    answer = () => Response.json({ seq: 1, entries: [{ q: 1, c: 'actor0001', n: 1, ops: [['0', 'r', {}]] }] })
    await expect(board.entries(0, 1)).rejects.toMatchObject({ code: 'malformed' })
  })

  test('only a wrong link is final', () => {
    const finals = [0, 401, 403, 404, 410, 429, 500, 503].filter((status) => new ApiError(status, '', '').isFinal)
    expect(finals).toEqual([401, 403, 404])
  })
})
