import { beforeEach, describe, expect, test } from 'vitest'
import { Simulation, settle } from '../testing/simulation'
import { ApiError, type TransportState } from '../sync/ports'
import { HttpApi } from './api'
import { WebPubSubTransport, type Client } from './webpubsub'

/** The SDK's client, driven by the test. */
class FakeClient {
  readonly sent: unknown[][] = []
  stopped = false
  private readonly handlers = new Map<string, (args: unknown) => void>()
  fail = (): void => undefined
  private readonly started = new Promise<void>((_, reject) => (this.fail = () => reject(new Error('refused'))))

  start = async (): Promise<void> => {
    await this.url()
    await this.started
  }

  constructor(private readonly url: () => Promise<string>) {}

  on = (event: string, fn: (args: never) => void): void => void this.handlers.set(event, fn as (args: unknown) => void)
  stop = (): void => void (this.stopped = true)
  emit = (event: string, args: unknown = {}): void => this.handlers.get(event)?.(args)
  sendEvent = async (...args: unknown[]) => (this.sent.push(args), { isDuplicated: false })
  sendToGroup = async (...args: unknown[]) => (this.sent.push(args), { isDuplicated: false })
}

describe('the connection', () => {
  let sim: Simulation
  let clients: FakeClient[]
  let heard: unknown[]
  let transport: WebPubSubTransport

  beforeEach(() => {
    sim = new Simulation()
    clients = []
    heard = []
    transport = new WebPubSubTransport(sim.scheduler(() => 0.5), (url) => {
      const client = new FakeClient(url)
      clients.push(client)
      return client as unknown as Client
    })
    transport.connect(async () => 'wss://there', {
      state: (state: TransportState) => heard.push(state),
      message: (data) => heard.push(['message', data]),
      groupMessage: (...args) => heard.push(args),
    })
  })

  test('tells its state and passes messages on', () => {
    const [client] = clients
    client!.emit('connected')
    client!.emit('server-message', { message: { data: 1 } })
    client!.emit('group-message', { message: { group: 'g', data: 2, fromUserId: 'ana' } })
    client!.emit('group-message', { message: { group: 'g', data: 3, fromUserId: null } })
    expect(heard).toEqual(['connecting', 'open', ['message', 1], ['g', 2, 'ana'], ['g', 3, undefined]])
  })

  test('is built up again, with pauses that grow to four seconds', async () => {
    const pauses: number[] = []
    for (let i = 0; i < 8; i++) {
      const begin = sim.now()
      clients.at(-1)!.fail()
      await sim.until(() => clients.length === i + 2)
      pauses.push(sim.now() - begin)
    }
    expect(pauses[0]).toBeLessThanOrEqual(250)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(4010)
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b))
    clients.at(-1)!.emit('connected')
    clients.at(-1)!.emit('disconnected')
    clients.at(-1)!.emit('stopped')
    await sim.run(250)
    expect(clients).toHaveLength(10)
  })

  test('an old client is heard no more', async () => {
    const [old] = clients
    old!.emit('connected')
    old!.emit('disconnected')
    await sim.run(1000)
    clients[1]!.emit('connected')
    heard.length = 0
    old!.emit('server-message', { message: { data: 'late' } })
    old!.emit('group-message', { message: { group: 'g', data: 'late' } })
    old!.emit('disconnected')
    expect(heard).toEqual([])
    expect(clients).toHaveLength(2)
  })

  test('reconnect leaves the client and begins at once; one that gets through late is stopped', () => {
    transport.reconnect()
    expect(clients).toHaveLength(2)
    expect(heard).toEqual(['connecting', 'closed', 'connecting'])
    clients[0]!.stopped = false
    clients[0]!.emit('connected')
    expect(clients[0]!.stopped).toBe(true)
    expect(heard).toEqual(['connecting', 'closed', 'connecting'])
  })

  test('close ends it for good', async () => {
    clients[0]!.emit('connected')
    transport.close()
    transport.reconnect()
    await sim.run(60_000)
    expect(clients).toHaveLength(1)
    expect(clients[0]!.stopped).toBe(true)
    expect(heard.at(-1)).toBe('closed')
  })

  test('sends events with acknowledgement, and to groups without echo', async () => {
    await expect(transport.sendEvent('ops', {})).rejects.toThrow('not connected')
    transport.sendToGroup('g', {})
    const [client] = clients
    expect(client!.sent).toEqual([])
    client!.emit('connected')
    await transport.sendEvent('ops', { n: 1 })
    transport.sendToGroup('g', { k: 'c' })
    expect(client!.sent).toEqual([
      ['ops', { n: 1 }, 'json'],
      ['g', { k: 'c' }, 'json', { noEcho: true, fireAndForget: true }],
    ])
    await settle()
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
