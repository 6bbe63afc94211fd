// What users of well-known whiteboards suffer from, each as the behaviour we promise instead.

import { BoardPage, converge, scribble, type Point } from './fixtures/board'
import { expect, test, via } from './fixtures/test'

const A: Point = [400, 300]
const B: Point = [600, 400]
const MIDDLE: Point = [500, 350]
const SCRIBBLE = scribble(A, MIDDLE)

const isInk = (frame: string) => frame.includes('"k":"i"') || frame.includes('"data":["')

test('remote ink flows while the pen is down', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  await ann.choose('pen')
  await ann.press(...SCRIBBLE)
  let [x, y] = MIDDLE
  const flows = async () => {
    await ann.move([(x += 2), (y = 2 * MIDDLE[1] + 10 - y)])
    return bob.frames.filter(isInk).length
  }
  await expect.poll(flows, { intervals: [20] }).toBeGreaterThan(6)
  await bob.shapes(0)
  await ann.release()
  await bob.shapes(1)
})

test('who joins in the middle of a stroke sees it, at once and when it is done', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await ann.choose('pen')
  await ann.press(...SCRIBBLE)
  const bob = await join(board.links.edit)
  const before = await bob.pixels([560, 380])
  await ann.move([540, 370], [560, 380], [580, 390], B)
  await ann.release()
  await expect.poll(() => bob.pixels([560, 380])).not.toBe(before)
  await bob.shapes(1)
  await converge(ann, bob)
})

test('who was away gets what was drawn meanwhile', async ({ board, join, line }) => {
  const [ann, bob] = [await join(board.links.edit), await join(via(line, board.links.edit))]
  line.cut()
  await bob.offline()
  await ann.draw('rect', A, B)
  await ann.draw('line', A, B)
  line.restore()
  await bob.shapes(2)
  await converge(ann, bob)
})

test('a snapshot older than the live changes does not undo them', async ({ board, join, browser }) => {
  const ann = await join(board.links.edit)
  await ann.draw('rect', A, B)

  const context = await browser.newContext()
  const page = await context.newPage()
  let letGo = () => {}
  const held = new Promise<void>((resolve) => (letGo = resolve))
  const taken = new Promise<void>((resolve) =>
    page.route('**/diagram?*', async (route) => {
      const old = await route.fetch()
      resolve()
      await held
      await route.fulfill({ response: old })
    }),
  )
  const bob = new BoardPage(page)
  await page.goto(board.links.edit)
  await taken
  await ann.draw('line', A, B)
  letGo()
  await bob.shapes(2)
  await converge(ann, bob)
  await context.close()
})

test('undo of a shape that someone else removed does nothing', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  await ann.draw('line', A, B)
  await bob.shapes(1)
  await bob.draw('eraser', [MIDDLE[0], MIDDLE[1] - 60], [MIDDLE[0], MIDDLE[1] + 60])
  await ann.shapes(0)
  await ann.page.keyboard.press('Control+z')
  await ann.page.keyboard.press('Control+Shift+z')
  await ann.draw('rect', A, B)
  await bob.shapes(1)
  await converge(ann, bob)
  expect([...ann.errors, ...bob.errors]).toEqual([])
})

test('redo brings back the same shape, not a copy', async ({ server, board, join }) => {
  const ids = async () => {
    const response = await fetch(`${server.url}/diagram?board=${board.id}`, {
      headers: { authorization: `Bearer ${new URL(board.links.edit).hash.slice(1)}` },
    })
    const { records } = (await response.json()) as { records: { id: string }[] }
    return records.map(({ id }) => id).sort()
  }
  const ann = await join(board.links.edit)
  await ann.draw('rect', A, B)
  const before = await ids()
  await ann.undo()
  await ann.shapes(0)
  await ann.redo()
  await ann.shapes(1)
  await ann.saved()
  expect(await ids()).toEqual(before)
})

test('clearing while others draw leaves everyone with the same board', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  await ann.draw('rect', A, B)
  await bob.shapes(1)
  await bob.choose('pen')
  await bob.press(...SCRIBBLE)
  await ann.clear()
  await bob.release()
  await converge(ann, bob)
  await bob.shapes(1)
  await ann.shapes(1)
})

test('one\'s own ink does not come back over the wire', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  // While the pen is down, others get ink: a stroke that is done in one go may be only committed.
  await ann.choose('pen')
  await ann.press(...SCRIBBLE)
  await expect.poll(() => bob.frames.filter(isInk).length).toBeGreaterThan(0)
  await ann.release()
  await bob.shapes(1)
  expect(ann.frames.filter(isInk)).toEqual([])
})

test('boards do not mix', async ({ server, board, join }) => {
  const other = await server.createBoard()
  const [ann, bob] = [await join(board.links.edit), await join(other.links.edit)]
  await ann.draw('rect', A, B)
  await bob.draw('line', A, B)
  await ann.shapes(1)
  await bob.shapes(1)
  expect(await ann.digest()).not.toBe(await bob.digest())
})
