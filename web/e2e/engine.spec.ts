import type { CDPSession } from '@playwright/test'
import type { Patch } from '../src/board/types'
import { strokePoints } from '../src/geometry/points'
import type { BoardPage, Point } from './fixtures/board'
import { converge, scribble } from './fixtures/board'
import { shapesOf } from './fixtures/records'
import { expect, test } from './fixtures/test'

const A: Point = [400, 300]
const B: Point = [600, 400]
/** On the upper edge of a rectangle from A to B, and where that is after a move. */
const EDGE: Point = [500, 300]
const MOVED: Point = [500, 480]

/** Looks of a place on the page, to be compared later. */
async function looks(person: BoardPage, ...places: Point[]): Promise<string[]> {
  return Promise.all(places.map((place) => person.pixels(place)))
}

async function select(person: BoardPage): Promise<void> {
  await person.page.keyboard.press('v')
}

test('others see a shape move before it is dropped, and it leaves no shadow', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  const [blank] = await looks(bob, MOVED)
  await ann.draw('rect', A, B)
  await bob.shapes(1)
  await expect.poll(() => bob.pixels(EDGE)).not.toBe(blank)
  await select(ann)
  await ann.press(EDGE, [500, 380], MOVED)
  for (const person of [bob, ann]) {
    await expect.poll(() => person.pixels(MOVED)).not.toBe(blank)
    await expect.poll(() => person.pixels([420, 300])).toBe(blank)
  }
  await ann.release()
  await converge(ann, bob)
  await expect.poll(() => bob.pixels(MOVED)).not.toBe(blank)
  await ann.undo()
  await expect.poll(() => bob.pixels([420, 300])).not.toBe(blank)
})

test('a drag that is given up puts everything back, for others too', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  const blank = await bob.pixels(MOVED)
  await ann.draw('rect', A, B)
  await bob.shapes(1)
  await select(ann)
  await ann.press(EDGE, [500, 380], MOVED)
  await expect.poll(() => bob.pixels(MOVED)).not.toBe(blank)
  await ann.page.keyboard.press('Escape')
  await ann.release()
  await expect.poll(() => bob.pixels(MOVED)).toBe(blank)
  await expect.poll(() => bob.pixels(EDGE)).not.toBe(blank)
})

test('others see what one has selected', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  const corner: Point = [A[0], A[1] - 12]
  const before = await bob.pixels(corner)
  // What one has made is selected.
  await ann.draw('rect', A, B)
  await expect.poll(() => bob.pixels(corner)).not.toBe(before)
  await ann.page.mouse.click(900, 600)
  await expect.poll(() => bob.pixels(corner)).toBe(before)
  await ann.page.mouse.click(...EDGE)
  await expect.poll(() => bob.pixels(corner)).not.toBe(before)
})

test('text is written in its place, seen by others as it grows, and is one step of undo', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  await select(ann)
  const before = await bob.pixels([410, 300])
  await ann.page.mouse.dblclick(...A)
  const field = ann.page.getByTestId('text-editor')
  await field.pressSequentially('Hello')
  await expect.poll(() => bob.pixels([410, 300])).not.toBe(before)
  await bob.shapes(0)
  await field.press('Enter')
  await field.pressSequentially('world')
  await field.press('Escape')
  await expect(field).toHaveCount(0)
  for (const person of [ann, bob]) await person.shapes(1)
  await converge(ann, bob)
  await ann.undo()
  for (const person of [ann, bob]) await person.shapes(0)
})

test('a text that is left empty is not there', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await select(ann)
  await ann.page.mouse.dblclick(...A)
  await expect(ann.page.getByTestId('text-editor')).toBeFocused()
  await ann.page.mouse.click(900, 600)
  await expect(ann.page.getByTestId('text-editor')).toHaveCount(0)
  await ann.shapes(0)
})

test('the field lies over the text it becomes', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await select(ann)
  await ann.page.mouse.dblclick(...A)
  const field = ann.page.getByTestId('text-editor')
  await field.fill('Where it was')
  const box = (await field.boundingBox())!
  await field.press('Escape')
  await ann.saved()
  const blank = await ann.pixels([900, 700])
  const baseline: Point = [box.x + 14, box.y + box.height / 2]
  await ann.page.mouse.click(900, 600)
  await expect.poll(() => ann.pixels(baseline)).not.toBe(blank)
  await ann.page.mouse.dblclick(...baseline)
  await expect(field).toHaveValue('Where it was')
  const again = (await field.boundingBox())!
  expect(Math.abs(again.x - box.x) + Math.abs(again.y - box.y)).toBeLessThan(1)
})

