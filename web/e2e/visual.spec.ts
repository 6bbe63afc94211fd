// What the main screens look like. Rewritten by `npx playwright test visual --update-snapshots`, and looked at.

import type { Page } from '@playwright/test'

import type { BoardPage, Point } from './fixtures/board'
import { expect, test } from './fixtures/test'

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 1 }

test.use({ contextOptions: { reducedMotion: 'reduce' } })

/** Compares the page with its picture; people have random colours, and a caret blinks. */
async function looks(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready)
  await expect(page).toHaveScreenshot(name, {
    animations: 'disabled',
    caret: 'hide',
    mask: [page.getByTestId('people')],
    maxDiffPixelRatio: 0.001,
  })
}

/** A small drawing, the same every time. */
async function sketch(ann: BoardPage): Promise<void> {
  const { page } = ann
  await ann.choose('rect')
  await page.getByTestId('fill-a5d8ff').click()
  await ann.drag([140, 180], [320, 300])
  await ann.choose('ellipse')
  await page.getByTestId('fill-b2f2bb').click()
  await ann.drag([460, 170], [640, 300])
  await ann.choose('arrow')
  await ann.drag([330, 240], [450, 240])
  await ann.choose('pen')
  await page.getByTestId('color-purple').click()
  await ann.drag(...Array.from({ length: 40 }, (_, i): Point => [180 + 11 * i, 440 + 40 * Math.sin(i / 3)]))
  await ann.choose('highlighter')
  await ann.drag([180, 540], [290, 580], [400, 530], [510, 580], [600, 540])
  await ann.saved()
  await page.mouse.move(640, 700)
}

test('the start page', async ({ page, server }) => {
  await page.goto(server.url)
  await looks(page, 'home.png')
})

test('an empty board', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await expect(ann.page.getByTestId('style-panel')).toBeVisible()
  await looks(ann.page, 'empty.png')
})

for (const theme of ['light', 'dark'] as const) {
  test(`a board with shapes, ${theme}`, async ({ server, join }) => {
    const { links } = await server.createBoard('Sketches')
    const ann = await join(links.edit, { colorScheme: theme })
    await sketch(ann)
    await looks(ann.page, `board-${theme}.png`)
    await ann.page.keyboard.press('v')
    await ann.page.keyboard.press('Control+a')
    await expect(ann.page.getByTestId('act-group')).toBeVisible()
    await looks(ann.page, `selection-${theme}.png`)
  })
}

test('colours and layers', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  const { page } = ann
  await ann.choose('diamond')
  await page.getByTestId('fill-more').click()
  await page.getByTestId('layers-toggle').click()
  await page.getByTestId('layer-add').click()
  await page.getByTestId('layer-name').press('Enter')
  await page.mouse.move(640, 700)
  await looks(page, 'colours.png')
})

test('the menu', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await ann.page.getByTestId('menu').click()
  await looks(ann.page, 'menu.png')
})

test('a phone', async ({ board, join }) => {
  const ann = await join(board.links.edit, phone)
  await looks(ann.page, 'phone.png')
  await ann.page.getByTestId('style').tap()
  await expect(ann.page.getByTestId('style-fields')).toBeVisible()
  await looks(ann.page, 'phone-style.png')
  await ann.page.getByTestId('sheet-grip').click()
  await ann.page.getByTestId('tool-more').tap()
  await looks(ann.page, 'phone-tools.png')
})

test('a phone that lies', async ({ board, join }) => {
  const ann = await join(board.links.edit, { ...phone, viewport: { width: 844, height: 390 } })
  await looks(ann.page, 'phone-lying.png')
})

test('from right to left', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await ann.page.evaluate(() => (document.documentElement.dir = 'rtl'))
  await looks(ann.page, 'right-to-left.png')
})
