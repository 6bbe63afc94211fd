// Every panel on a phone: a tap opens it, it fits, its buttons are large enough, and it does its work.

import { readFileSync } from 'node:fs'

import type { Page } from '@playwright/test'

import { converge, type BoardPage } from './fixtures/board'
import { small } from './fixtures/reach'
import { expect, test } from './fixtures/test'

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 1 }

interface Panel {
  readonly name: string
  open(page: Page): Promise<void>
  /** The panel, as a selector. */
  readonly panel: string
  /** What it is for; leaves it open. */
  use(page: Page, ann: BoardPage, bob: BoardPage): Promise<void>
  close(page: Page): Promise<void>
}

const tap = (page: Page, testid: string) => page.getByTestId(testid).tap()
const fromMenu = (item: string) => async (page: Page) => {
  await tap(page, 'menu')
  await tap(page, item)
}
const closeButton = (page: Page) => page.getByRole('dialog').getByRole('button', { name: 'Close' }).tap()
const outside = (page: Page) => page.touchscreen.tap(350, 690)

const PANELS: readonly Panel[] = [
  {
    name: 'the list of tools',
    open: (page) => tap(page, 'tool-more'),
    panel: '.popover:has(.more-tools)',
    use: async (page) => {
      await page.locator('.more-tools').getByTestId('tool-diamond').tap()
      await expect(page.getByTestId('canvas')).toHaveAttribute('data-pointer', 'diamond')
      await tap(page, 'tool-more')
    },
    close: (page) => tap(page, 'tool-more'),
  },
  {
    name: 'the style of what is selected',
    open: async (page) => {
      await tap(page, 'tool-select')
      await page.touchscreen.tap(130, 250)
      await tap(page, 'style')
    },
    panel: '.sheet-panel',
    use: async (page, _, bob) => {
      await tap(page, 'color-red')
      await tap(page, 'act-duplicate')
      await bob.shapes(2)
      await tap(page, 'color-more')
      await expect(page.getByTestId('hex')).toBeVisible()
    },
    close: (page) => tap(page, 'sheet-grip'),
  },
  {
    name: 'layers and their shapes',
    open: fromMenu('menu-layers'),
    panel: '.sheet-panel',
    use: async (page, _, bob) => {
      await tap(page, 'layer-add')
      await page.getByTestId('layer-name').fill('Ideas')
      await page.getByTestId('layer-name').press('Enter')
      await page.getByTestId('layer-expand').last().tap()
      await expect(page.getByTestId('layer-shape')).toHaveCount(2)
      await page.getByTestId('shape-hide').first().tap()
      await bob.shapes(1)
      await page.getByTestId('shape-hide').first().tap()
      await bob.shapes(2)
    },
    close: (page) => tap(page, 'layers-close'),
  },
  {
    name: 'the menu',
    open: (page) => tap(page, 'menu'),
    panel: '.menu-list',
    use: async (page) => {
      await tap(page, 'theme-dark')
      await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
      await tap(page, 'theme-light')
      await tap(page, 'switch-grid')
      await expect(page.locator('.layer.grid')).toBeHidden()
      await tap(page, 'switch-grid')
    },
    close: outside,
  },
  {
    name: 'export',
    open: fromMenu('menu-export'),
    panel: '[role=dialog]:has([data-testid=export-dialog])',
    use: async (page) => {
      await tap(page, 'export-svg')
      const download = page.waitForEvent('download')
      await tap(page, 'export-download')
      expect(readFileSync(await (await download).path(), 'utf8')).toContain('<svg')
      await expect(page.getByTestId('export-dialog')).toHaveCount(0)
      await fromMenu('menu-export')(page)
    },
    close: closeButton,
  },
  {
    name: 'the links',
    open: (page) => tap(page, 'share'),
    panel: '[role=dialog]',
    use: async (page) => expect(page.getByTestId('edit-link')).toHaveValue(/^http/),
    close: closeButton,
  },
  {
    name: 'the people',
    open: (page) => page.getByTestId('people').locator('button').tap(),
    panel: '.popover',
    use: async (page, _, bob) => {
      await page.locator('.list input').fill('Anna')
      await page.locator('.list input').press('Enter')
      await bob.page.getByTestId('people').locator('button').click()
      await expect(bob.page.getByText('Anna')).toBeVisible()
      await bob.page.keyboard.press('Escape')
    },
    close: outside,
  },
  {
    name: 'the chat',
    open: (page) => tap(page, 'chat-toggle'),
    panel: '.chat',
    use: async (page, _, bob) => {
      await page.getByTestId('chat-input').fill('Hello')
      await page.getByTestId('chat-input').press('Enter')
      await bob.openChat()
      await expect(bob.page.getByTestId('chat-line')).toContainText('Hello')
    },
    close: (page) => tap(page, 'sheet-grip'),
  },
  {
    name: 'the search',
    open: fromMenu('menu-find'),
    panel: '[data-testid=find]',
    use: async (page) => {
      await page.getByTestId('find-input').fill('nothing')
      await expect(page.getByTestId('find-count')).not.toBeEmpty()
    },
    close: (page) => page.getByTestId('find').getByRole('button', { name: /close/i }).tap(),
  },
  {
    name: 'the palette',
    open: fromMenu('menu-palette'),
    panel: '[data-testid=palette]',
    use: async (page) => {
      await page.getByTestId('palette-input').fill('select all')
      await page.getByTestId('palette').getByRole('option').first().tap()
      await expect(page.locator('[role=option][aria-selected=true]')).toHaveCount(2)
      await fromMenu('menu-palette')(page)
    },
    close: (page) => page.touchscreen.tap(195, 830),
  },
  {
    name: 'help',
    open: fromMenu('menu-help'),
    panel: '[role=dialog]',
    use: async (page) => {
      await page.getByTestId('help-search').fill('pinch')
      await expect(page.getByTestId('help-dialog')).toContainText('Zoom')
    },
    close: closeButton,
  },
  {
    name: 'the map',
    open: fromMenu('menu-map'),
    panel: '.map',
    use: async (page) => {
      await page.getByTestId('minimap').click({ trial: true }) // once it rests
      const { x, y } = (await page.getByTestId('minimap').boundingBox())!
      await page.touchscreen.tap(x + 3, y + 3)
      await expect(page.getByTestId('minimap')).toHaveAttribute('data-inside', 'false')
    },
    close: fromMenu('menu-map'),
  },
]

