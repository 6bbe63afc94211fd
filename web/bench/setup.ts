import { execFileSync } from 'node:child_process'
import build from '../e2e/fixtures/setup'
import { ALONE } from './peer'
import { begin, end } from './report'

/** Builds the binary and the page of Excalidraw; afterwards prints the table. */
export default function setup() {
  const clean = build()
  if (!ALONE) execFileSync('npx', ['vite', 'build', '-c', 'vite.config.ts', '--logLevel', 'error'], { cwd: import.meta.dirname })
  begin()
  return () => {
    end()
    clean?.()
  }
}
