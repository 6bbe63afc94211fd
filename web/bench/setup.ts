import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import build from '../e2e/fixtures/setup'
import { ALONE } from './peer'
import { begin, end } from './report'

/** Builds the binary and the page of Excalidraw; afterwards prints the table. */
export default function setup() {
  const clean = build()
  if (!ALONE && !isBuilt()) execFileSync('npx', ['vite', 'build', '-c', 'vite.config.ts', '--logLevel', 'error'], { cwd: import.meta.dirname })
  begin()
  return () => {
    end()
    clean?.()
  }
}

const SOURCES = ['excalidraw.html', 'excalidraw.ts', 'generator.ts', 'package-lock.json', 'vite.config.ts']

/** Whether the page of Excalidraw is newer than what it is made of. */
function isBuilt(): boolean {
  const changed = (name: string) => statSync(path.join(import.meta.dirname, name)).mtimeMs
  const page = 'dist/excalidraw.html'
  return existsSync(path.join(import.meta.dirname, page)) && SOURCES.every((name) => changed(name) < changed(page))
}
