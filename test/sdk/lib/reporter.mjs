// A reporter for node --test: failures in full, and one line at the end.

import { inspect } from 'node:util'

export default async function* reporter(source) {
  const count = { passed: 0, failed: 0, skipped: 0 }
  for await (const { type, data } of source) {
    if (type === 'test:stderr' || type === 'test:stdout') yield data.message
    if (type === 'test:diagnostic' && !/^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(data.message)) yield `${data.message}\n`
    if ((type !== 'test:pass' && type !== 'test:fail') || data.details.type === 'suite') continue
    if (data.skip !== undefined || data.todo !== undefined) {
      count.skipped++
      yield `skipped: ${data.name}\n`
    } else if (type === 'test:pass') count.passed++
    else {
      count.failed++
      const { error } = data.details
      yield `FAILED: ${data.name} (${data.file}:${data.line})\n${inspect(error)}\n`
    }
  }
  yield `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`
}
