import type { Page } from '@playwright/test'
import { expect, test } from './fixtures/test'

/** The description of the shape that has the focus. */
const focused = (page: Page) => page.locator('[role=option]:focus')
const said = (page: Page) => page.getByTestId('said')

test('a board is drawn, connected, changed and undone without a pointer', async ({ board, join }) => {
  const person = await join(board.links.edit)
  const { page } = person
  await person.canvas.focus()

  await page.keyboard.press('r')
  await page.keyboard.press('Enter')
  await expect(said(page)).toContainText('Rectangle in the middle')
  for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Shift+Alt+ArrowDown')
  await page.keyboard.press('Enter')
  await person.shapes(1)
  await expect(focused(page)).toHaveText(/^Rectangle/)
  await expect(page.getByTestId('focus-ring')).toBeVisible()

  await page.keyboard.press('Enter')
  await page.keyboard.type('API')
  await page.keyboard.press('Escape')
  await expect(focused(page)).toHaveText(/“API”/)

  await page.keyboard.press('o')
  await expect(person.canvas).toBeFocused()
  await page.keyboard.press('Space')
  for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Space')
  await person.shapes(2)
  await expect(focused(page)).toHaveText(/^Ellipse/)

  await page.keyboard.press('ArrowLeft')
  await expect(focused(page)).toHaveText(/^Rectangle/)
  await page.keyboard.press('a')
  await expect(said(page)).toContainText('Arrow from Rectangle “API”')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await person.shapes(3)
  await expect(focused(page)).toHaveText(/^Ellipse.*connected to Rectangle “API”/)

  await page.keyboard.press('Space')
  await page.keyboard.press('Shift+S')
  await expect(page.locator('[data-testid=style-panel] :focus')).toBeVisible()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await person.canvas.focus()
  await page.keyboard.press('Tab')
  await expect(focused(page)).toHaveText(/^Ellipse, (?!black)/)

  await page.keyboard.press('Shift+ArrowDown')
  await expect(said(page)).toContainText('moved')
  await page.keyboard.press('Delete')
  await expect(page.getByTestId('said')).toContainText('deleted')
  await page.keyboard.press('Control+z')
  await expect(said(page)).toContainText('added')
  await person.shapes(3)
  await person.saved()
  expect(person.errors).toEqual([])
})

test('what is placed can be given up', async ({ board, join }) => {
  const person = await join(board.links.edit)
  await person.canvas.focus()
  await person.page.keyboard.press('d')
  await person.page.keyboard.press('Enter')
  await person.page.keyboard.press('ArrowUp')
  await person.page.keyboard.press('Escape')
  await expect(said(person.page)).toContainText('Given up')
  await person.shapes(0)
})

test('the pen draws by keys', async ({ board, join }) => {
  const person = await join(board.links.edit)
  const { page, canvas } = person
  await canvas.focus()
  await page.keyboard.press('p')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('key-pointer')).toBeVisible()
  await page.keyboard.press('Enter')
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await person.shapes(1)
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('key-pointer')).toBeHidden()
})

test('others are told of, and can be told to be quiet', async ({ board, join }) => {
  const ana = await join(board.links.edit, { name: 'Ana' })
  const bo = await join(board.links.edit, { name: 'Bo' })
  await expect(said(ana.page)).toContainText('has joined')
  await bo.draw('rect', [300, 300], [400, 400])
  await expect(said(ana.page)).toContainText('Bo added 1 shape')
  await ana.page.getByTestId('menu').click()
  await ana.page.getByTestId('switch-told').click()
  await ana.page.keyboard.press('Escape')
  await bo.draw('ellipse', [500, 300], [600, 400])
  await ana.shapes(2)
  await ana.draw('rect', [700, 300], [800, 400])
  await expect(said(ana.page)).toContainText('1 shape added')
  await expect(said(ana.page)).not.toContainText('Bo')
})

test('the focus goes skip links, canvas, shapes, bars', async ({ board, join }) => {
  const person = await join(board.links.edit)
  const { page } = person
  await person.draw('rect', [300, 300], [400, 400])
  await page.reload()
  await person.saved()
  await expect(page.locator('[role=option]')).toHaveCount(1)
  const order: string[] = []
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press('Tab')
    order.push(await page.evaluate(() => document.activeElement?.getAttribute('role') ?? document.activeElement?.textContent?.trim() ?? ''))
  }
  expect(order.slice(0, 5)).toEqual(['Skip to the board', 'Skip to the shapes', 'Skip to the tools', 'application', 'option'])
})
