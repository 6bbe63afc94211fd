// Nothing overlaps, is cut off or goes out of sight, in languages with long words, with many people, on small screens.

import type { BrowserContextOptions, Locator } from '@playwright/test'

import { expect, test } from './fixtures/test'

const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 1 }
const SMALL = { ...PHONE, viewport: { width: 360, height: 640 } }
const LYING = { ...PHONE, viewport: { width: 800, height: 360 } }

const LONG = 'Donaudampfschifffahrtsgesellschaftskapitänsbesprechung'

/** The box of something that is seen, with its far edges. */
async function box(of: Locator) {
  const { x, y, width, height } = (await of.boundingBox())!
  return { left: x, top: y, right: x + width, bottom: y + height }
}

type Box = Awaited<ReturnType<typeof box>>
const overlap = (a: Box, b: Box) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1

/** Whether somebody who presses the middle of it reaches it. */
const isReached = (of: Locator) =>
  of.evaluate((one) => {
    const { x, y, width, height } = one.getBoundingClientRect()
    const hit = document.elementFromPoint(x + width / 2, y + height / 2)
    return hit !== null && (one.contains(hit) || hit.contains(one))
  })

for (const [locale, options] of [['fr-FR', {}], ['ar-EG', { viewport: { width: 1020, height: 760 } }]] as const) {
  test(`many people leave the tools their place: ${locale}`, async ({ server, join }) => {
    const { links } = await server.createBoard(LONG)
    const person = await join(links.edit, { ...options, locale, storageState: { cookies: [], origins: [] } })
    const { page, canvas } = person
    await canvas.press('Alt+c')
    await page.mouse.click(500, 500)
    await page.getByTestId('comment-input').fill('?')
    await page.getByTestId('comment-input').press('Enter')
    await page.keyboard.press('Escape')
    await expect(page.getByTestId('comments-toggle')).toBeVisible()
    for (const name of ['Bo', 'Cy', 'Di', 'Ed']) await join(links.edit, { name })
    await expect(page.getByTestId('people')).toHaveAttribute('data-count', '5')
    await expect(page.locator('.stack .avatar.more')).toHaveText('+2')
    const [tools, actions, title] = await Promise.all(['.tool-bar', '.actions', '.bar'].map((part) => box(page.locator(part).first())))
    expect(overlap(tools!, actions!)).toBe(false)
    expect(overlap(tools!, title!)).toBe(false)
    expect(await isReached(page.getByTestId('menu'))).toBe(true)
  })
}

test('on a phone a viewer reaches the menu, whatever the board is called', async ({ server, join }) => {
  const { links } = await server.createBoard(LONG)
  for (const name of ['Bo', 'Cy']) await join(links.edit, { name })
  const { page } = await join(links.view, { ...PHONE, locale: 'de-DE' })
  await expect(page.getByTestId('people')).toHaveAttribute('data-count', '3')
  await expect(page.getByTestId('view-only')).toHaveText('Nur ansehen')
  expect(await isReached(page.getByTestId('menu'))).toBe(true)
  await page.getByTestId('menu').tap()
  await expect(page.getByTestId('menu-map')).toBeVisible()
})

