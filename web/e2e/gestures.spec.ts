import { expect, test } from './fixtures/test'
import type { BoardPage, Point } from './fixtures/board'
import { eventually, shapesOf, type Shape } from './fixtures/records'

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

const sizes = (shapes: readonly Shape[]) => shapes.map(({ size }) => size)
const kinds = (shapes: readonly Shape[]) => shapes.map(({ kind }) => kind)

/** Puts the mouse down at the first point and moves it to the others, which the page has seen when this is done. */
async function begin({ page }: BoardPage, [x, y]: Point, ...rest: Point[]): Promise<void> {
  await page.mouse.move(x, y)
  await page.mouse.down()
  for (const [x, y] of rest) await page.mouse.move(x, y)
}

test('Space in the middle of a drag moves the plane, and the drag goes on where it was', async ({ server, board, join }) => {
  const ann = await join(board.links.edit)
  await ann.choose('rect')
  await begin(ann, [300, 300], [350, 350])
  await ann.page.keyboard.down('Space')
  await ann.page.mouse.move(450, 450)
  await ann.page.keyboard.up('Space')
  await ann.page.mouse.move(460, 470)
  await ann.page.mouse.up()
  await eventually(server, board, sizes, [[60, 70]])
})

test('the wheel moves the plane under what is being made, and zooms it', async ({ server, board, join }) => {
  const ann = await join(board.links.edit)
  await ann.choose('rect')
  const upper: Point = [350, 200]
  const blank = await ann.pixels(upper)
  await begin(ann, [300, 300], [400, 400])
  await ann.page.mouse.wheel(0, 100)
  await expect.poll(() => ann.pixels(upper)).not.toBe(blank)
  await ann.page.mouse.up()
  await eventually(server, board, sizes, [[100, 200]])

  await ann.choose('rect')
  await begin(ann, [600, 500], [700, 600])
  await ann.page.keyboard.down('Control')
  await ann.page.mouse.wheel(0, -20)
  await expect.poll(() => ann.zoom()).toBeGreaterThan(1.1)
  await ann.page.keyboard.up('Control')
  await ann.page.mouse.up()
  await ann.shapes(2)
})

test('the wheel moves and zooms the plane over a text that is being written, too', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await ann.choose('text')
  await ann.page.mouse.click(500, 400)
  const field = ann.page.getByTestId('text-editor')
  await field.pressSequentially('Some words')
  await ann.page.mouse.move(530, 400)
  const { y } = (await field.boundingBox())!
  await ann.page.mouse.wheel(0, 50)
  await expect.poll(async () => (await field.boundingBox())!.y).toBeCloseTo(y - 50, 0)
  await ann.page.mouse.move(530, 350)
  await ann.page.keyboard.down('Control')
  await ann.page.mouse.wheel(0, -20)
  await ann.page.keyboard.up('Control')
  await expect.poll(() => ann.zoom()).toBeGreaterThan(1.1)
  await expect(field).toHaveValue('Some words')
})

test('a gesture that is given up has let go of the pointer', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await ann.choose('rect')
  await begin(ann, [300, 300], [400, 400])
  await expect(ann.canvas).toHaveAttribute('data-busy', 'true')
  await ann.page.keyboard.press('Escape')
  await expect(ann.canvas).toHaveAttribute('data-busy', 'false')
  await ann.page.mouse.up()
  await ann.shapes(0)
})

test('a line of several pieces is kept when another tool is taken, or a menu is asked for', async ({ server, board, join }) => {
  const ann = await join(board.links.edit)
  const pieces = async (y: number) => {
    await ann.choose('line')
    for (const x of [300, 400, 500]) await ann.page.mouse.click(x, y + (x % 200))
    await ann.page.mouse.move(600, y)
  }
  await pieces(200)
  await ann.page.keyboard.press('r')
  await ann.shapes(1)
  await expect(ann.canvas).toHaveAttribute('data-pointer', 'rect')
  await pieces(400)
  await ann.page.mouse.click(600, 400, { button: 'right' })
  await expect(ann.page.getByRole('menu')).toBeVisible()
  await eventually(server, board, (shapes) => shapes.map(({ bends }) => (bends as unknown[]).length), [1, 1])
})

test('an arrow stays where it is when the eraser removes what it was bound to', async ({ server, board, join }) => {
  const ann = await join(board.links.edit)
  await ann.draw('rect', [600, 200], [700, 300])
  await ann.draw('arrow', [300, 250], [650, 250])
  await ann.choose('select')
  await ann.drag([600, 220], [700, 420])
  await ann.saved()
  await ann.draw('eraser', [790, 470], [810, 470])
  await eventually(server, board, kinds, ['arrow'])
  const [arrow] = await shapesOf(server, board)
  expect((arrow!['size'] as number[])[1]).toBeGreaterThan(100)
  await ann.undo()
  await eventually(server, board, kinds, ['rect', 'arrow'])
})

test('a shape grows with its label, in one step of undo', async ({ server, board, join }) => {
  const ann = await join(board.links.edit)
  await ann.draw('rect', [300, 300], [400, 340])
  await ann.page.keyboard.press('Enter')
  await ann.page.getByTestId('text-editor').pressSequentially('More words than such a box can take')
  await ann.page.keyboard.press('Escape')
  const high = (shapes: readonly Shape[]) => (shapes[0]!['size'] as number[])[1]! > 100
  await eventually(server, board, high, true)
  await ann.undo()
  await eventually(server, board, (shapes) => shapes.map(({ size, text }) => [size, text ?? '']), [[[100, 40], '']])
})

test('whoever points keeps pointing when a text is written: keys are for what is drawn next', async ({ server, board, join }) => {
  const ann = await join(board.links.edit)
  await ann.choose('note')
  await ann.page.mouse.click(300, 300)
  await ann.page.getByTestId('text-editor').pressSequentially('First')
  await ann.saved()
  // The list for screen readers has the note in it, as the one that the focus would come to.
  await expect(ann.page.locator('[role=option][tabindex="0"]')).toHaveCount(1)
  await ann.page.keyboard.press('Escape')
  await expect(ann.page.getByTestId('focus-ring')).toBeHidden()
  await ann.page.keyboard.press('r')
  await ann.drag([600, 300], [750, 380])
  await ann.shapes(2)
  await ann.page.keyboard.press('Enter')
  await ann.page.getByTestId('text-editor').pressSequentially('Second')
  await ann.page.keyboard.press('Escape')
  await eventually(server, board, (shapes) => shapes.map(({ text }) => text), ['First', 'Second'])
})

test.describe('on a phone', () => {
  test('a finger on nothing moves the plane with the tool that selects, a shaky tap draws nothing', async ({ server, board, join }) => {
    const ann = await join(board.links.edit, PHONE)
    await ann.choose('rect')
    await ann.touch([[100, 300]], [[103, 303]])
    await expect(ann.canvas).toHaveAttribute('data-busy', 'false')
    await ann.touch([[100, 300]], [[160, 340]], [[200, 400]])
    await ann.shapes(1)
    await ann.choose('select')
    const edge: Point = [150, 300]
    const line = await ann.pixels(edge)
    await ann.touch([[300, 550]], [[310, 580]], [[320, 600]])
    await expect.poll(() => ann.pixels([170, 350])).toBe(line)
    // The shape is where it was.
    await ann.saved()
    await eventually(server, board, sizes, [[100, 100]])
  })
})
