import type { CDPSession } from '@playwright/test'
import type { BoardPage, Point, Tool } from './fixtures/board'
import { converge } from './fixtures/board'
import type { BoardInfo } from './fixtures/server'
import { expect, test } from './fixtures/test'

interface Props {
  readonly [prop: string]: unknown
  readonly at: [number, number]
  readonly size: [number, number]
}

const A: Point = [400, 300]
const B: Point = [600, 400]
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

/** What the server has of the board's shapes, bottom first. */
async function stored(person: BoardPage, board: BoardInfo): Promise<Props[]> {
  await person.saved()
  const { origin, hash } = new URL(board.links.edit)
  const response = await fetch(`${origin}/diagram?board=${board.id}`, { headers: { authorization: `Bearer ${hash.slice(1)}` } })
  const { records } = (await response.json()) as { records: { id: string; p: Props }[] }
  const shapes = records.filter(({ p }) => typeof p['kind'] === 'string' && p['kind'] !== 'layer' && p['deleted'] !== true)
  return shapes.map(({ id, p }): Props => ({ ...p, id })).sort((a, b) => (String(a['z']) < String(b['z']) ? -1 : 1))
}

/** The only shape there is. */
async function only(person: BoardPage, board: BoardInfo): Promise<Props> {
  const [shape, ...rest] = await stored(person, board)
  expect(rest).toEqual([])
  return shape!
}

/** A rectangle from A to B that is selected, at 100 %. */
async function selectedRect(person: BoardPage): Promise<void> {
  await person.draw('rect', A, B)
  await person.shapes(1)
  await person.choose('select')
  await person.page.mouse.click(A[0] + 30, A[1])
}

test.describe('with the mouse', () => {
  const spanned: [Tool, string][] = [
    ['rect', 'rect'],
    ['diamond', 'diamond'],
    ['ellipse', 'ellipse'],
    ['polygon', 'polygon'],
    ['frame', 'frame'],
    ['note', 'note'],
    ['line', 'line'],
    ['arrow', 'arrow'],
  ]
  for (const [tool, kind] of spanned) {
    test(`${tool} spans a shape`, async ({ board, join }) => {
      const ann = await join(board.links.edit)
      await ann.draw(tool, A, B)
      expect(await only(ann, board)).toMatchObject({ kind, size: [200, 100] })
    })
  }

  test('circle has equal sides; Shift makes others so', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await ann.draw('circle', A, B)
    await ann.holding('Shift', () => ann.draw('rect', [700, 300], [800, 340]))
    expect((await stored(ann, board)).map(({ size }) => size)).toEqual([[200, 200], [100, 100]])
  })

  test('pen and highlighter leave ink', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await ann.draw('pen', A, B)
    await ann.draw('highlighter', [700, 300], [800, 340])
    const [pen, marker] = await stored(ann, board)
    expect(pen!['kind']).toBe('draw')
    expect(marker).toMatchObject({ kind: 'draw', brush: 'highlighter' })
  })

  test('a stroke held at its end becomes the shape it looks like; undo gives the ink back', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await ann.choose('pen')
    const circle = Array.from({ length: 49 }, (_, i): Point => [500 + 90 * Math.cos(i / 7.6), 350 + 88 * Math.sin(i / 7.6)])
    await ann.press(...circle)
    await expect.poll(async () => (await stored(ann, board)).map((one) => one['kind'])).toEqual(['ellipse'])
    await ann.release()
    const { size } = await only(ann, board)
    expect(Math.abs(size[0] - 178)).toBeLessThan(8)
    await ann.undo()
    expect((await only(ann, board))['kind']).toBe('draw')
  })

  test('line goes through several clicks until Enter; Escape gives it up', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await ann.choose('line')
    for (const [x, y] of [A, [500, 250], B] as Point[]) await ann.page.mouse.click(x, y)
    await ann.page.keyboard.press('Enter')
    expect(await only(ann, board)).toMatchObject({ kind: 'line', size: [200, 100], bends: [[100, -50]] })
    await ann.choose('line')
    for (const [x, y] of [[700, 300], [800, 300]] as Point[]) await ann.page.mouse.click(x, y)
    await ann.page.keyboard.press('Escape')
    await ann.shapes(1)
  })

  test('text is written where one clicks', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await ann.choose('text')
    await ann.page.mouse.click(...A)
    await expect(ann.page.getByTestId('text-editor')).toBeFocused()
    await ann.page.keyboard.type('Hello there')
    await ann.page.keyboard.press('Escape')
    expect(await only(ann, board)).toMatchObject({ kind: 'text', text: 'Hello there' })
  })

  test('note is put around a click and written on', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await ann.choose('note')
    await ann.page.mouse.click(...A)
    await expect(ann.page.getByTestId('text-editor')).toBeFocused()
    await ann.page.keyboard.type('Milk')
    await ann.page.keyboard.press('Escape')
    expect(await only(ann, board)).toMatchObject({ kind: 'note', text: 'Milk', size: [200, 200] })
  })

  test('frame takes in what is inside, and takes it along', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await ann.draw('rect', A, B)
    await ann.draw('frame', [350, 250], [700, 500])
    const [before] = await stored(ann, board)
    expect(before!['frame']).toBeTruthy()
    await ann.page.keyboard.press('Escape')
    await ann.choose('select')
    await ann.drag([350, 450], [390, 470])
    const after = (await stored(ann, board)).find((one) => one['kind'] === 'rect')!
    expect(after.at).toEqual([before!.at[0] + 40, before!.at[1] + 20])
    // What is drawn in it is in it.
    const beyond: Point = [800, 300]
    const blank = await ann.pixels(beyond)
    await ann.draw('pen', [600, 300], [700, 310], beyond, [820, 300])
    const ink = (await stored(ann, board)).find((one) => one['kind'] === 'draw')!
    expect(ink['frame']).toBe(before!['frame'])
    expect(await ann.pixels(beyond)).toBe(blank)
  })

  test('eraser removes, laser leaves nothing', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await ann.draw('line', A, B)
    await ann.choose('laser')
    await ann.drag(A, B)
    await ann.shapes(1)
    await ann.choose('eraser')
    await ann.drag([500, 250], [500, 450])
    await ann.shapes(0)
  })
})

