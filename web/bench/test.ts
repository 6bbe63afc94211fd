import { test as base, type BrowserContextOptions, type Page } from '@playwright/test'
import { Server, type BoardInfo } from '../e2e/fixtures/server'
import { openBoard, serveBoard } from './easel'
import { VIEW } from './generator'
import { ALONE, openPeer, servePeer } from './peer'

interface Fixtures {
  /** A page with B(n) of Easel. */
  easel(n: number, options?: BrowserContextOptions): Promise<Page>
  /** A page with B(n) of Excalidraw; undefined when Easel is measured alone. */
  excalidraw(n: number): Promise<Page | undefined>
}

interface Shared {
  server: Server
  /** B(n) on the server; made once. */
  boards(n: number): Promise<BoardInfo>
  /** Where Excalidraw is; undefined when Easel is measured alone. */
  peer: string | undefined
}

export const test = base.extend<Fixtures, Shared>({
  server: [
    async ({}, use) => {
      const server = await Server.start()
      await use(server)
      await server.stop()
    },
    { scope: 'worker' },
  ],
  boards: [
    async ({ server }, use) => {
      const made = new Map<number, Promise<BoardInfo>>()
      await use((n) => {
        const board = made.get(n) ?? serveBoard(server, n)
        made.set(n, board)
        return board
      })
    },
    { scope: 'worker' },
  ],
  peer: [
    async ({}, use) => {
      if (ALONE) return use(undefined)
      const { url, stop } = await servePeer()
      await use(url)
      stop()
    },
    { scope: 'worker' },
  ],
  easel: async ({ browser, boards }, use) => {
    const pages: Page[] = []
    await use(async (n) => {
      const page = await (await browser.newContext({ viewport: VIEW })).newPage()
      pages.push(page)
      await openBoard(page, await boards(n), n)
      return page
    })
    for (const page of pages) await page.context().close()
  },
  excalidraw: async ({ browser, peer }, use) => {
    const pages: Page[] = []
    await use(async (n) => {
      if (peer === undefined) return undefined
      const page = await (await browser.newContext({ viewport: VIEW })).newPage()
      pages.push(page)
      await openPeer(page, peer, n)
      return page
    })
    for (const page of pages) await page.context().close()
  },
})
