import type { Page } from '@playwright/test'
import type { BoardPage, Point } from './fixtures/board'
import { converge } from './fixtures/board'
import { eventually, shapesOf, type Shape } from './fixtures/records'
import { expect, test } from './fixtures/test'

/** Draws rectangles of 80 × 60 by key and mouse, with the select tool in hand afterwards and nothing selected. */
async function rects(board: BoardPage, ...corners: Point[]): Promise<void> {
  for (const [x, y] of corners) {
    await board.page.keyboard.press('r')
    await board.drag([x, y], [x + 80, y + 60])
  }
  await board.page.keyboard.press('v')
  await board.page.keyboard.press('Escape')
  await board.shapes(corners.length)
  await board.saved()
}

const ROW: Point[] = [
  [300, 300],
  [420, 340],
  [700, 260],
]
const key = (page: Page, ...keys: string[]) => keys.reduce((before, one) => before.then(() => page.keyboard.press(one)), Promise.resolve())
const at = (shapes: Shape[]) => shapes.map((shape) => (shape['at'] as number[]).map(Math.round))
const size = (shapes: Shape[]) => shapes.length
/** How far apart left and upper edges are. */
const spread = (axis: 0 | 1) => (shapes: Shape[]) => {
  const edges = at(shapes).map((place) => place[axis]!)
  return Math.max(...edges) - Math.min(...edges)
}

test.describe('shortcuts', () => {
  test('select all, nudge, duplicate, delete, undo', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    await rects(ann, ...ROW)
    const before = at(await shapesOf(server, board))
    await key(ann.page, 'ControlOrMeta+a', 'ArrowRight', 'Shift+ArrowDown')
    await eventually(server, board, at, before.map(([x, y]) => [x! + 1, y! + 10]))
    await key(ann.page, 'ControlOrMeta+d')
    await eventually(server, board, size, 6)
    await key(ann.page, 'Delete')
    await eventually(server, board, size, 3)
    await key(ann.page, 'ControlOrMeta+z', 'ControlOrMeta+z', 'ControlOrMeta+z')
    await eventually(server, board, at, before.map(([x, y]) => [x! + 1, y!]))
  })

  test('align, centre, distribute, flip', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    await rects(ann, ...ROW)
    await key(ann.page, 'ControlOrMeta+a', 'Alt+Shift+h')
    const gaps = (shapes: Shape[]) => at(shapes).map(([x]) => x!).sort((a, b) => a - b).map((x, i, all) => (i === 0 ? 0 : x - all[i - 1]!)).slice(1)
    await eventually(server, board, gaps, [200, 200])
    await key(ann.page, 'Alt+w')
    await eventually(server, board, spread(1), 0)
    await key(ann.page, 'ControlOrMeta+Shift+ArrowLeft')
    await eventually(server, board, spread(0), 0)
    await key(ann.page, 'ControlOrMeta+z', 'Shift+h')
    const order = (shapes: Shape[]) => at(shapes).map(([x]) => x!)
    await eventually(server, board, (shapes) => order(shapes)[0]! > order(shapes)[1]! && order(shapes)[1]! > order(shapes)[2]!, true)
  })

  test('the order of shapes', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    await rects(ann, [300, 300], [340, 330], [380, 300])
    const [a, b, c] = (await shapesOf(server, board)).map(({ id }) => id)
    const ids = (shapes: Shape[]) => shapes.map(({ id }) => id)
    await ann.page.mouse.click(300, 330)
    await key(ann.page, ']')
    await eventually(server, board, ids, [b, c, a])
    await key(ann.page, '[')
    await eventually(server, board, ids, [a, b, c])
    await key(ann.page, 'ControlOrMeta+]')
    await eventually(server, board, ids, [b, a, c])
    await key(ann.page, 'ControlOrMeta+[')
    await eventually(server, board, ids, [a, b, c])
  })

  test('group, ungroup, lock: what is locked stays, and the page says so', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    await rects(ann, ...ROW)
    await key(ann.page, 'ControlOrMeta+a', 'ControlOrMeta+g')
    const groups = (shapes: Shape[]) => new Set(shapes.map((shape) => JSON.stringify(shape['groups'] ?? []))).size
    const grouped = (shapes: Shape[]) => shapes.map((shape) => ((shape['groups'] as string[] | undefined) ?? []).length)
    await eventually(server, board, grouped, [1, 1, 1])
    await eventually(server, board, groups, 1)
    await key(ann.page, 'ControlOrMeta+Shift+g')
    await eventually(server, board, grouped, [0, 0, 0])
    await key(ann.page, 'ControlOrMeta+a', 'ControlOrMeta+Shift+l')
    await eventually(server, board, (shapes) => shapes.map((shape) => shape['locked']), [true, true, true])
    await key(ann.page, 'ControlOrMeta+a', 'Delete')
    await eventually(server, board, size, 3)
  })

  test('a style is copied and pasted; Tab converts; a linked node is added', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    await rects(ann, ROW[0]!, ROW[2]!)
    await ann.page.mouse.click(300, 330)
    await key(ann.page, 'Tab')
    await eventually(server, board, (shapes) => shapes.map(({ kind }) => kind).sort(), ['ellipse', 'rect'])
    await key(ann.page, 'ControlOrMeta+Alt+c', 'ControlOrMeta+a', 'ControlOrMeta+Alt+v')
    await eventually(server, board, (shapes) => shapes.map(({ corners }) => corners), ['sharp', 'sharp'])
    await ann.page.mouse.click(700, 290)
    await key(ann.page, 'ControlOrMeta+ArrowDown')
    await eventually(server, board, (shapes) => shapes.map(({ kind }) => kind).sort(), ['arrow', 'ellipse', 'rect', 'rect'])
    const arrow = (await shapesOf(server, board)).find(({ kind }) => kind === 'arrow')!
    expect([arrow['startbind'], arrow['endbind']].every((bind) => bind !== null)).toBe(true)
  })

  test('zoom: to the selection, and to an area', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await rects(ann, ...ROW)
    await key(ann.page, 'Shift+1', 'ControlOrMeta+=')
    await expect.poll(() => ann.zoom()).toBeGreaterThan(1)
    await key(ann.page, 'Shift+0')
    await expect.poll(() => ann.zoom()).toBe(1)
    await key(ann.page, 'z')
    await expect(ann.page.getByTestId('pick-zoom')).toBeVisible()
    await ann.drag([300, 300], [460, 400])
    await expect(ann.page.getByTestId('pick-zoom')).toBeHidden()
    await expect.poll(() => ann.zoom()).toBeGreaterThan(4)
    await key(ann.page, 'ControlOrMeta+a', 'Shift+2')
    await expect.poll(() => ann.zoom()).toBe(1)
  })

  test('the colours are a key away', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    await rects(ann, ROW[0]!)
    await key(ann.page, 'ControlOrMeta+a', 'Shift+s')
    await expect(ann.page.locator('[data-more=color]')).toHaveAttribute('aria-expanded', 'true')
    await ann.page.getByTestId('color-red').first().click()
    await eventually(server, board, (shapes) => shapes.map(({ color }) => color), ['red'])
    await key(ann.page, 'g')
    await eventually(server, board, (shapes) => shapes.map(({ fill }) => fill), ['red'])
  })

  test('single keys can be switched off, and stay so', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await key(ann.page, 'r')
    await expect(ann.canvas).toHaveAttribute('data-pointer', 'rect')
    await key(ann.page, '?')
    await ann.page.getByTestId('single-keys').uncheck()
    await key(ann.page, 'Escape', 'p')
    await expect(ann.canvas).toHaveAttribute('data-pointer', 'rect')
    await ann.page.reload()
    await ann.saved()
    const tool = await ann.canvas.getAttribute('data-pointer')
    await key(ann.page, 'o', 'ControlOrMeta+k')
    await expect(ann.page.getByTestId('palette')).toBeVisible()
    await expect(ann.canvas).toHaveAttribute('data-pointer', tool!)
  })
})