for (const [name, options] of [['upright', PHONE], ['small', SMALL], ['lying', LYING]] as const) {
  test(`undo and zoom stay in sight above a sheet: ${name}`, async ({ board, join }) => {
    const person = await join(board.links.edit, options)
    const { page } = person
    await person.draw('rect', [120, 90], [220, 150])
    await page.getByTestId('style').tap()
    await expect(page.getByTestId('style-fields')).toBeVisible()
    for (const part of ['undo', 'redo', 'zoom', 'fit']) await expect.poll(() => isReached(page.getByTestId(part)), part).toBe(true)
    await page.getByTestId('color-red').tap()
    await page.getByTestId('undo').tap()
    await page.getByTestId('undo').tap()
    await person.shapes(0)
  })

  test(`undo and zoom stay in sight, whatever panel is open: ${name}`, async ({ board, join }) => {
    const { page, canvas } = await join(board.links.edit, options)
    const tap = (testid: string) => page.getByTestId(testid).tap()
    const fromMenu = async (item: string) => {
      await tap('menu')
      await tap(item)
    }
    const panels: readonly { name: string; sign: string; open: () => Promise<void>; close: () => Promise<void> }[] = [
      { name: 'chat', sign: 'chat-input', open: () => tap('chat-toggle'), close: () => tap('sheet-grip') },
      { name: 'the menu', sign: 'menu-map', open: () => tap('menu'), close: () => page.keyboard.press('Escape') },
      { name: 'the list of tools', sign: 'tool-keep', open: () => tap('tool-more'), close: () => tap('tool-more') },
      { name: 'the shapes', sign: 'tool-outline:parallelogram', open: () => tap('tool-rect').then(() => tap('tool-rect')), close: () => page.keyboard.press('Escape') },
      { name: 'layers', sign: 'layer-add', open: () => fromMenu('menu-layers'), close: () => tap('layers-close') },
      { name: 'map', sign: 'minimap', open: () => fromMenu('menu-map'), close: () => fromMenu('menu-map') },
      { name: 'search', sign: 'find-input', open: () => fromMenu('menu-find'), close: () => page.getByTestId('find-input').press('Escape') },
      { name: 'a comment', sign: 'comment-input', open: () => canvas.press('Alt+c').then(() => page.touchscreen.tap(150, 120)), close: () => tap('sheet-grip') },
    ]
    for (const { name, sign, open, close } of panels) {
      await open()
      await expect(page.getByTestId(sign)).toBeVisible()
      for (const part of ['undo', 'redo', 'zoom', 'fit']) await expect.poll(() => isReached(page.getByTestId(part)), `${part} beside ${name}`).toBe(true)
      await close()
      await expect(page.getByTestId(sign)).toHaveCount(0)
    }
  })

  test(`fingers read what the shapes are called: ${name}`, async ({ board, join }) => {
    const person = await join(board.links.edit, { ...options, locale: 'de-DE' })
    const { page } = person
    const named = async (within: string, testid: string, text: string) => {
      const cell = page.locator(within).getByTestId(testid)
      await cell.scrollIntoViewIfNeeded()
      await expect(cell.getByText(text)).toBeVisible()
      const [cellBox, icon, words] = await Promise.all([cell, cell.locator('svg'), cell.getByText(text)].map(box))
      expect(icon!.bottom - icon!.top).toBeGreaterThan(15)
      expect(overlap(icon!, words!)).toBe(false)
      expect(words!.right).toBeLessThanOrEqual(cellBox!.right + 1)
      expect(words!.bottom).toBeLessThanOrEqual(cellBox!.bottom + 1)
    }
    await page.getByTestId('tool-rect').tap()
    await page.getByTestId('tool-rect').tap()
    await named('.flyout', 'tool-outline:parallelogram', 'Parallelogramm')
    await named('.flyout', 'tool-outline:righttriangle', 'Rechtwinkliges Dreieck')
    const grid = await box(page.locator('.flyout'))
    expect(grid.left).toBeGreaterThanOrEqual(0)
    expect(grid.right).toBeLessThanOrEqual(options.viewport!.width)
    expect(grid.top).toBeGreaterThanOrEqual(0)
    await page.keyboard.press('Escape')

    await person.draw('rect', [120, 90], [220, 150])
    await person.canvas.press('Shift+F10')
    await page.locator('[data-menu]', { hasText: 'In eine andere Form umwandeln' }).tap()
    await expect(page.locator('[data-command="shape-parallelogram"]')).toContainText('Parallelogramm')
  })
}

for (const locale of ['de-DE', 'fr-FR', 'ar-EG']) {
  test(`the start page fits on a phone: ${locale}`, async ({ server, browser }) => {
    const context = await browser.newContext({ ...SMALL, locale, serviceWorkers: 'block' })
    const page = await context.newPage()
    await page.goto(server.url)
    for (const part of [page.getByTestId('language'), page.locator('.me .field'), page.getByTestId('new-board')]) {
      const { left, right } = await box(part)
      expect(left).toBeGreaterThanOrEqual(0)
      expect(right).toBeLessThanOrEqual(360)
    }
    await context.close()
  })
}

test('the search says in any language that nothing was found, beside its buttons', async ({ board, join }) => {
  const { page } = await join(board.links.edit, { ...SMALL, locale: 'de-DE' })
  await page.keyboard.press('Control+f')
  await page.getByTestId('find-input').fill('zzz')
  await expect(page.getByTestId('find-count')).toHaveText('Nicht gefunden')
  const words = await page.getByTestId('find-count').evaluate((one) => {
    const range = document.createRange()
    range.selectNodeContents(one)
    return range.getBoundingClientRect().right
  })
  expect(words).toBeLessThanOrEqual((await box(page.getByTestId('find').getByRole('button').first())).left)
})

