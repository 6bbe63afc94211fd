import type { Locator } from '@playwright/test'

import { converge, type BoardPage, type Point } from './fixtures/board'
import { small } from './fixtures/reach'
import { expect, test } from './fixtures/test'

const A: Point = [400, 300]
const B: Point = [600, 400]
const INSIDE: Point = [500, 350]
const FREE: Point = [800, 550]

const pins = ({ page }: BoardPage) => page.getByTestId('pin')
const thread = ({ page }: BoardPage) => page.getByTestId('thread')
const field = (person: BoardPage) => thread(person).getByTestId('comment-input').last()
const said = (person: BoardPage) => thread(person).locator('.comment-text')

/** Says something at a place, with the tool. */
async function comment(person: BoardPage, [x, y]: Point, text: string): Promise<void> {
  await person.page.keyboard.press('Alt+c')
  await person.page.mouse.click(x, y)
  await field(person).fill(text)
  await field(person).press('Enter')
  await expect(said(person)).toHaveText([text])
  await person.saved()
}

/** Where a pin points. */
async function tip(pin: Locator): Promise<Point> {
  const { x, y, height } = (await pin.boundingBox())!
  return [Math.round(x), Math.round(y + height)]
}

test('what one says the other sees and answers, and it stays', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit, { name: 'Ann' }), await join(board.links.edit, { name: 'Bob' })]
  await comment(ann, FREE, 'What goes here?')
  await expect.poll(() => tip(pins(ann))).toEqual(FREE)

  await expect(pins(bob)).toHaveCount(1)
  await expect(pins(bob)).toHaveAccessibleName('Comment by Ann: What goes here?, New')
  await expect(bob.page.getByTestId('said')).toContainText('Ann commented: What goes here?')
  await pins(bob).click()
  await expect(said(bob)).toHaveText(['What goes here?'])
  await field(bob).fill('A sun.\nSee https://example.com/sun.')
  await field(bob).press('Enter')

  await expect(said(ann)).toHaveText(['What goes here?', 'A sun.\nSee https://example.com/sun.'])
  await expect(said(ann).last().getByRole('link')).toHaveAttribute('href', 'https://example.com/sun')
  await expect(thread(ann).locator('.comment-name')).toHaveText(['Ann', 'Bob'])
  await converge(ann, bob)

  await ann.page.reload()
  await ann.says('data-ready', 'true')
  await pins(ann).click()
  await expect(said(ann)).toHaveCount(2)
})

test('both answer at once, and both answers stay', async ({ board, join }) => {
  const people = [await join(board.links.edit, { name: 'Ann' }), await join(board.links.edit, { name: 'Bob' })]
  await comment(people[0]!, FREE, 'Which?')
  await pins(people[1]!).click()
  await Promise.all(
    people.map(async (person, i) => {
      await field(person).fill(`This one ${i}`)
      await field(person).press('Enter')
    }),
  )
  await converge(...people)
  for (const person of people) {
    await expect(said(person)).toHaveCount(3)
    await expect(said(person)).toContainText(['Which?', 'This one', 'This one'])
  }
})

test('a comment on a shape goes where the shape goes, also while others move it, and stays when it is deleted', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit, { name: 'Ann' }), await join(board.links.edit, { name: 'Bob' })]
  await ann.choose('rect')
  await ann.page.getByTestId('fill-a5d8ff').click()
  await ann.drag(A, B)
  await comment(ann, INSIDE, 'Bigger?')
  await expect(pins(bob)).toHaveCount(1)
  await bob.choose('select')
  await bob.page.mouse.click(450, 380)
  await bob.press([450, 380], [550, 480])
  await expect.poll(() => tip(pins(ann))).toEqual([600, 450])
  await expect.poll(() => tip(pins(bob))).toEqual([600, 450])
  await bob.release()
  await converge(ann, bob)
  await expect.poll(() => tip(pins(ann))).toEqual([600, 450])
  await bob.page.keyboard.press('Delete')
  await ann.shapes(0)
  await expect.poll(() => tip(pins(ann))).toEqual([600, 450])
  await ann.page.keyboard.press('Escape')
  await ann.page.keyboard.press('Control+=')
  await expect.poll(() => ann.zoom()).toBeGreaterThan(1)
  const { width, height } = (await pins(ann).boundingBox())!
  expect([width, height]).toEqual([34, 34])
  await ann.page.reload()
  await ann.says('data-ready', 'true')
  await expect(pins(ann)).toHaveCount(1)
})

