import type { Locator } from '@playwright/test'

import { converge, type BoardPage, type Point } from './fixtures/board'
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
  expect(await tip(pins(ann))).toEqual(FREE)

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
