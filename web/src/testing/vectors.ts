import { readFileSync } from 'node:fs'

/** Reads a file of vectors that the Go tests pass too. */
export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../whiteboard/testdata/${name}`, import.meta.url), 'utf8')) as T
}