test('what opens from the tool bar comes from beneath, not from the side', async ({ board, join }) => {
  const { page } = await join(board.links.edit, PHONE)
  for (let i = 0; i < 2; i++) await page.getByTestId('tool-rect').tap()
  const flyout = page.locator('.flyout')
  await expect(flyout).toBeVisible()
  const [first, last] = await flyout.evaluate((one: HTMLElement) => {
    const at = () => one.getBoundingClientRect().x
    one.style.animation = 'none'
    const last = at()
    one.style.animation = 'popover-in 1s paused'
    return [at(), last]
  })
  expect(first).toBeCloseTo(last!)
})

test('on a phone that lies the grip of a sheet leaves its content the room, and is as large as a fingertip', async ({ board, join }) => {
  const { page } = await join(board.links.edit, LYING)
  await page.getByTestId('chat-toggle').tap()
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))))
  const [sheet, grip, content] = await Promise.all(['.sheet-panel', '.grip', '.scroller'].map((part) => box(page.locator(part))))
  expect(content!.top - sheet!.top).toBeLessThanOrEqual(24)
  expect(grip!.bottom - grip!.top).toBeGreaterThanOrEqual(44)
  await page.touchscreen.tap(400, sheet!.top - 12)
  await expect(page.getByTestId('sheet')).toHaveCount(0)
})

test('on a phone what is done seldom with a layer stands in a row of its own', async ({ board, join }) => {
  const { page } = await join(board.links.edit, PHONE)
  await page.getByTestId('menu').tap()
  await page.getByTestId('menu-layers').tap()
  await page.getByTestId('layer-add').tap()
  await page.getByTestId('layer-name').press('Enter')
  const [rename, remove, handle] = await Promise.all(['layer-rename', 'layer-remove', 'layer-handle'].map((id) => box(page.getByTestId(id).first())))
  expect(rename!.top).toBe(remove!.top)
  expect(rename!.top).toBeGreaterThanOrEqual(handle!.bottom)
})

test('the menu of a shape leaves out what would change nothing', async ({ board, join }) => {
  const person = await join(board.links.edit)
  const { page, canvas } = person
  const entry = (id: string) => page.locator(`.menu-item[data-command="${id}"]`)
  await person.draw('rect', [300, 300], [400, 380])
  await person.draw('rect', [500, 300], [600, 380])
  await canvas.press('Control+a')
  await canvas.press('Shift+F10')
  await expect(entry('group')).toBeVisible()
  await expect(entry('ungroup')).toHaveCount(0)
  await expect(entry('lock')).toHaveText(/^Lock/)
  await entry('group').click()
  await canvas.press('Shift+F10')
  await entry('ungroup').click()
  await canvas.press('Shift+F10')
  await expect(entry('group')).toBeVisible()
  await expect(entry('ungroup')).toHaveCount(0)
  await page.keyboard.press('Escape')

  const onBoard = async (id: string, count: number) => {
    await page.mouse.click(800, 600, { button: 'right' })
    await expect(entry('select-all')).toBeVisible()
    await expect(entry(id)).toHaveCount(count)
    if (count > 0) await entry(id).click()
    else await page.keyboard.press('Escape')
  }
  await onBoard('unlock-all', 0)
  await canvas.press('Control+a')
  await canvas.press('Control+Shift+l')
  await onBoard('unlock-all', 1)
  await onBoard('unlock-all', 0)
})

test('in a writing from the right addresses and numbers of colours still begin at the left', async ({ board, join }) => {
  const person = await join(board.links.edit, { locale: 'ar-EG', storageState: { cookies: [], origins: [] } })
  const { page } = person
  const direction = (of: Locator) => of.evaluate((one) => getComputedStyle(one).direction)
  await person.draw('rect', [400, 300], [600, 400])
  await page.getByTestId('color-more').click()
  expect(await direction(page.getByTestId('hex'))).toBe('ltr')
  await page.getByTestId('act-link').click()
  expect(await direction(page.getByTestId('link-input'))).toBe('ltr')
  await page.getByTestId('share').click()
  expect(await direction(page.getByTestId('edit-link'))).toBe('ltr')
})