test.describe('the palette', () => {
  test('finds commands, shows their keys, runs them, remembers them', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    await rects(ann, ...ROW)
    await key(ann.page, 'ControlOrMeta+k')
    await ann.page.getByTestId('palette-input').fill('sel all')
    const first = ann.page.getByTestId('palette').getByRole('option').first()
    await expect(first).toHaveAttribute('data-command', 'select-all')
    await expect(first.locator('kbd').last()).toHaveText('A')
    await key(ann.page, 'Enter')
    await expect(ann.page.getByTestId('palette')).toBeHidden()
    await key(ann.page, 'Delete')
    await eventually(server, board, size, 0)
    await key(ann.page, 'ControlOrMeta+/')
    await expect(ann.page.getByTestId('palette').getByRole('option').first()).toHaveAttribute('data-command', 'select-all')
  })

  test('greys what can’t be done, with the reason', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await key(ann.page, 'ControlOrMeta+Shift+p')
    await ann.page.getByTestId('palette-input').fill('flip hor')
    const line = ann.page.getByTestId('palette').getByRole('option').first()
    await expect(line).toHaveAttribute('aria-disabled', 'true')
    await expect(line).toContainText('Select something first')
    await key(ann.page, 'Enter')
    await expect(ann.page.getByTestId('palette')).toBeVisible()
    await key(ann.page, 'Escape')
    await expect(ann.page.getByTestId('palette')).toBeHidden()
  })

  test('a viewer is offered what viewers can do', async ({ board, join }) => {
    const vic = await join(board.links.view)
    await key(vic.page, 'ControlOrMeta+k')
    await vic.page.getByTestId('palette-input').fill('select all')
    await expect(vic.page.getByTestId('palette').getByRole('option').first()).toContainText('viewing only')
    await vic.page.getByTestId('palette-input').fill('zoom in')
    await key(vic.page, 'Enter')
    await expect.poll(() => vic.zoom()).toBeGreaterThan(1)
  })
})