test('a comment that is not written leaves nothing behind; what was begun is kept', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  const before = await ann.digest()
  await ann.page.keyboard.press('Alt+c')
  await ann.page.mouse.click(...FREE)
  await expect(field(ann)).toBeFocused()
  await ann.page.keyboard.press('Enter')
  await ann.page.keyboard.press('Escape')
  await expect(thread(ann)).toBeHidden()
  await expect(pins(ann)).toHaveCount(0)
  await expect(ann.canvas).toBeFocused()
  await ann.page.keyboard.press('Alt+c')
  await ann.page.mouse.click(...FREE)
  await ann.page.mouse.click(...A)
  await expect(thread(ann)).toBeHidden()
  expect(await ann.digest()).toBe(before)
  await ann.page.keyboard.press('Alt+c')
  await ann.page.mouse.click(...FREE)
  await field(ann).fill('Half a th')
  await ann.page.keyboard.press('Escape')
  await ann.page.keyboard.press('Alt+c')
  await ann.page.mouse.click(...A)
  await expect(field(ann)).toHaveValue('Half a th')
})

test('by keys alone: on the selection, from pin to pin, and back', async ({ board, join }) => {
  const ann = await join(board.links.edit, { name: 'Ann' })
  const { keyboard } = ann.page
  await ann.draw('rect', A, B)
  await ann.canvas.focus()
  await keyboard.press('Alt+c')
  await keyboard.press('Enter')
  await expect(field(ann)).toBeFocused()
  await keyboard.type('On the corner')
  await keyboard.press('Enter')
  await expect(said(ann)).toHaveText(['On the corner'])
  await expect.poll(() => tip(pins(ann))).toEqual([600, 300])
  await keyboard.press('Escape')
  await expect(pins(ann)).toBeFocused()

  await ann.canvas.focus()
  await keyboard.press('Escape')
  await keyboard.press('Escape')
  await keyboard.press('Alt+c')
  await keyboard.press('Enter')
  await expect(field(ann)).toBeFocused()
  await keyboard.type('In the middle')
  await keyboard.press('Enter')
  await expect(pins(ann)).toHaveCount(2)
  await keyboard.press('Escape')
  await expect(pins(ann).nth(1)).toBeFocused()
  await keyboard.press('ArrowLeft')
  await expect(pins(ann).nth(0)).toBeFocused()
  await keyboard.press('Enter')
  await expect(said(ann)).toHaveText(['On the corner'])
  await ann.page.getByTestId('thread-next').press('Enter')
  await expect(said(ann)).toHaveText(['In the middle'])
})

test('threads are listed, resolved, opened again and deleted; comments are changed by who wrote them', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit, { name: 'Ann' }), await join(board.links.edit, { name: 'Bob' })]
  await comment(ann, FREE, 'First')
  await ann.page.keyboard.press('Escape')
  await comment(ann, A, 'Second')
  const { page } = bob
  await expect(page.locator('#comments-toggle .news-count')).toHaveText('2')
  await page.getByTestId('comments-toggle').click()
  const rows = page.getByTestId('comment-row')
  await expect(rows).toHaveCount(2)
  await expect(rows.first()).toContainText('Second')
  await rows.last().click()
  await expect(said(bob)).toHaveText(['First'])
  await expect(page.getByTestId('comment-edit')).toHaveCount(0)
  await page.getByTestId('thread-resolve').click()
  await expect(rows).toHaveCount(1)
  await page.getByTestId('filter-resolved').click()
  await expect(rows).toHaveCount(1)
  await expect(rows).toContainText('First')
  await page.getByTestId('thread-close').click()
  await expect(pins(bob)).toHaveCount(1)
  await expect(pins(ann)).toHaveCount(1)
  await rows.click()
  await field(bob).fill('Not yet')
  await field(bob).press('Enter')
  await expect(pins(ann)).toHaveCount(2)

  await expect(said(ann)).toHaveText(['Second'])
  await ann.page.getByTestId('comment').hover()
  await ann.page.getByTestId('comment-edit').click()
  await ann.page.locator('.comment-editor textarea').fill('Second, better')
  await ann.page.locator('.comment-editor textarea').press('Enter')
  await expect(said(ann)).toHaveText(['Second, better'])
  await expect(ann.page.getByTestId('comment')).toContainText('edited')
  await ann.page.getByTestId('thread-delete').click()
  await expect(pins(bob)).toHaveCount(1)
  await ann.page.getByRole('button', { name: 'Undo' }).last().click()
  await expect(pins(bob)).toHaveCount(2)
  await page.keyboard.press('Escape')
  await page.getByTestId('switch-comments').click()
  await expect(pins(bob)).toHaveCount(0)
  await converge(ann, bob)
})

