import WebSocket from 'ws'
import { Clock } from '../src/board/clock'
import type { Server } from '../e2e/fixtures/server'
import { heap, median } from './measure'
import { report } from './report'
import { test } from './test'

const PEOPLE = 20
const MINUTES = Number(process.env.BENCH_SOAK ?? 2)
/** How long people work before the heap is looked at, in minutes: until then each shape has been changed and bounded caches have filled. */
const WARM_UP = Number(process.env.BENCH_WARM_UP ?? 2)
const SAMPLE_EVERY = 5000

/** Twenty people move cursors and change shapes; the heap, of which nothing waits to be collected, must not grow. */
test('soak with twenty people', async ({ easel, server, boards }) => {
  test.setTimeout((WARM_UP + MINUTES + 3) * 60_000)
  const board = await boards(1000)
  const page = await easel(1000)
  const people = await Promise.all(Array.from({ length: PEOPLE }, (_, i) => Person.join(server, board.id, secretOf(board.links.edit), i)))
  await page.waitForTimeout(WARM_UP * 60_000)
  const samples: [seconds: number, megabytes: number][] = []
  const start = Date.now()
  while (Date.now() - start < MINUTES * 60_000) {
    samples.push([(Date.now() - start) / 1000, await heap(page)])
    await page.waitForTimeout(SAMPLE_EVERY)
  }
  for (const person of people) person.leave()
  console.log(samples.map(([seconds, megabytes]) => `  ${seconds.toFixed(0)} s: ${megabytes.toFixed(3)} MB`).join('\n'))
  report({ work: `growth of the heap, ${PEOPLE} people, ${MINUTES} min`, unit: 'MB/h', goal: '< 1', easel: 3600 * slope(samples) })
})

const secretOf = (link: string): string => new URL(link).hash.slice(1)

/** Somebody who never rests: ten cursor messages a second, and a change of a shape every second. */
class Person {
  private readonly timers: ReturnType<typeof setInterval>[] = []
  private n = 0

  private constructor(
    private readonly socket: WebSocket,
    private readonly board: string,
    private readonly actor: string,
    private readonly i: number,
  ) {
    const clock = new Clock(actor, Date.now)
    this.timers.push(setInterval(() => this.point(), 100))
    this.timers.push(setInterval(() => this.change(clock), 1000))
  }

  static async join(server: Server, board: string, secret: string, i: number): Promise<Person> {
    const response = await fetch(`${server.url}/negotiate?board=${board}&name=P${i}`, { headers: { authorization: `Bearer ${secret}` } })
    const { url } = (await response.json()) as { url: string }
    const socket = new WebSocket(url, 'json.webpubsub.azure.v1')
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    return new Person(socket, board, `soakperson${String(i).padStart(2, '0')}`, i)
  }

  leave(): void {
    for (const timer of this.timers) clearInterval(timer)
    this.socket.close()
  }

  private point(): void {
    const angle = Date.now() / 1000 + this.i
    const data = { k: 'c', a: this.actor, x: 2000 + 300 * Math.cos(angle), y: 1200 + 300 * Math.sin(angle) }
    this.send({ type: 'sendToGroup', group: `b.${this.board}.l`, noEcho: true, dataType: 'json', data })
  }

  private change(clock: Clock): void {
    const patch = { color: ['red', 'green', 'black'][this.n % 3], width: 1 + (this.n % 4) }
    const op = [clock.next().slice(0, 12), `s${(this.i * 50 + (this.n % 50)) % 1000}`, patch]
    this.send({ type: 'event', event: 'ops', dataType: 'json', data: { c: this.actor, n: ++this.n, ops: [op] } })
  }

  private send(message: object): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }
}

/** The median of the slopes between any two samples: one that is off does not matter. */
function slope(samples: readonly (readonly [number, number])[]): number {
  return median(samples.flatMap(([x, y], i) => samples.slice(i + 1).map(([later, more]) => (more - y) / (later - x))))
}
