import type { Page } from '@playwright/test'
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import path from 'node:path'

/** Whether Excalidraw is left out, by BENCH_ALONE=1. */
export const ALONE = process.env.BENCH_ALONE === '1'

/** The canvas of Excalidraw that takes pointer and wheel. */
export const PEER_CANVAS = 'canvas.interactive'

const TYPES: { readonly [ext: string]: string } = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2' }

/** Serves the built page of Excalidraw; returns its address and how to end it. */
export async function servePeer(): Promise<{ url: string; stop(): void }> {
  const root = path.join(import.meta.dirname, 'dist')
  const server = createServer(async (request, response) => {
    const name = new URL(request.url!, 'http://localhost').pathname
    try {
      const body = await readFile(path.join(root, path.normalize(name)))
      response.setHeader('content-type', TYPES[path.extname(name)] ?? 'application/octet-stream').end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/excalidraw.html`, stop: () => server.close() }
}

/** Opens B(n) in Excalidraw and waits until it is painted. */
export async function openPeer(page: Page, url: string, n: number): Promise<void> {
  await page.goto(`${url}?n=${n}`)
  await page.waitForFunction((n) => (window as never as Peer).excalidraw?.getSceneElements().length === n, n, { timeout: 180_000 })
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
}

export interface Peer {
  readonly excalidraw?: {
    getSceneElements(): readonly { readonly type: string; readonly points?: readonly unknown[] }[]
    updateScene(scene: object): void
    setActiveTool(tool: { type: string }): void
  }
}
