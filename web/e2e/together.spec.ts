import { converge, type BoardPage, type Point } from './fixtures/board'
import { eventually, shapesOf, type Shape } from './fixtures/records'
import { expect, test } from './fixtures/test'

/** Two people at work on the same shape. */

const CORNERS: [Point, Point] = [[300, 300], [520, 400]]
const MIDDLE: Point = [410, 350]
const EDGE: Point = [300, 330]

/** Opens the text of the shape in the middle. */
async function beginToWrite({ page }: BoardPage): Promise<void> {
  await page.mouse.dblclick(...MIDDLE)
  await expect(page.getByTestId('text-editor')).toBeFocused()
}

test('what two write in one shape at the same time is all there, and live', async ({ server, board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  await ann.draw('rect', ...CORNERS)
  await bob.shapes(1)
  for (const person of [ann, bob]) await person.choose('select')
  await beginToWrite(ann)
  await beginToWrite(bob)
  await Promise.all([ann.page.keyboard.insertText('from Ann'), bob.page.keyboard.insertText('from Bob')])
  await ann.page.keyboard.press('Escape')
  await expect(bob.page.getByTestId('text-editor')).toHaveValue(/from Ann/)
  await bob.page.keyboard.insertText(' too')
  await bob.page.keyboard.press('Escape')
  await converge(ann, bob)
  // In which order depends on whose words were there first.
  const words = (shapes: Shape[]) => ['from Ann', 'from Bob', ' too'].map((some) => String(shapes[0]?.['text']).includes(some))
  await eventually(server, board, words, [true, true, true])
})

test('a reload while one writes leaves what has been written', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  await ann.choose('text')
  await ann.page.mouse.click(...MIDDLE)
  await expect(ann.page.getByTestId('text-editor')).toBeFocused()
  await ann.page.keyboard.type('long thought')
  await bob.shapes(1)
  await ann.saved()
  await ann.page.reload()
  await ann.says('data-ready', 'true')
  await ann.shapes(1)
  await converge(ann, bob)
})

test('who writes in a shape that another removes is told, and can bring it back with their words', async ({ server, board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  await ann.draw('rect', ...CORNERS)
  await bob.shapes(1)
  await ann.choose('select')
  await beginToWrite(ann)
  await ann.page.keyboard.type('not lost')
  await bob.draw('eraser', EDGE, [EDGE[0] + 2, EDGE[1]])
  await ann.shapes(0)
  await expect(ann.page.getByTestId('text-editor')).toHaveCount(0)
  await ann.page.locator('.notices').getByRole('button', { name: 'Undo' }).click()
  for (const person of [ann, bob]) await person.shapes(1)
  await converge(ann, bob)
  await eventually(server, board, (shapes) => shapes.map(({ text }) => text), ['not lost'])
  expect([...ann.errors, ...bob.errors]).toEqual([])
})

test('who moves a shape and who makes it larger both have their way', async ({ server, board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  await ann.draw('rect', ...CORNERS)
  await bob.shapes(1)
  const placeOf = ([shape]: Shape[]) => [shape!['at'], shape!['size']] as [Point, Point]
  const before = placeOf(await shapesOf(server, board))
  await ann.choose('select')
  await ann.page.mouse.click(...EDGE)
  await ann.press([522, 350], [560, 350], [620, 350])
  await bob.choose('select')
  await bob.drag(EDGE, [250, 280], [200, 230])
  await bob.saved()
  await expect.poll(() => bob.digest()).toBe(await ann.digest())
  await ann.release()
  await converge(ann, bob)
  await eventually(server, board, (shapes) => {
    const [at, size] = placeOf(shapes)
    return [at[0] - before[0][0], at[1] - before[0][1], size[0] > before[1][0]]
  }, [-100, -100, true])
})

test('after a reload one still undoes and redoes one\'s own, and nothing of others', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  await ann.draw('rect', [200, 200], [260, 240])
  await bob.draw('rect', [300, 200], [360, 240])
  await ann.draw('rect', [400, 200], [460, 240])
  await ann.undo()
  await ann.shapes(2)
  await ann.saved()
  await ann.page.reload()
  await ann.says('data-ready', 'true')
  await expect(ann.page.getByTestId('redo')).not.toHaveClass(/idle/)
  await ann.redo()
  await ann.shapes(3)
  await ann.undo()
  await ann.undo()
  for (const person of [ann, bob]) await person.shapes(1)
  await expect(ann.page.getByTestId('undo')).toHaveClass(/idle/)
  await bob.undo()
  for (const person of [ann, bob]) await person.shapes(0)
  await converge(ann, bob)
})