test('the menu of a shape and of the board puts a comment where it was asked for', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await ann.draw('rect', A, B)
  await ann.choose('select')
  for (const place of [FREE, [500, 300] as Point]) {
    await ann.page.mouse.click(...place, { button: 'right' })
    await ann.page.getByRole('menuitem', { name: 'Add a comment' }).click()
    await field(ann).fill('Here')
    await field(ann).press('Enter')
    await expect(said(ann)).toHaveText(['Here'])
    await ann.page.keyboard.press('Escape')
  }
  await expect.poll(() => tip(pins(ann).nth(0))).toEqual(FREE)
  await expect.poll(() => tip(pins(ann).nth(1))).toEqual([500, 300])
})

test('a pin is dragged to another place, and onto a shape', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit, { name: 'Ann' }), await join(board.links.edit, { name: 'Bob' })]
  await ann.choose('rect')
  await ann.page.getByTestId('fill-a5d8ff').click()
  await ann.drag(A, B)
  await comment(ann, FREE, 'There')
  await ann.page.keyboard.press('Escape')
  await ann.drag([FREE[0] + 17, FREE[1] - 17], [INSIDE[0] + 17, INSIDE[1] - 17])
  await expect(thread(ann)).toBeHidden()
  await expect.poll(() => tip(pins(bob))).toEqual(INSIDE)
  await ann.choose('select')
  await ann.drag([450, 380], [500, 480])
  await expect.poll(() => tip(pins(bob))).toEqual([550, 450])
  await converge(ann, bob)
})

test('viewers read and can not write', async ({ board, join }) => {
  const [ann, eve] = [await join(board.links.edit, { name: 'Ann' }), await join(board.links.view)]
  await comment(ann, FREE, 'For all')
  await pins(eve).click()
  await expect(said(eve)).toHaveText(['For all'])
  await expect(field(eve)).toHaveCount(0)
  await expect(thread(eve).getByTestId('thread-resolve')).toHaveCount(0)
  await eve.page.keyboard.press('Escape')
  await eve.page.keyboard.press('Alt+c')
  await eve.page.mouse.click(...A)
  await expect(thread(eve)).toBeHidden()
})

test('on a phone a thread is a sheet', async ({ board, join }) => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 1 }
  const [ann, bob] = [await join(board.links.edit, { ...phone, name: 'Ann' }), await join(board.links.edit, { name: 'Bob' })]
  const { page } = ann
  await page.getByTestId('tool-more').tap()
  await page.locator('.more-tools').getByTestId('tool-comment').tap()
  await page.touchscreen.tap(200, 300)
  await field(ann).fill('By thumb')
  await page.getByTestId('comment-send').tap()
  await expect(pins(bob)).toHaveCount(1)
  await expect(said(ann)).toHaveText(['By thumb'])
  expect(await small(page, '[data-testid=thread]')).toEqual([])
  await page.getByTestId('thread-close').tap()
  await expect(thread(ann)).toBeHidden()
  await page.getByTestId('comments-toggle').tap()
  expect(await small(page, '[data-testid=comment-list]')).toEqual([])
  await page.getByTestId('comment-row').tap()
  await expect(said(ann)).toHaveText(['By thumb'])
  await page.getByTestId('sheet-grip').tap()
  const [x, y] = await tip(pins(ann))
  await page.touchscreen.tap(x + 38, y - 38)
  await expect(thread(ann)).toBeVisible()
})
