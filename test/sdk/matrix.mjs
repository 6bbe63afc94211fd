// Runs all tests in every cell of the matrix, then checks that the tests have called everything
// the SDKs offer. One cell: node matrix.mjs https embedded; one file in it: … rest.test.mjs.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { unused } from './lib/coverage.mjs'
import { binary, Service } from './lib/easel.mjs'

/** How long a whole file may take, in ms: the runner bounds files as it bounds tests. A wait within one gives up long before. */
const FILE_MS = 600_000

const given = new Set(process.argv.slice(2))
const chosen = (all) => (all.some((one) => given.has(one)) ? all.filter((one) => given.has(one)) : all)

const files = chosen(readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.mjs')))
const cells = chosen(['http', 'https']).flatMap((transport) =>
  chosen(['alone', 'embedded']).map((shape) => ({ transport, shape })),
)

const dir = await mkdtemp(path.join(tmpdir(), 'easel-sdk-'))
try {
  const bin = await binary()
  const trust = await makeAuthority()
  const failed = []
  for (const { transport, shape } of cells) {
    const name = `SDKs over ${transport}, service ${shape}`
    const calls = path.join(dir, `${transport}-${shape}`)
    const env = { EASEL_BIN: bin, EASEL_SDK_TRANSPORT: transport, EASEL_SDK_SHAPE: shape, EASEL_SDK_CALLS: calls }
    const { ok, report } = await test(name, { ...process.env, ...env, ...(transport === 'https' ? trust : {}) })
    if (!ok) printWarnings(calls)
    console.log(report)
    const missing = given.size > 0 ? [] : unused(calls)
    for (const what of missing) console.log(`FAILED: never called: ${what}`)
    if (!ok || missing.length > 0) failed.push(name)
  }
  for (const name of failed) console.log(`FAILED: ${name}`)
  process.exitCode = failed.length > 0 ? 1 : 0
} finally {
  await rm(dir, { recursive: true, force: true })
}

/** Runs the files in one cell; not ok when something failed or was skipped. */
async function test(name, env) {
  const started = Date.now()
  const node = spawn(
    process.execPath,
    ['--test', '--test-reporter=./lib/reporter.mjs', '--test-concurrency=4', `--test-timeout=${FILE_MS}`, ...files],
    { cwd: import.meta.dirname, env, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let report = ''
  node.stdout.setEncoding('utf8').on('data', (text) => (report += text))
  const [code] = await once(node, 'close')
  const ok = code === 0 && / 0 failed, 0 skipped\n$/.test(report)
  return { ok, report: `${name}: ${report}  in ${((Date.now() - started) / 1000).toFixed(1)} s` }
}

/** Prints the latest warnings of the services that the tests of a cell have run. */
function printWarnings(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.log'))
  const lines = files.flatMap((file) => readFileSync(path.join(folder, file), 'utf8').split('\n'))
  for (const line of lines.filter((line) => /level=(WARN|ERROR)/.test(line)).slice(-40)) console.log(`  ${line}`)
}

/** Has a service make an authority, and asks easel env how Node is to trust it. */
async function makeAuthority() {
  const service = await Service.start('--https', '--https-addr', 'localhost:0')
  try {
    const tls = path.join(dir, 'tls')
    const { NODE_EXTRA_CA_CERTS: file } = await service.manage('env', '--json')
    await cp(path.dirname(file), tls, { recursive: true })
    return { NODE_EXTRA_CA_CERTS: path.join(tls, path.basename(file)), EASEL_SDK_TLS: tls }
  } finally {
    await service.stop()
  }
}
