// The library of outlines: kinds of shapes that are files of data, drawn by mouse, finger and keys.

import axe from 'axe-core'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from '@playwright/test'

import { converge, type BoardPage } from './fixtures/board'
import { small } from './fixtures/reach'
import { eventually, shapesOf } from './fixtures/records'
import { expect, test } from './fixtures/test'

const KINDS = readdirSync(path.resolve(import.meta.dirname, '../../whiteboard/outlines'))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''))

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 1 }

const inGrid = (page: Page) => page.locator('.tool-grid button')

/** Takes the tool of an outline from the grid of the tool bar. */
async function choose({ page }: BoardPage, kind: string): Promise<void> {
  // The first click takes the outline that the button shows, if it shows one.
  await page.getByTestId('tool-outlines').click({ button: 'right' })
  await page.getByTestId(`tool-outline:${kind}`).click()
  await expect(inGrid(page)).toHaveCount(0)
}

test('each file of the library is a button in the grid and a line in the palette', async ({ board, join }) => {
  const { page } = await join(board.links.edit)
  await page.getByTestId('tool-outlines').click()
  await expect(inGrid(page)).toHaveCount(KINDS.length)
  for (const kind of KINDS) await expect(page.getByTestId(`tool-outline:${kind}`)).toHaveAccessibleName(/^\p{Lu}/u)
  await page.keyboard.press('Escape')
  await expect(inGrid(page)).toHaveCount(0)

  await page.keyboard.press('Control+k')
  await page.getByTestId('palette-input').fill('cylinder')
  await expect(page.locator('[role=option][aria-selected=true]')).toHaveText('Cylinder')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('tool-outlines')).toHaveAttribute('aria-pressed', 'true')
  await expect(page.getByTestId('tool-outlines')).toHaveAccessibleName('Cylinder')

  // This browser remembers it, and the next click takes it at once.
  await page.reload()
  await page.getByTestId('tool-outlines').click()
  await expect(page.getByTestId('tool-outlines')).toHaveAccessibleName('Cylinder')
  await expect(page.getByTestId('tool-outlines')).toHaveAttribute('aria-pressed', 'true')
  await expect(inGrid(page)).toHaveCount(0)
})

test('an outline is drawn by mouse, filled, labelled and mirrored, and others see it', async ({ server, board, join }) => {
  const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
  const empty = await bob.pixels([300, 320])
  await choose(ann, 'speech')
  await ann.drag([200, 200], [400, 330])
  await bob.shapes(1)
  await eventually(server, board, (shapes) => shapes.map(({ kind, size }) => ({ kind, size })), [{ kind: 'speech', size: [200, 130] }])

  await ann.page.getByTestId('fill-ffec99').click()
  await ann.canvas.press('Shift+h')
  await ann.page.mouse.dblclick(300, 250)
  await ann.page.keyboard.type('Hello')
  await ann.page.keyboard.press('Escape')
  await eventually(server, board, ([shape]) => shape && [shape['text'], shape['flip'], typeof shape['fill']], ['Hello', [-1, 1], 'string'])
  await converge(ann, bob)
  await expect.poll(() => bob.pixels([220, 220])).not.toBe(empty)

  await choose(ann, 'star')
  await ann.holding('Shift', () => ann.drag([500, 200], [600, 260]))
  await eventually(server, board, (shapes) => shapes.map(({ kind, size }) => [kind, size]), [['speech', [200, 130]], ['star', [100, 100]]])
  await ann.undo()
  await bob.shapes(1)
  await converge(ann, bob)
})

test('on a phone an outline is drawn by finger, from the button of the shapes and from the drawer', async ({ server, board, join }) => {
  const [ann, bob] = [await join(board.links.edit, PHONE), await join(board.links.edit)]
  const { page } = ann
  await page.getByTestId('tool-rect').tap()
  await page.getByTestId('tool-rect').tap()
  await expect(inGrid(page)).toHaveCount(5 + KINDS.length)
  expect(await small(page, '.flyout')).toEqual([])
  await page.getByTestId('tool-outline:cloud').tap()
  await ann.touch([[100, 300]], [[150, 350]], [[220, 380]])
  await bob.shapes(1)

  await page.getByTestId('tool-more').tap()
  await expect(page.locator('.more-outlines button')).toHaveCount(KINDS.length)
  expect(await small(page, '.more-list')).toEqual([])
  await page.getByTestId('tool-outline:wave').tap()
  await ann.touch([[100, 420]], [[150, 450]], [[220, 500]])
  await bob.shapes(2)
  await converge(ann, bob)
  expect((await shapesOf(server, board)).map(({ kind }) => kind)).toEqual(['cloud', 'wave'])
})