test.describe('a selection', () => {
  test('is moved by dragging; undo puts it back', async ({ board, join }) => {
    const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
    await selectedRect(ann)
    const { at } = await only(ann, board)
    await ann.drag([430, 300], [480, 340])
    expect((await only(ann, board)).at).toEqual([at[0] + 50, at[1] + 40])
    await converge(ann, bob)
    await ann.undo()
    expect((await only(ann, board)).at).toEqual(at)
    await converge(ann, bob)
  })

  test('shows on the other page while it is still being moved', async ({ board, join }) => {
    const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
    await selectedRect(ann)
    await bob.shapes(1)
    const goal: Point = [650, 500]
    const blank = await bob.pixels(goal)
    await ann.press([430, 300], [680, 500])
    await expect.poll(() => bob.pixels(goal)).not.toBe(blank)
    await ann.release()
    await converge(ann, bob)
  })

  test('is resized by a corner, turned by the handle above', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await selectedRect(ann)
    await ann.drag(B, [B[0] + 60, B[1] + 40])
    expect((await only(ann, board)).size).toEqual([260, 140])
    await ann.drag([530, 276], [800, 370])
    const turned = await only(ann, board)
    expect(turned['rotation']).toBeCloseTo(Math.PI / 2, 1)
    expect(turned.size).toEqual([260, 140])
  })

  test('keeps its label its room when it is made smaller', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await selectedRect(ann)
    await ann.page.keyboard.press('Enter')
    await ann.page.getByTestId('text-editor').fill('words enough for more than one line')
    await ann.page.keyboard.press('Escape')
    await ann.drag(B, [B[0] - 100, B[1] - 98])
    const { size } = await only(ann, board)
    expect(size[0]).toBe(100)
    expect(size[1]).toBeGreaterThan(80)
    await ann.undo()
    expect((await only(ann, board)).size).toEqual([200, 100])
  })

  for (const words of ['هذه كلمات كثيرة لا يتسع لها سطر واحد ولا سطران في هذا المستطيل الصغير', 'מילים רבות שלא נכנסות בשורה אחת ולא בשתיים במלבן הקטן הזה']) {
    test(`is written in with as many lines as it will have: ${words.slice(0, 4)}`, async ({ board, join }) => {
      const ann = await join(board.links.edit)
      await selectedRect(ann)
      await ann.page.keyboard.press('Enter')
      const field = ann.page.getByTestId('text-editor')
      await field.fill(words)
      const high = await field.evaluate((el: HTMLElement) => {
        el.style.height = '0'
        return el.scrollHeight
      })
      await ann.page.keyboard.press('Escape')
      const { size } = await only(ann, board)
      // The room around a label, and the line's width.
      expect(Math.round((size[1] - 14) / 25)).toBe(Math.round(high / 25))
    })
  }

  test('is given back by Escape', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await selectedRect(ann)
    const before = await only(ann, board)
    await ann.press(B, [B[0] + 60, B[1] + 40])
    await ann.page.keyboard.press('Escape')
    await ann.release()
    expect(await only(ann, board)).toEqual(before)
  })

  test('is copied by dragging with Alt', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await selectedRect(ann)
    await ann.holding('Alt', () => ann.drag([430, 300], [480, 340]))
    const [one, copy] = await stored(ann, board)
    expect(copy!.at).toEqual([one!.at[0] + 50, one!.at[1] + 40])
  })

  test('is made by a band and by a lasso', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await ann.draw('rect', A, B)
    await ann.draw('ellipse', [700, 300], [800, 400])
    await ann.page.keyboard.press('Escape')
    await ann.choose('select')
    await ann.drag([350, 250], [850, 450])
    await ann.page.keyboard.press('Delete')
    await ann.shapes(0)
    await ann.undo()
    await ann.shapes(2)
    await ann.choose('lasso')
    await ann.drag([660, 250], [860, 260], [860, 450], [660, 450], [660, 260])
    await ann.page.keyboard.press('Delete')
    await ann.shapes(1)
    expect((await only(ann, board))['kind']).toBe('rect')
  })

  test('of a line is bent in its middle', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await ann.draw('line', [400, 300], [600, 300])
    await ann.choose('select')
    await ann.page.mouse.click(450, 300)
    await ann.drag([500, 300], [500, 380])
    expect(await only(ann, board)).toMatchObject({ bends: [[100, 80]], size: [200, 0] })
  })
})