test('every panel opens by a tap, fits, and does its work', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit, PHONE), await join(board.links.edit)]
  const { page } = ann
  await page.getByTestId('tool-rect').tap()
  await ann.touch([[100, 250]], [[160, 300]], [[250, 340]])
  await bob.shapes(1)
  for (const { name, open, panel, use, close } of PANELS) {
    await test.step(name, async () => {
      await open(page)
      const all = page.locator(panel)
      await expect(all).toHaveCount(1)
      await use(page, ann, bob)
      await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))))
      const { x, y, width, height } = (await all.boundingBox())!
      expect([x >= 0, y >= 0, x + width <= 390, y + height <= 844], 'it is within the screen').toEqual([true, true, true, true])
      expect(await all.evaluate((one) => one.scrollWidth <= one.clientWidth + 1), 'nothing is cut off at its side').toBe(true)
      expect(await small(page, panel), 'what is smaller than a fingertip').toEqual([])
      await close(page)
      await expect(all).toHaveCount(0)
    })
  }
  await converge(ann, bob)
  expect([...ann.errors, ...bob.errors]).toEqual([])
})

test('an open sheet makes room for the menu', async ({ board, join }) => {
  const { page } = await join(board.links.edit, PHONE)
  await tap(page, 'style')
  await expect(page.getByTestId('sheet')).toBeVisible()
  await tap(page, 'menu')
  await expect(page.getByTestId('sheet')).toHaveCount(0)
  const last = page.locator('.menu-list > :last-child')
  await last.scrollIntoViewIfNeeded()
  const isOnTop = await last.evaluate((one) => {
    const { x, y, width, height } = one.getBoundingClientRect()
    return one.contains(document.elementFromPoint(x + width / 2, y + height / 2))
  })
  expect(isOnTop).toBe(true)
})
