import type { Point, Tool } from './fixtures/board'
import { converge, scribble } from './fixtures/board'
import { expect, test } from './fixtures/test'

const A: Point = [400, 300]
const B: Point = [600, 400]
const MIDDLE: Point = [500, 350]

test('what each tool draws shows on the other page before the pointer is up, and a reload keeps it', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  for (const [i, tool] of (['pen', 'line', 'rect', 'circle', 'ellipse'] satisfies Tool[]).entries()) {
    await test.step(tool, async () => {
      const down = i * 60
      const [from, to]: Point[] = [[A[0], A[1] - 100 + down], [B[0], B[1] - 100 + down]]
      const touched: Point = tool === 'line' || tool === 'pen' ? [MIDDLE[0], MIDDLE[1] - 100 + down] : [from![0] + 100, from![1]]
      const before = await bob.pixels(touched)
      await ann.choose(tool)
      await ann.press(...(tool === 'pen' ? scribble(from!, touched) : [from!, to!]))
      await expect.poll(() => bob.pixels(touched)).not.toBe(before)
      await bob.shapes(i)
      await ann.release()
      await bob.shapes(i + 1)
      await converge(ann, bob)
    })
  }
  const digest = await bob.digest()
  await bob.page.reload()
  await bob.saved()
  await bob.shapes(5)
  await expect.poll(() => bob.digest()).toBe(digest)
})

test('a tap of the pen leaves a dot', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  const blank = await ann.pixels(A)
  await ann.draw('pen', A)
  await ann.shapes(1)
  await expect.poll(() => ann.pixels(A)).not.toBe(blank)
})

test('a stroke begins where the pointer went down', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  const blank = await ann.pixels(A)
  await ann.draw('pen', A, [A[0] + 3, A[1] + 1], B)
  await expect.poll(() => ann.pixels(A)).not.toBe(blank)
})

test('a long stroke keeps all its points', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  const spiral = Array.from({ length: 150 }, (_, i): Point => {
    const [angle, radius] = [i / 6, 10 + i * 1.2]
    return [640 + radius * Math.cos(angle), 400 + radius * Math.sin(angle)]
  })
  await ann.draw('pen', ...spiral)
  await bob.shapes(1)
  await converge(ann, bob)
  const blank = await bob.pixels([60, 760])
  for (const end of [spiral[0]!, spiral.at(-1)!]) await expect.poll(() => bob.pixels(end)).not.toBe(blank)
})

test('undo and redo are one\'s own', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  await ann.draw('rect', A, B)
  await bob.shapes(1)
  await bob.draw('ellipse', [700, 200], [800, 300])
  await ann.shapes(2)

  await ann.undo()
  for (const person of [ann, bob]) await person.shapes(1)
  await ann.undo()
  await converge(ann, bob)
  await ann.shapes(1)

  await bob.undo()
  for (const person of [ann, bob]) await person.shapes(0)
  await ann.redo()
  for (const person of [ann, bob]) await person.shapes(1)
  await bob.redo()
  for (const person of [ann, bob]) await person.shapes(2)
  await converge(ann, bob)
})

test('the keyboard undoes and redoes', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await ann.draw('line', A, B)
  await ann.page.keyboard.press('Control+z')
  await ann.shapes(0)
  await ann.page.keyboard.press('Control+Shift+z')
  await ann.shapes(1)
})

test('the eraser removes what it touches, and undo brings it back', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  await ann.draw('line', A, B)
  await ann.draw('line', [A[0], A[1] + 200], [B[0], B[1] + 200])
  await bob.shapes(2)
  await bob.draw('eraser', [MIDDLE[0], MIDDLE[1] - 60], [MIDDLE[0], MIDDLE[1] + 60])
  for (const person of [ann, bob]) await person.shapes(1)
  await bob.undo()
  for (const person of [ann, bob]) await person.shapes(2)
  await converge(ann, bob)
})

test('clear empties the board for all and can be undone', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  await ann.draw('rect', A, B)
  await bob.draw('pen', [700, 200], [800, 300])
  await ann.shapes(2)
  await ann.clear()
  for (const person of [ann, bob]) await person.shapes(0)
  await ann.undo()
  for (const person of [ann, bob]) await person.shapes(2)
  await converge(ann, bob)
})

test('Escape gives up a shape half drawn', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  const before = await bob.pixels([500, 300])
  await ann.choose('rect')
  await ann.press(A, B)
  await expect.poll(() => bob.pixels([500, 300])).not.toBe(before)
  await ann.page.keyboard.press('Escape')
  await ann.release()
  await expect.poll(() => bob.pixels([500, 300])).toBe(before)
  await ann.shapes(0)
})