test('an arrow that is bound follows when the other moves the shape', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  await ann.draw('rect', [300, 300], [400, 400])
  await ann.draw('rect', [700, 300], [800, 400])
  await ann.draw('arrow', [350, 350], [750, 350])
  const arrow = (await stored(ann, board)).find((one) => one['kind'] === 'arrow')!
  expect([arrow['startbind'], arrow['endbind']]).toEqual([expect.objectContaining({ inside: false }), expect.objectContaining({ inside: false })])
  await bob.shapes(3)
  const blank = await ann.pixels([550, 450])
  await bob.choose('select')
  await bob.drag([700, 320], [700, 520])
  await converge(ann, bob)
  // Halfway down the new way from one middle to the other.
  await expect.poll(() => ann.pixels([550, 450])).not.toBe(blank)
  await expect.poll(() => bob.pixels([550, 450])).not.toBe(blank)
  // At right angles, the piece in its middle can be moved.
  await ann.page.keyboard.press('Escape')
  await ann.choose('select')
  await ann.page.mouse.click(450, 400)
  await ann.page.getByTestId('route-elbow').click()
  await ann.drag([550, 450], [620, 470])
  const corners = (await stored(ann, board)).find((one) => one['kind'] === 'arrow')!
  expect(corners).toMatchObject({ bends: [[expect.closeTo(212, 0), 0], [expect.closeTo(212, 0), 200]] })
  await bob.page.keyboard.press('Escape')
  await bob.drag([700, 520], [700, 560])
  await converge(ann, bob)
  await expect.poll(() => ann.pixels([620, 580])).not.toBe(blank)
})

test.describe('on a phone', () => {
  test('a finger moves and resizes by large handles', async ({ board, join }) => {
    const ann = await join(board.links.edit, PHONE)
    await ann.choose('rect')
    await ann.touch([[100, 300]], [[160, 340]], [[260, 400]])
    await ann.shapes(1)
    await ann.choose('select')
    await ann.touch([[130, 300]])
    const before = await only(ann, board)
    await ann.touch([[150, 300]], [[160, 330]], [[170, 350]])
    const moved = await only(ann, board)
    expect(moved.at).toEqual([before.at[0] + 20, before.at[1] + 50])
    // 15 px beside the corner is near enough for a finger.
    await ann.touch([[291, 461]], [[300, 480]], [[321, 501]])
    expect((await only(ann, board)).size).toEqual([moved.size[0] + 30, moved.size[1] + 40])
  })

  test('a pen draws and selects', async ({ board, join }) => {
    const ann = await join(board.links.edit, PHONE)
    const cdp = await ann.page.context().newCDPSession(ann.page)
    await ann.choose('rect')
    await pen(cdp, [100, 300], [180, 360], [260, 400])
    await ann.shapes(1)
    await ann.choose('select')
    await pen(cdp, [130, 300])
    const before = await only(ann, board)
    await pen(cdp, [150, 300], [160, 330], [170, 350])
    expect((await only(ann, board)).at).toEqual([before.at[0] + 20, before.at[1] + 50])
    await cdp.detach()
  })
})

/** A pen that goes down at the first point, through the others, and up. */
async function pen(cdp: CDPSession, ...points: Point[]): Promise<void> {
  const send = (type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', [x, y]: Point) =>
    cdp.send('Input.dispatchMouseEvent', {
      ...{ type, x, y, button: 'left', buttons: type === 'mouseReleased' ? 0 : 1 },
      ...{ pointerType: 'pen', force: 0.5, clickCount: 1 },
    })
  await Promise.all([send('mousePressed', points[0]!), ...points.slice(1).map((point) => send('mouseMoved', point)), send('mouseReleased', points.at(-1)!)])
}