test('wet ink shows where the pointer is, before it is up', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  const blank = await ann.pixels(B)
  await ann.choose('pen')
  await ann.press(...scribble(A, B))
  await expect.poll(() => ann.pixels(B)).not.toBe(blank)
  await ann.shapes(0)
  await ann.release()
  await ann.shapes(1)
})

test('what the browser gathered of the pointer is kept; what it foretells is drawn, and never kept', async ({ server, board, join }) => {
  const ann = await join(board.links.edit)
  const ahead: Point = [660, 300]
  const [blank] = await looks(ann, ahead)
  await ann.page.evaluate(() => {
    const like = ({ pointerId, pointerType, clientX, clientY }: PointerEvent, dx: number, dy: number) =>
      new PointerEvent('pointermove', { pointerId, pointerType, pressure: 0.5, buttons: 1, clientX: clientX + dx, clientY: clientY + dy })
    PointerEvent.prototype.getCoalescedEvents = function () {
      return [like(this, -50, 60), like(this, 0, 0)]
    }
    PointerEvent.prototype.getPredictedEvents = function () {
      return [like(this, 80, 0)]
    }
  })
  await ann.choose('pen')
  await ann.page.mouse.move(...A)
  await ann.page.mouse.down()
  await ann.page.mouse.move(500, 300)
  await ann.page.mouse.move(600, 300)
  await expect.poll(() => ann.pixels(ahead)).not.toBe(blank)
  await ann.release()
  await expect.poll(() => ann.pixels(ahead)).toBe(blank)
  await ann.saved()
  const [stroke] = await shapesOf(server, board)
  const points = strokePoints(stroke as unknown as Patch)
  const kept = Array.from({ length: points.length }, (_, i) => [points.at(i).x, points.at(i).y])
  expect(kept).toEqual([[0, 0], [50, 60], [100, 0], [150, 60], [200, 0]])
})

test('others see the laser, which leaves nothing', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  const before = await bob.pixels(B)
  await ann.page.keyboard.press('k')
  await ann.press(A, [500, 350], B)
  const point = async () => {
    await ann.move([B[0] - 3, B[1]], B)
    return bob.pixels(B)
  }
  await expect.poll(point, { intervals: [50] }).not.toBe(before)
  await ann.release()
  await expect.poll(() => bob.pixels(B)).toBe(before)
  for (const person of [ann, bob]) await person.shapes(0)
})

test('right click asks for a menu, right drag moves the plane', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await ann.draw('rect', A, B)
  const blank = await ann.pixels([900, 700])
  await ann.page.mouse.move(...EDGE)
  await ann.page.mouse.down({ button: 'right' })
  await ann.page.mouse.move(EDGE[0] + 60, EDGE[1] + 90, { steps: 4 })
  await ann.page.mouse.up({ button: 'right' })
  await expect.poll(() => ann.pixels([420, 300])).toBe(blank)
  await expect.poll(() => ann.pixels([480, 390])).not.toBe(blank)
  await expect(ann.page.getByRole('menu')).toHaveCount(0)
})

test('a board that was open before opens without a network, and goes on when there is one', async ({ board, join }) => {
  const ann = await join(board.links.edit, { serviceWorkers: 'allow' })
  await ann.draw('rect', A, B)
  const { page } = ann
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await expect.poll(() => page.evaluate(keptBoards)).toContain('"rect"')
  await page.reload()
  await ann.saved()
  await page.context().setOffline(true)
  await page.reload()
  await ann.shapes(1)
  await ann.choose('ellipse')
  await ann.drag([700, 200], [800, 300])
  await ann.shapes(2)
  await page.context().setOffline(false)
  await ann.saved()
  await ann.shapes(2)
})

