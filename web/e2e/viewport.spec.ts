import type { BoardPage, Point } from './fixtures/board'
import { expect, test } from './fixtures/test'

const DOT: Point = [420, 310]
const AWAY: Point = [900, 640]

/** Draws a dot to aim at and returns what its place looks like with and without it. */
async function dot(ann: BoardPage) {
  const blank = await ann.pixels(DOT)
  await ann.draw('pen', DOT)
  await expect.poll(() => ann.pixels(DOT)).not.toBe(blank)
  return blank
}

test('ctrl and wheel zoom about the pointer', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  const blank = await dot(ann)
  await ann.page.mouse.move(...DOT)
  await ann.page.keyboard.down('Control')
  await ann.page.mouse.wheel(0, -400)
  await ann.page.keyboard.up('Control')
  await expect.poll(() => ann.zoom()).toBeGreaterThan(1.2)
  await expect.poll(() => ann.pixels(DOT)).not.toBe(blank)

  await ann.page.mouse.move(...AWAY)
  await ann.page.keyboard.down('Control')
  await ann.page.mouse.wheel(0, -400)
  await ann.page.keyboard.up('Control')
  await expect.poll(() => ann.pixels(DOT)).toBe(blank)
})

test('the wheel pans by what it turns', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  const blank = await dot(ann)
  await ann.page.mouse.move(...AWAY)
  await ann.page.mouse.wheel(-60, -90)
  await expect.poll(() => ann.pixels([DOT[0] + 60, DOT[1] + 90])).not.toBe(blank)
  await expect.poll(() => ann.pixels(DOT)).toBe(blank)
  expect(await ann.zoom()).toBe(1)
})

test('what is drawn while zoomed lands where the pointer was', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await ann.page.mouse.move(...AWAY)
  await ann.page.keyboard.down('Control')
  await ann.page.mouse.wheel(0, -300)
  await ann.page.keyboard.up('Control')
  await expect.poll(() => ann.zoom()).toBeGreaterThan(1.1)
  await dot(ann)
})

test.describe('on a phone', () => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }

  test('a finger draws', async ({ board, join }) => {
    const [ann, bob] = [await join(board.links.edit, phone), await join(board.links.edit)]
    await ann.choose('pen')
    await ann.touch([[150, 300]], [[170, 320]], [[200, 360]], [[260, 400]])
    await ann.saved()
    for (const person of [ann, bob]) await person.shapes(1)
  })

  test('two fingers zoom and pan, and draw nothing', async ({ board, join }) => {
    const ann = await join(board.links.edit, phone)
    await ann.choose('pen')
    const before = await ann.zoom()
    await ann.touch(
      [[180, 400], [220, 400]],
      [[160, 400], [240, 400]],
      [[120, 400], [280, 400]],
    )
    await expect.poll(() => ann.zoom()).toBeGreaterThan(before * 2)
    await ann.shapes(0)
  })

  test('a second finger during a stroke turns it into a gesture', async ({ board, join }) => {
    const ann = await join(board.links.edit, phone)
    await ann.choose('pen')
    await ann.touch([[180, 400]], [[183, 402]], [[183, 402], [260, 420]], [[150, 400], [300, 430]])
    await ann.shapes(0)
    await ann.saved()
  })

  test('the page itself never scrolls or zooms', async ({ board, join }) => {
    const ann = await join(board.links.edit, phone)
    await ann.choose('hand')
    await ann.touch([[180, 600]], [[180, 500]], [[180, 300]])
    expect(await ann.page.evaluate(() => [scrollY, document.documentElement.scrollHeight <= innerHeight])).toEqual([0, true])
  })
})