test('what is switched by a key says whether it is on', async ({ board, join }) => {
  const { page } = await join(board.links.edit, { locale: 'de-DE' })
  const notices = page.getByTestId('notice')
  for (const [keys, on, off] of [
    ['Alt+s', 'Einrasten an Formen ist an', 'Einrasten an Formen ist aus'],
    ['q', 'Das Werkzeug bleibt gewählt', 'Nach jeder Form folgt das Auswahlwerkzeug'],
    ['Alt+z', 'Der Zen-Modus ist an', 'Der Zen-Modus ist aus'],
    ["Control+'", 'Das Raster ist ausgeblendet', 'Das Raster wird gezeigt'],
    ['Shift+c', 'Kommentare sind ausgeblendet', 'Kommentare werden gezeigt'],
  ] as const) {
    await page.keyboard.press(keys)
    await expect(page.getByRole('status').filter({ hasText: on })).toBeVisible()
    await page.keyboard.press(keys)
    await expect(notices.filter({ hasText: off })).toBeVisible()
    await expect(notices.filter({ hasText: on }), 'only the last is shown').toHaveCount(0)
  }
})

test('help is searched by name and by key', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  await key(ann.page, '?')
  const help = ann.page.getByTestId('help-dialog')
  await expect(help.locator('[data-command="tool-rect"]')).toBeVisible()
  await ann.page.getByTestId('help-search').fill('ungr')
  await expect(help.locator('[data-command]')).toHaveCount(1)
  await expect(help.locator('[data-command="ungroup"] kbd').last()).toHaveText('G')
  await ann.page.getByTestId('help-search').fill('pinch')
  await expect(help.locator('[data-command]')).toHaveCount(0)
  await expect(help).toContainText('Zoom')
})

test.describe('menus', () => {
  test('a right click on a shape opens its menu; a submenu aligns', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    await rects(ann, ...ROW)
    await key(ann.page, 'ControlOrMeta+a')
    await ann.page.mouse.click(300, 330, { button: 'right' })
    const menu = ann.page.getByTestId('context-menu')
    await expect(menu.getByRole('menu').first()).toBeVisible()
    await menu.locator('[data-menu="Align"]').hover()
    await menu.locator('[data-command="align-top"]').click()
    await expect(menu).toBeHidden()
    await eventually(server, board, spread(1), 0)
  })

  test('on the empty board there is the board’s menu, within the window', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await rects(ann, ROW[0]!)
    await ann.page.mouse.click(1240, 700, { button: 'right' })
    const menu = ann.page.getByTestId('context-menu').getByRole('menu').first()
    await expect(menu.locator('[data-command="select-all"]')).toBeVisible()
    const box = (await menu.boundingBox())!
    const window = ann.page.viewportSize()!
    expect(box.x + box.width).toBeLessThanOrEqual(window.width)
    expect(box.y + box.height).toBeLessThanOrEqual(window.height)
    await ann.page.mouse.click(200, 200)
    await expect(menu).toBeHidden()
  })

  test('the keyboard opens the menu, walks it and chooses', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    await rects(ann, ROW[0]!)
    await key(ann.page, 'ControlOrMeta+a', 'Shift+F10')
    const menu = ann.page.getByTestId('context-menu')
    await expect(menu.getByRole('menu').first()).toBeVisible()
    await key(ann.page, 'End')
    await expect(menu.locator('[data-command="delete"]')).toBeFocused()
    await key(ann.page, 'f', 'ArrowRight')
    await expect(menu.getByRole('menu')).toHaveCount(2)
    await key(ann.page, 'Escape')
    await expect(menu.getByRole('menu')).toHaveCount(1)
    await key(ann.page, 'End', 'Enter')
    await eventually(server, board, size, 0)
  })
})