test.describe('with a pen', () => {
  const tablet = { viewport: { width: 1000, height: 800 }, hasTouch: true }

  test('the pen draws, the hand that holds it does not, and a finger moves the plane', async ({ board, join }) => {
    const ann = await join(board.links.edit, tablet)
    const cdp = await ann.page.context().newCDPSession(ann.page)
    await ann.choose('pen')
    const blank = await ann.pixels([900, 700])
    const start = Date.now()
    await stroke(cdp, A, B, start)
    await ann.shapes(1)
    await expect.poll(() => ann.pixels(A)).not.toBe(blank)
    // At once after the pen: the palm.
    await ann.touchAt(start + 200, [[300, 500]], [[330, 520]], [[400, 560]])
    await ann.shapes(1)
    expect(await ann.pixels(A)).not.toBe(blank)
    await expect.poll(() => Date.now() - start).toBeGreaterThan(1000)
    await ann.touch([[300, 500]], [[330, 540]], [[360, 600]])
    await ann.shapes(1)
    await expect.poll(() => ann.pixels(A)).toBe(blank)
  })

  test('pressure is kept', async ({ board, join }) => {
    const [ann, bob] = [await join(board.links.edit, tablet), await join(board.links.edit)]
    const cdp = await ann.page.context().newCDPSession(ann.page)
    await ann.choose('pen')
    await stroke(cdp, A, B, Date.now(), [0.1, 0.5, 1])
    await ann.saved()
    await bob.shapes(1)
    await converge(ann, bob)
  })
})

test.describe('with fingers', () => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }

  test('two tap to undo, three to redo', async ({ board, join }) => {
    const ann = await join(board.links.edit, phone)
    await ann.choose('pen')
    await ann.touch([[150, 300]], [[170, 320]], [[200, 360]], [[260, 400]])
    await ann.shapes(1)
    await ann.touch([[150, 300], [250, 300]])
    await ann.shapes(0)
    await ann.touch([[120, 300], [200, 300], [280, 300]])
    await ann.shapes(1)
  })
})

/** A stroke of a pen at a time in ms since 1970, in one go, with pressures on its way. */
async function stroke(cdp: CDPSession, from: Point, to: Point, start: number, pressures = [0.5, 0.5, 0.5]): Promise<void> {
  const pen = { pointerType: 'pen', button: 'left' } as const
  const at = (step: number) => {
    const share = step / pressures.length
    return { x: from[0] + (to[0] - from[0]) * share, y: from[1] + (to[1] - from[1]) * share, timestamp: (start + 10 * step) / 1000 }
  }
  const end = { ...at(pressures.length), timestamp: at(pressures.length + 1).timestamp }
  await Promise.all([
    cdp.send('Input.dispatchMouseEvent', { ...pen, type: 'mousePressed', ...at(0), force: pressures[0]!, clickCount: 1, buttons: 1 }),
    ...pressures.map((force, i) => cdp.send('Input.dispatchMouseEvent', { ...pen, type: 'mouseMoved', ...at(i + 1), force, buttons: 1 })),
    cdp.send('Input.dispatchMouseEvent', { ...pen, type: 'mouseReleased', ...end, clickCount: 1, buttons: 0 }),
  ])
}

/** What this browser keeps of boards, as text. */
function keptBoards(): Promise<string> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('easel-boards')
    opening.onupgradeneeded = () => opening.transaction!.abort() // the page has not made it yet
    opening.onerror = () => resolve('')
    opening.onsuccess = () => {
      const reading = opening.result.transaction('parts').objectStore('parts').getAll()
      reading.onsuccess = () => resolve(reading.result.join())
      opening.result.close()
    }
  })
}

test('the wheel zooms for those who want it so, and the menu says when the pen alone draws', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  const { page } = ann
  await page.mouse.move(640, 400)
  await page.mouse.wheel(0, -50)
  expect(await ann.zoom()).toBe(1)
  await page.getByTestId('menu').click()
  await page.getByTestId('switch-wheelZooms').click()
  await page.getByTestId('switch-pen').click()
  await expect(page.getByTestId('switch-pen')).toHaveAttribute('aria-checked', 'true')
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('switch-pen')).toHaveCount(0)
  await page.mouse.move(640, 400)
  await page.mouse.wheel(0, -50)
  await expect.poll(() => ann.zoom()).toBeGreaterThan(1)
})