test('by keys alone an outline is chosen in the grid, placed as large as it is usual, and read', async ({ server, board, join }) => {
  const person = await join(board.links.edit)
  const { page } = person
  const name = (at: number) => inGrid(page).nth(at).getAttribute('aria-label')
  await page.getByTestId('tool-outlines').focus()
  await page.keyboard.press('ArrowDown')
  await expect(inGrid(page).first()).toBeFocused()
  await page.keyboard.press('ArrowUp')
  await expect(inGrid(page).first()).toBeFocused()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowDown')
  await expect(inGrid(page).nth(7)).toBeFocused()
  await page.keyboard.press('End')
  await expect(inGrid(page).last()).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('tool-outlines')).toBeFocused()

  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  const second = (await name(1))!
  await page.keyboard.press('Enter')
  await person.canvas.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('said')).toContainText(`${second} in the middle`)
  await page.keyboard.press('Enter')
  await person.shapes(1)
  await expect(page.locator('[role=option]:focus')).toHaveText(new RegExp(`^${second}`))
  await person.saved()
  const [shape] = await shapesOf(server, board)
  const file = JSON.parse(readFileSync(path.resolve(import.meta.dirname, `../../whiteboard/outlines/${shape!.kind}.json`), 'utf8')) as { size: number[] }
  expect(shape!['size']).toEqual(file.size)
})

test('a shape is changed to another, from the panel and from the menu, and back', async ({ server, board, join }) => {
  const person = await join(board.links.edit)
  const { page } = person
  const kinds = (want: string[]) => eventually(server, board, (shapes) => shapes.map(({ kind }) => kind), want)
  await person.draw('rect', [200, 200], [400, 330])
  await page.getByTestId('act-shape').click()
  await page.locator('.actions-foot').getByTestId('tool-outline:heart').click()
  await kinds(['heart'])

  await person.canvas.press('Shift+F10')
  await page.locator('[data-menu]', { hasText: 'Change to another shape' }).click()
  await page.locator('[data-command="shape-cloud"]').click()
  await kinds(['cloud'])
  for (const kind of ['heart', 'rect']) {
    await person.undo()
    await kinds([kind])
  }
})

test('an outline goes through an Excalidraw file', async ({ server, board, join }) => {
  const person = await join(board.links.edit)
  const { page } = person
  await choose(person, 'star')
  await person.drag([200, 200], [360, 360])
  await person.saved()
  await page.getByTestId('menu').click()
  await page.getByTestId('menu-export').click()
  await page.getByTestId('export-excalidraw').check()
  await page.getByTestId('export-what').selectOption('board')
  const download = page.waitForEvent('download')
  await page.getByTestId('export-download').click()
  const file = readFileSync(await (await download).path(), 'utf8')
  expect(JSON.parse(file)).toMatchObject({ elements: [{ type: 'line' }] })

  const other = await server.createBoard()
  const bob = await join(other.links.edit)
  await bob.page.evaluate((text) => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File([text], 'star.excalidraw'))
    for (const type of ['dragenter', 'dragover', 'drop']) {
      document.querySelector('[data-board]')!.dispatchEvent(new DragEvent(type, { dataTransfer, clientX: 400, clientY: 300, bubbles: true, cancelable: true }))
    }
  }, file)
  await bob.shapes(1)
  await eventually(server, other, (shapes) => shapes.map(({ kind, size }) => [kind, size]), [['star', [160, 160]]])
})

test('nothing in the grid keeps people out, in Arabic it reads from the right', async ({ board, join }) => {
  const { page } = await join(board.links.edit, { locale: 'ar' })
  await page.getByTestId('tool-outlines').press('ArrowDown')
  await expect(page.getByTestId('tool-outline:star')).toHaveAccessibleName('نجمة')
  await page.keyboard.press('ArrowLeft')
  await expect(inGrid(page).nth(1)).toBeFocused()
  const [first, second] = [await inGrid(page).first().boundingBox(), await inGrid(page).nth(1).boundingBox()]
  expect(second!.x).toBeLessThan(first!.x)

  await page.evaluate(axe.source)
  const violations = await page.evaluate(async () => {
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})))
    const { run } = (window as unknown as { axe: typeof axe }).axe
    return (await run(document.querySelector('.tool-bar')!)).violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)}`)
  })
  expect(violations).toEqual([])
})
