// Which methods of the SDKs a test process has called, and with which options.

import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const calls = new Set()

if (process.env.EASEL_SDK_CALLS) {
  process.once('exit', () => {
    mkdirSync(process.env.EASEL_SDK_CALLS, { recursive: true })
    writeFileSync(path.join(process.env.EASEL_SDK_CALLS, `${process.pid}.json`), JSON.stringify([...calls]))
  })
}

/** Symbols that name methods, as the declarations write them. */
const symbols = new Map([
  [Symbol.asyncDispose, '[Symbol.asyncDispose]'],
  [Symbol.asyncIterator, '[Symbol.asyncIterator]'],
])

/** Notes that a method of a type was called. */
export function note(type, method, args = []) {
  calls.add(`${type}.${method}`)
  if (typeof args[0] === 'string') calls.add(`${type}.${method}[${args[0]}]`)
  for (const arg of args) {
    if (arg === null || Object.getPrototypeOf(arg ?? 0) !== Object.prototype) continue
    for (const [option, value] of Object.entries(arg)) if (value !== undefined) calls.add(`${type}.${method}(${option})`)
  }
}

/** Makes the methods of a prototype or an object note their calls. */
export function record(type, target) {
  for (const name of [...Object.getOwnPropertyNames(target), ...symbols.keys()]) {
    const label = symbols.get(name) ?? name
    const { value, writable } = Object.getOwnPropertyDescriptor(target, name) ?? {}
    if (typeof value !== 'function' || !writable || name === 'constructor' || label.startsWith('_')) continue
    target[name] = function (...args) {
      note(type, label, args)
      return value.apply(this, args)
    }
  }
  return target
}

/** A class whose constructor notes its calls. */
export function recordClass(type, Class) {
  record(type, Class.prototype)
  return new Proxy(Class, {
    construct(target, args) {
      note(type, 'constructor', args)
      return new target(...args)
    },
  })
}
