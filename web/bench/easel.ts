import { expect, type Page } from '@playwright/test'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Server, type BoardInfo } from '../e2e/fixtures/server'
import { Clock } from '../src/board/clock'
import { keysBetween } from '../src/board/order'
import type { Patch } from '../src/board/types'
import { encodeStroke, Points } from '../src/geometry/points'
import { generate, type Item } from './generator'

const ACTOR = 'benchmark001'
const OPS_PER_BATCH = 100

/** Starts a server, and puts a board B(n) into it. */
export async function serveBoard(server: Server, n: number): Promise<BoardInfo> {
  const child = spawn(process.env.EASEL_BIN!, ['board', 'import', '--data', server.data], { stdio: ['pipe', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.on('data', (text) => (printed += text))
  for (const line of boardFile(n)) if (!child.stdin.write(`${line}\n`)) await once(child.stdin, 'drain')
  child.stdin.end()
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`board import ended with ${code}`)
  const { id, editPath, viewPath } = JSON.parse(printed)
  return { id, title: '', links: { edit: server.url + editPath, view: server.url + viewPath } }
}

/** Opens a board and shows the middle of it at 100 %. */
export async function openBoard(page: Page, board: BoardInfo, n: number): Promise<void> {
  await page.goto(withBench(board.links.edit))
  // A test before may have drawn on the same board.
  await page.waitForFunction((least) => Number(document.querySelector('[data-board]')?.getAttribute('data-shapes')) >= least, n, { timeout: 120_000 })
  // The board shows all of itself once it has been loaded; the key counts when that is done.
  await expect(async () => {
    await page.keyboard.press('Shift+Digit0')
    await expect(page.locator('[data-board]')).toHaveAttribute('data-zoom', '1', { timeout: 1000 })
  }).toPass()
  await sharp(page)
}

/** Waits until every tile on the screen is final. */
export async function sharp(page: Page): Promise<void> {
  await page.waitForFunction(() => window.__easel?.stats().provisional === 0, undefined, { timeout: 120_000 })
}

/** The link with the figures of the renderer switched on. */
export function withBench(link: string): string {
  return link.replace('#', '?bench#')
}

function* boardFile(n: number): Generator<string> {
  yield JSON.stringify({ format: 'easel-board', version: 1, board: 'benchboard01', createdAt: new Date(0).toISOString() })
  const keys = keysBetween(null, null, n, () => 0.5)
  const now = Date.now()
  const clock = new Clock(ACTOR, () => now)
  const records = generate(n).map((item, i) => [`s${i}`, propsOf(item, keys[i]!)] as const)
  for (let q = 1; (q - 1) * OPS_PER_BATCH < n; q++) {
    const ops = records.slice((q - 1) * OPS_PER_BATCH, q * OPS_PER_BATCH).map(([id, p]) => [clock.next().slice(0, 12), id, p])
    yield JSON.stringify({ entry: { q, u: 'bench', t: now, c: ACTOR, n: q, ops } })
  }
}

function propsOf(item: Item, z: string): Patch {
  const style = { color: item.color, width: 2, z }
  if (item.kind === 'rect') return { kind: 'rect', at: [item.x, item.y], size: [item.w, item.h], ...style }
  const [[x0, y0]] = item.points as [readonly [number, number]]
  const points = new Points()
  for (const [x, y] of item.points) points.add({ x: x - x0, y: y - y0 })
  return { kind: 'draw', at: [x0, y0], ...style, ...encodeStroke(points) }
}

declare global {
  interface Window {
    /** What the renderer knows of itself; there when the page's address has ?bench. */
    __easel?: {
      stats(): { readonly provisional: number; readonly tileBytes: number }
      readonly session: import('../src/sync/session').Session
    }
  }
}
