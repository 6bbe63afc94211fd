// The service under test: the real binary, on a free port, with a data folder of its own.

import { execFile, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

import { secure, shape } from './cell.mjs'

const run = promisify(execFile)

/** What all services of this process have said, for the one who looks into a failure. */
const logs = []
if (process.env.EASEL_SDK_CALLS) {
  process.once('exit', () => {
    mkdirSync(process.env.EASEL_SDK_CALLS, { recursive: true })
    writeFileSync(path.join(process.env.EASEL_SDK_CALLS, `${process.pid}.log`), logs.join('\n'))
  })
}
const root = path.resolve(import.meta.dirname, '../../..')

let built
/** The binary: $EASEL_BIN, or built once for this process. */
export function binary() {
  built ??= process.env.EASEL_BIN ? Promise.resolve(process.env.EASEL_BIN) : build()
  return built
}

async function build() {
  const dir = await mkdtemp(path.join(tmpdir(), 'easel-bin-'))
  process.once('exit', () => rm(dir, { recursive: true, force: true }))
  const file = path.join(dir, 'easel')
  await run('go', ['build', '-o', file, './cmd/easel'], { cwd: root })
  return file
}

const command = { alone: 'pubsub', embedded: 'serve' }[shape]

/** A running service: `easel pubsub`, or what `easel serve` has inside. */
export class Service {
  #process
  #bin

  /** Starts the service; flags are added to the command line. */
  static async start(...flags) {
    const service = new Service()
    service.#bin = await binary()
    service.data = await mkdtemp(path.join(tmpdir(), 'easel-data-'))
    if (secure) flags.push('--https', '--https-addr', 'localhost:0')
    // All services of a run share the authority that Node was told to trust when it started.
    if (process.env.EASEL_SDK_TLS) await cp(process.env.EASEL_SDK_TLS, path.join(service.data, 'tls'), { recursive: true })
    await service.#spawn(flags)
    return service
  }

  async #spawn(flags) {
    this.flags = flags
    this.#process = spawn(this.#bin, [command, '--addr', '127.0.0.1:0', '--data', this.data, ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, WebPubSubConnectionString: '' },
    })
    this.log = []
    const exited = once(this.#process, 'exit').then(([code, signal]) => {
      throw new Error(`easel ${command} ended with ${code ?? signal}:\n${this.log.join('\n')}`)
    })
    exited.catch(() => {})
    const ready = new Promise((resolve) => {
      for (const stream of [this.#process.stdout, this.#process.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          this.log.push(line)
          logs.push(line)
          const url = /https?:\/\/[\w.]+:\d+/.exec(line)
          if (url) resolve(url[0])
        })
      }
    })
    await Promise.race([ready, exited])
    const keys = await this.manage('key', 'show')
    this.connectionString = keys.primaryConnectionString
    this.secondaryConnectionString = keys.secondaryConnectionString
    this.endpoint = /Endpoint=([^;]+)/.exec(this.connectionString)[1]
    this.key = keys.primaryKey
  }

  /** Runs a management verb and returns what it prints. */
  async manage(...args) {
    const { stdout } = await run(this.#bin, [...args, '--data', this.data])
    return stdout.trim() === '' ? undefined : JSON.parse(stdout)
  }

  /** A server's token for one URL of the REST API, signed with the access key. */
  sign(audience) {
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = { aud: audience, exp: Math.floor(Date.now() / 1000) + 60 }
    const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
    return `${body}.${createHmac('sha256', this.key).update(body).digest('base64url')}`
  }

  /** Sets a hub's properties by the settings API, for what has no flag. */
  async putHub(name, properties) {
    const url = `${this.endpoint}/api/settings/hubs/${name}`
    const headers = { authorization: `Bearer ${this.sign(url)}`, 'content-type': 'application/json' }
    const response = await fetch(url, { method: 'PUT', headers, body: JSON.stringify({ properties }) })
    if (!response.ok) throw new Error(`set hub ${name}: ${response.status} ${await response.text()}`)
  }

  /** Kills the process as a power cut would and starts it again on the same data, on a new port. */
  async restart() {
    await this.#end('SIGKILL')
    await this.#spawn(this.flags)
  }

  /** Tells the service to stop and returns its exit code once it has. */
  async shutdown() {
    await this.#end('SIGTERM')
    return this.#process.exitCode
  }

  /** Ends the service without ceremony: handlers that are gone would only be waited for. */
  async stop() {
    await this.#end('SIGKILL')
    await rm(this.data, { recursive: true, force: true })
  }

  async #end(signal) {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.kill(signal)
    await once(this.#process, 'exit')
  }

  /** The connection string with another endpoint, as behind a proxy. */
  connectionStringAt(endpoint) {
    return this.connectionString.replace(this.endpoint, endpoint)
  }
}