test('the menu puts shapes on a layer', async ({ server, board, join }) => {
  const ann = await join(board.links.edit)
  await ann.page.getByTestId('layers-toggle').click()
  await ann.page.getByTestId('layer-add').click()
  await ann.page.getByTestId('layer-name').fill('Ideas')
  await ann.page.getByTestId('layer-name').press('Enter')
  await ann.page.getByTestId('layer-choose').last().click()
  await rects(ann, ROW[0]!)
  const layer = (shapes: Shape[]) => shapes.filter(({ kind }) => kind === 'rect').map((shape) => typeof shape['layer'])
  await ann.page.mouse.click(300, 330, { button: 'right' })
  const menu = ann.page.getByTestId('context-menu')
  await menu.locator('[data-menu="Move to layer"]').hover()
  await menu.getByRole('menuitem', { name: 'Ideas' }).click()
  await eventually(server, board, layer, ['string'])
  await expect(ann.page.getByTestId('layer').filter({ hasText: 'Ideas' })).toContainText('1')
})

test('the dropper takes a shape’s colours for the next one', async ({ server, board, join }) => {
  const ann = await join(board.links.edit)
  await ann.choose('rect')
  await ann.page.getByTestId('color-red').click()
  await ann.page.getByTestId('width-8').click()
  await ann.drag([300, 300], [380, 360])
  await ann.choose('ellipse')
  await ann.page.getByTestId('color-green').click()
  await key(ann.page, 'Escape', 'i')
  await expect(ann.page.getByTestId('pick-dropper')).toBeVisible()
  await ann.page.mouse.click(300, 330)
  await expect(ann.page.getByTestId('pick-dropper')).toBeHidden()
  await ann.draw('diamond', [500, 300], [600, 400])
  await eventually(server, board, (shapes) => shapes.map(({ color, width }) => [color, width]), [['red', 8], ['red', 8]])
})

test('a link is given in its dialog, checked, and taken away', async ({ server, board, join }) => {
  const ann = await join(board.links.edit)
  await rects(ann, ROW[0]!)
  await key(ann.page, 'ControlOrMeta+a')
  const open = async () => {
    await ann.page.mouse.click(300, 330, { button: 'right' })
    await ann.page.getByTestId('context-menu').locator('[data-command="link"]').click()
  }
  const link = (shapes: Shape[]) => shapes.map((shape) => shape['link'] ?? null)
  await open()
  const field = ann.page.getByTestId('link-dialog-input')
  await expect(field).toBeFocused()
  await field.fill('javascript:alert(1)')
  await field.press('Enter')
  await expect(ann.page.getByRole('alert')).toBeVisible()
  await field.fill('example.org/plan')
  await field.press('Enter')
  await eventually(server, board, link, ['https://example.org/plan'])
  await open()
  await expect(field).toHaveValue('https://example.org/plan')
  await ann.page.getByRole('button', { name: 'Remove' }).click()
  await eventually(server, board, link, [null])
})

test('a long press opens the menu', async ({ board, join }) => {
  const ann = await join(board.links.edit, { hasTouch: true })
  await rects(ann, ROW[0]!)
  const cdp = await ann.page.context().newCDPSession(ann.page)
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: 300, y: 330, id: 0 }] })
  await expect(ann.page.getByTestId('context-menu').getByRole('menu').first()).toBeVisible()
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  await ann.page.getByTestId('context-menu').locator('[data-command="delete"]').tap()
  await ann.shapes(0)
})

test('find goes from one text to the next', async ({ board, join }) => {
  const ann = await join(board.links.edit)
  for (const [text, x] of [
    ['apples', 300],
    ['pears', 500],
    ['more apples', 700],
  ] as const) {
    await key(ann.page, 't')
    await ann.page.mouse.click(x, 300)
    await expect(ann.page.getByTestId('text-editor')).toBeFocused()
    await ann.page.keyboard.type(text)
    await key(ann.page, 'Escape')
  }
  await ann.shapes(3)
  await key(ann.page, 'Escape', 'ControlOrMeta+f')
  await ann.page.getByTestId('find-input').fill('APPLES')
  await expect(ann.page.getByTestId('find-count')).toHaveText('1 of 2')
  await key(ann.page, 'Enter')
  await expect(ann.page.getByTestId('find-count')).toHaveText('2 of 2')
  await key(ann.page, 'Escape', 'Delete')
  await ann.shapes(2)
})

test('others see order, groups and locks', async ({ server, board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  await rects(ann, ...ROW)
  await bob.shapes(3)
  await key(ann.page, 'ControlOrMeta+a', 'ControlOrMeta+g', 'ControlOrMeta+Shift+l')
  await eventually(server, board, (shapes) => shapes.every((shape) => shape['locked'] === true), true)
  await converge(ann, bob)
  await key(bob.page, 'ControlOrMeta+a', 'Delete')
  await bob.shapes(3)
  await bob.page.keyboard.press('ControlOrMeta+k')
  await bob.page.getByTestId('palette-input').fill('unlock')
  await key(bob.page, 'Enter', 'Delete')
  await ann.shapes(0)
  await key(bob.page, 'ControlOrMeta+z')
  await ann.shapes(3)
  await converge(ann, bob)
})
