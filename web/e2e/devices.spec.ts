// Every tool in every hand: with mouse, finger and pen, on a desk and on a phone.

import { converge, type BoardPage, type Point, type Tool } from './fixtures/board'
import { handFor, hoverPen, type Hand, type HandName } from './fixtures/hands'
import { eventually, shapesOf, type Shape } from './fixtures/records'
import { expect, test } from './fixtures/test'

const DESK = { viewport: { width: 1280, height: 800 } }
const TABLET = { ...DESK, hasTouch: true }
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

const HANDS: readonly (readonly [place: string, hand: HandName, options: typeof DESK])[] = [
  ['a desk', 'mouse', DESK],
  ['a desk', 'pen', DESK],
  ['a tablet', 'finger', TABLET],
  ['a phone', 'finger', PHONE],
  ['a phone', 'pen', PHONE],
]

/** Tools that make something, each in a cell of its own, and what comes of it. */
const MAKERS: readonly (readonly [Tool, want: object])[] = [
  ['rect', { kind: 'rect', size: [90, 60] }],
  ['diamond', { kind: 'diamond', size: [90, 60] }],
  ['ellipse', { kind: 'ellipse', size: [90, 60] }],
  ['circle', { kind: 'ellipse', size: [90, 90] }],
  ['polygon', { kind: 'polygon', size: [90, 60] }],
  ['arrow', { kind: 'arrow', size: [90, 60] }],
  ['line', { kind: 'line', size: [90, 60] }],
  ['pen', { kind: 'draw' }],
  ['highlighter', { kind: 'draw', brush: 'highlighter' }],
  ['frame', { kind: 'frame', size: [90, 60] }],
  ['note', { kind: 'note', size: [90, 60] }],
  ['text', { kind: 'text', text: 'Hello' }],
  ['image', { kind: 'image', alt: 'dot' }],
]

const DOT = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

/** The corner of the nth cell: three columns in the middle of the page. */
function cell(n: number, { viewport }: typeof DESK): Point {
  return [viewport.width / 2 - 175 + 120 * (n % 3), 110 + 110 * Math.floor(n / 3)]
}

/** Takes a tool by the button, or from the list of the others where it has none. */
async function choose({ page }: BoardPage, hand: Hand, tool: Tool): Promise<void> {
  const button = page.getByTestId(`tool-${tool}`)
  if (!(await button.isVisible())) await hand.press(page.getByTestId('tool-more'))
  await hand.press(button)
  await expect(page.getByTestId('canvas')).toHaveAttribute('data-pointer', tool)
}

async function make(person: BoardPage, hand: Hand, tool: Tool, [x, y]: Point): Promise<void> {
  const { page } = person
  const end: Point = [x + 90, y + 60]
  await choose(person, hand, tool)
  if (tool === 'image') {
    const chooser = page.waitForEvent('filechooser')
    await page.evaluate(() => undefined) // behind what tells the browser to catch dialogs
    await hand.drag([x, y])
    await (await chooser).setFiles({ name: 'dot.png', mimeType: 'image/png', buffer: DOT })
  } else if (tool === 'text') {
    await hand.drag([x, y])
    await expect(page.getByTestId('text-editor')).toBeFocused()
    await page.keyboard.type('Hello')
    await page.keyboard.press('Escape')
  } else if (tool === 'pen' || tool === 'highlighter') {
    // Nothing that a hand at rest could have meant.
    await hand.drag([x, y], [x + 20, y + 40], [x + 40, y], [x + 60, y + 40], [x + 50, y + 20], end)
  } else {
    await hand.drag([x, y], end)
  }
}

const rectOf = (shapes: readonly Shape[]) => shapes.find(({ kind }) => kind === 'rect')
const at = (shape: Shape | undefined) => shape?.['at'] as [number, number]

for (const [place, name, options] of HANDS) {
  test(`every tool works on ${place} with ${name === 'mouse' ? 'the mouse' : `a ${name}`}`, async ({ server, board, join }) => {
    const person = await join(board.links.edit, options)
    const { page } = person
    const hand = await handFor(name, person)
    const shapes = () => shapesOf(server, board)
    const selected = page.locator('[role=option][aria-selected=true]')

    for (const [i, [tool]] of MAKERS.entries()) {
      await test.step(tool, async () => {
        await make(person, hand, tool, cell(i, options))
        await person.shapes(i + 1)
      })
    }
    await person.saved()
    expect(await shapes()).toMatchObject(MAKERS.map(([, want]) => want))

    await test.step('select', async () => {
      const [x, y] = cell(0, options)
      await choose(person, hand, 'select')
      await hand.drag([x + 30, y + 60])
      await expect(selected).toHaveCount(1)
      const [left, top] = at(rectOf(await shapes()))
      // Between the handles of the corner and the side.
      await hand.drag([x + 22, y], [x + 32, y - 20])
      await eventually(server, board, (all) => at(rectOf(all)), [left + 10, top - 20])
    })
    await test.step('lasso', async () => {
      const [x, y] = cell(4, options)
      await choose(person, hand, 'lasso')
      await hand.drag([x - 8, y - 8], [x + 98, y - 8], [x + 98, y + 68], [x - 8, y + 68], [x - 8, y - 8])
      await expect(selected).toHaveCount(1)
      await expect(selected).toHaveText(/^Polygon/)
    })
    await test.step('laser', async () => {
      const [x, y] = cell(14, options)
      const blank = await person.pixels([x + 45, y + 30])
      await choose(person, hand, 'laser')
      await hand.drag([x, y + 30], [x + 90, y + 30])
      await expect.poll(() => person.pixels([x + 45, y + 30])).toBe(blank)
      await person.shapes(MAKERS.length)
    })
    await test.step('hand', async () => {
      const [x, y] = cell(3, options)
      const edge: Point = [x + 45, y]
      const before = await person.pixels(edge)
      await choose(person, hand, 'hand')
      await hand.drag([x + 45, y + 120], [x + 45, y + 145])
      await expect.poll(() => person.pixels([x + 45, y + 25])).toBe(before)
      await hand.drag([x + 45, y + 145], [x + 45, y + 120])
      await expect.poll(() => person.pixels(edge)).toBe(before)
    })
    await test.step('eraser', async () => {
      const [x, y] = cell(6, options)
      await choose(person, hand, 'eraser')
      await hand.drag([x + 20, y + 50], [x + 70, y + 10])
      await person.shapes(MAKERS.length - 1)
      await eventually(server, board, (all) => all.some(({ kind }) => kind === 'line'), false)
    })
    expect(person.errors).toEqual([])
  })
}

test('a pen that hovers shows what it would draw', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await ann.choose('pen')
  const tip = ann.page.locator('.brush')
  await expect(tip).toBeHidden()
  await hoverPen(ann.page, [500, 400])
  await expect(tip).toBeVisible()
  const { x, y, width, height } = (await tip.boundingBox())!
  expect([x + width / 2, y + height / 2, width]).toEqual([500, 400, 4])
  await ann.page.getByTestId('width-8').click()
  await hoverPen(ann.page, [700, 500])
  await expect.poll(async () => (await tip.boundingBox())?.width).toBe(8)
  // A mouse has its own pointer.
  await ann.page.mouse.move(300, 300)
  await expect(tip).toBeHidden()
})

test('what is dragged to the edge takes the plane along', async ({ server, board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  await ann.draw('rect', [300, 300], [400, 380])
  const landmark: Point = [700, 300]
  const blank = await ann.pixels(landmark)
  await ann.draw('line', [650, 300], [750, 300])
  await expect.poll(() => ann.pixels(landmark)).not.toBe(blank)
  const [x] = at(rectOf(await shapesOf(server, board)))
  await ann.choose('select')
  await ann.press([330, 300], [200, 300], [2, 300])
  // The pointer rests, and the plane goes on: the line has moved away by a hundred pixels and more.
  await expect.poll(() => ann.pixels(landmark)).toBe(blank)
  await expect.poll(() => ann.pixels([landmark[0] + 50, landmark[1]])).toBe(blank)
  await ann.release()
  await converge(ann, bob)
  await eventually(server, board, (shapes) => at(rectOf(shapes))[0] < x - 328 - 100, true)
})
