// The panels: each property, seen by a second page; layers; the map; zen mode; the sheet of a phone.

import type { Locator } from '@playwright/test'

import { converge, type BoardPage, type Point, type Tool } from './fixtures/board'
import type { BoardInfo, Server } from './fixtures/server'
import { expect, test } from './fixtures/test'

const A: Point = [420, 300]
const B: Point = [620, 440]
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }

type Props = Readonly<Record<string, unknown>>

/** The board's shapes as the server has them. */
async function shapesOf(server: Server, board: BoardInfo): Promise<Props[]> {
  const response = await fetch(`${server.url}/diagram?board=${board.id}`, {
    headers: { authorization: `Bearer ${new URL(board.links.edit).hash.slice(1)}` },
  })
  const { records } = (await response.json()) as { records: { id: string; p: Props }[] }
  return records.filter(({ p }) => 'at' in p && p['deleted'] !== true).map(({ id, p }) => ({ ...p, id }))
}

/** Waits until the only shape on the server has these properties. */
async function stored(server: Server, board: BoardInfo, want: Props): Promise<void> {
  await expect.poll(async () => (await shapesOf(server, board))[0]).toMatchObject(want)
}

/** Draws a shape and leaves it selected. */
async function drawn(person: BoardPage, tool: Tool, from = A, to = B): Promise<void> {
  await person.draw(tool, from, to)
  await person.page.keyboard.press('v')
  await person.page.keyboard.press('Control+a')
}

/** Drags a slider's thumb to a share of its track, in several steps. */
async function slide(person: BoardPage, slider: Locator, share: number): Promise<void> {
  const box = (await slider.boundingBox())!
  const y = box.y + box.height / 2
  await person.page.mouse.move(box.x + box.width * 0.5, y)
  await person.page.mouse.down()
  await person.page.mouse.move(box.x - 8 + (box.width + 16) * share, y, { steps: 8 })
  await person.page.mouse.up()
}

test.describe('the style panel', () => {
  test('gives the next shape its style', async ({ server, board, join }) => {
    const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
    await ann.choose('pen')
    await ann.page.getByTestId('color-red').click()
    await ann.page.getByTestId('width-8').click()
    await slide(ann, ann.page.getByTestId('smoothing'), 1)
    await slide(ann, ann.page.getByTestId('thinning'), 0)
    await ann.drag(A, B)
    await bob.shapes(1)
    await converge(ann, bob)
    await stored(server, board, { kind: 'draw', color: 'red', width: 8, smoothing: 1, thinning: 0 })
  })

  const choices: readonly (readonly [tool: Tool, testid: string, want: Props])[] = [
    ['rect', 'color-orange', { color: 'orange' }],
    ['rect', 'fill-ffc9c9', { fill: '#ffc9c9' }],
    ['rect', 'width-8', { width: 8 }],
    ['rect', 'dash-dashed', { dash: 'dashed' }],
    ['ellipse', 'dash-dotted', { dash: 'dotted' }],
    ['rect', 'corners-round', { corners: 'round' }],
    ['arrow', 'route-elbow', { route: 'elbow' }],
    ['arrow', 'starthead-dot', { starthead: 'dot' }],
    ['arrow', 'endhead-triangle', { endhead: 'triangle' }],
    ['line', 'route-curved', { route: 'curved' }],
    ['note', 'color-red', { color: 'red' }],
    ['note', 'font-serif', { font: 'serif' }],
    ['note', 'fontsize-XL', { fontsize: 36 }],
    ['note', 'align-right', { align: 'right' }],
    ['note', 'valign-bottom', { valign: 'bottom' }],
  ]
  test('changes what is selected, for everyone, and undo takes it back', async ({ server, board, join }) => {
    const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
    for (const tool of new Set(choices.map(([tool]) => tool))) {
      await drawn(ann, tool)
      await bob.shapes(1)
      for (const [, testid, want] of choices.filter(([of]) => of === tool)) {
        await test.step(`${testid} of ${tool}`, async () => {
          await ann.page.getByTestId(testid).click()
          await stored(server, board, want)
          await converge(ann, bob)
          await ann.undo()
          await expect.poll(async () => (await shapesOf(server, board))[0]).not.toMatchObject(want)
        })
      }
      await ann.clear()
      await bob.shapes(0)
    }
  })

  test('a pattern shows where there is a fill', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    await drawn(ann, 'diamond')
    await expect(ann.page.getByTestId('fillstyle-hachure')).toHaveCount(0)
    await ann.page.getByTestId('fill-a5d8ff').click()
    await ann.page.getByTestId('fillstyle-hachure').click()
    await stored(server, board, { fill: '#a5d8ff', fillstyle: 'hachure' })
  })

  test('a slider drag is one step of undo', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    await drawn(ann, 'rect')
    await slide(ann, ann.page.getByTestId('opacity'), 0)
    await stored(server, board, { opacity: 0.05 })
    await slide(ann, ann.page.getByTestId('width'), 1)
    await stored(server, board, { width: 64 })
    await ann.undo()
    await stored(server, board, { opacity: 0.05, width: 4 })
    await ann.undo()
    await stored(server, board, { opacity: 1, width: 4 })
  })

  test('the words of a shape have a colour and any size', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    const { page } = ann
    await drawn(ann, 'rect')
    await expect(page.getByTestId('textcolor-more')).toHaveCount(0)
    await page.keyboard.press('Enter')
    await expect(page.getByTestId('text-editor')).toBeFocused()
    await page.keyboard.type('Plan')
    await page.keyboard.press('Escape')
    await page.getByTestId('textcolor-red').click()
    await slide(ann, page.getByTestId('fontsize'), 1)
    await stored(server, board, { text: 'Plan', textcolor: 'red', fontsize: 120 })
  })

  test('the eyedropper takes a colour from the screen', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    await ann.page.addInitScript(() => {
      class Fake {
        open = async () => ({ sRGBHex: '#12ab34' })
      }
      Object.assign(window, { EyeDropper: Fake })
    })
    await ann.page.reload()
    await ann.saved()
    await drawn(ann, 'rect')
    await ann.page.getByTestId('color-more').click()
    await ann.page.getByTestId('eyedropper').click()
    await stored(server, board, { color: '#12ab34' })
  })

  test('a polygon has sides', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    await drawn(ann, 'polygon')
    await slide(ann, ann.page.getByTestId('sides'), 0)
    await stored(server, board, { sides: 3 })
  })

  test('colours come from the grid and by their digits, which are checked', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    await drawn(ann, 'rect')
    await ann.page.getByTestId('color-more').click()
    await ann.page.getByTestId('color-1971c2').click()
    await stored(server, board, { color: '#1971c2' })
    await ann.page.getByTestId('hex').fill('12345')
    await ann.page.getByTestId('hex').press('Enter')
    await expect(ann.page.getByRole('alert')).toBeVisible()
    await stored(server, board, { color: '#1971c2' })
    await ann.page.getByTestId('hex').fill('#f0A')
    await ann.page.getByTestId('hex').press('Enter')
    await stored(server, board, { color: '#ff00aa' })
    await expect(ann.page.getByRole('alert')).toHaveCount(0)
  })

  test('what differs is mixed, and becomes one by a choice', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    await ann.choose('rect')
    await ann.page.getByTestId('color-red').click()
    await ann.drag(A, B)
    await ann.choose('ellipse')
    await ann.page.getByTestId('color-green').click()
    await ann.drag([420, 500], [620, 640])
    await ann.shapes(2)
    await ann.page.keyboard.press('v')
    await ann.page.keyboard.press('Control+a')
    const panel = ann.page.getByTestId('style-panel')
    await expect(panel).toContainText('Mixed')
    await ann.page.getByTestId('color-purple').click()
    await expect(panel).not.toContainText('Mixed')
    await expect.poll(async () => (await shapesOf(server, board)).map(({ color }) => color)).toEqual(['purple', 'purple'])
  })

  test('shows only what applies, and goes when nothing does', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    const { page } = ann
    await ann.choose('pen')
    await expect(page.getByTestId('thinning')).toBeVisible()
    await expect(page.getByTestId('fill-none')).toHaveCount(0)
    await ann.choose('highlighter')
    await expect(page.getByTestId('thinning')).toHaveCount(0)
    await ann.choose('text')
    await expect(page.getByTestId('font-serif')).toBeVisible()
    await expect(page.getByTestId('width-4')).toHaveCount(0)
    await ann.choose('hand')
    await expect(page.getByTestId('style-panel')).toHaveCount(0)
  })

  test('has each few to choose from in one row, that begins at its edge', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    for (const tool of ['pen', 'rect', 'arrow', 'note', 'text'] as const) {
      await ann.choose(tool)
      const rows = ann.page.getByTestId('style-panel').locator('.choices')
      await expect(rows.first()).toBeVisible()
      const loose = await rows.evaluateAll((all) =>
        all.filter((row) => {
          const [edge, boxes] = [row.getBoundingClientRect(), [...row.children].map((child) => child.getBoundingClientRect())]
          return boxes.some(({ top }) => Math.abs(top - boxes[0]!.top) > 1) || Math.abs(boxes[0]!.left - edge.left) > 1
        }).map((row) => row.getAttribute('aria-label')),
      )
      expect([tool, loose]).toEqual([tool, []])
    }
  })

  test('a highlighter and notes have colours of their own', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await ann.choose('highlighter')
    await expect(ann.page.getByTestId('style-panel')).toContainText(/yellow/i)
    await ann.choose('pen')
    await expect(ann.page.getByTestId('style-panel')).toContainText(/black/i)
  })

  test('can be closed, and stays closed', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    await ann.page.getByTestId('style-hide').click()
    await expect(ann.page.getByTestId('style-panel')).toHaveCount(0)
    await ann.page.reload()
    await ann.saved()
    await ann.page.getByTestId('style-show').click()
    await expect(ann.page.getByTestId('style-panel')).toBeVisible()
  })

  test('acts on the selection', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    await drawn(ann, 'rect')
    await ann.page.getByTestId('act-lock').click()
    await stored(server, board, { locked: true })
    await ann.undo()
    await drawn(ann, 'ellipse', [700, 300], [800, 380])
    await ann.page.getByTestId('act-group').click()
    await expect.poll(async () => (await shapesOf(server, board)).map(({ groups }) => ((groups ?? []) as string[]).length)).toEqual([1, 1])
    await ann.page.getByTestId('act-ungroup').click()
    await ann.page.getByTestId('act-link').click()
    await ann.page.getByTestId('link-input').fill('javascript:alert(1)')
    await ann.page.getByTestId('link-input').press('Enter')
    await expect(ann.page.getByRole('alert')).toBeVisible()
    await ann.page.getByTestId('link-input').fill('example.org/plan')
    await ann.page.getByTestId('link-input').press('Enter')
    await stored(server, board, { link: 'https://example.org/plan' })
    await ann.page.getByTestId('act-delete').click()
    await ann.shapes(0)
  })
})

test.describe('layers', () => {
  test('take new shapes, hide them, lock them, and leave them when they go', async ({ server, board, join }) => {
    const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
    const { page } = ann
    await page.getByTestId('layers-toggle').click()
    await page.getByTestId('layer-add').click()
    await page.getByTestId('layer-name').fill('Sketch')
    await page.getByTestId('layer-name').press('Enter')
    await ann.draw('rect', A, B)
    await expect.poll(async () => typeof (await shapesOf(server, board))[0]?.['layer']).toBe('string')
    const layer = page.getByTestId('layer').filter({ hasText: 'Sketch' })
    await expect(layer).toContainText('1')

    await bob.shapes(1)
    await layer.getByTestId('layer-hide').click()
    await bob.shapes(0)
    await layer.getByTestId('layer-hide').click()
    await bob.shapes(1)

    await layer.getByTestId('layer-lock').click()
    await ann.draw('eraser', [A[0] - 20, 350], [A[0] + 40, 350])
    await ann.shapes(1)
    await layer.getByTestId('layer-lock').click()

    await layer.hover()
    await layer.getByTestId('layer-remove').click()
    await expect(layer).toHaveCount(0)
    await ann.shapes(1)
    await page.getByTestId('notice').getByRole('button', { name: 'Undo' }).click()
    await expect(layer).toContainText('1')
    await converge(ann, bob)
  })

  test('are put in order by keys and by dragging', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    const { page } = ann
    await page.getByTestId('layers-toggle').click()
    for (const name of ['One', 'Two', 'Three']) {
      await page.getByTestId('layer-add').click()
      await page.getByTestId('layer-name').fill(name)
      await page.getByTestId('layer-name').press('Enter')
    }
    const names = () => page.getByTestId('layer-choose').locator('span:first-child').allTextContents()
    await expect.poll(names).toEqual(['Three', 'Two', 'One', 'Board'])
    await page.getByTestId('layer').filter({ hasText: 'One' }).getByTestId('layer-handle').press('ArrowUp')
    await expect.poll(names).toEqual(['Three', 'One', 'Two', 'Board'])
    await page.keyboard.press('ArrowUp')
    await expect.poll(names).toEqual(['One', 'Three', 'Two', 'Board'])
    await page.getByTestId('layer').filter({ hasText: 'One' }).getByTestId('layer-handle').hover() // once it rests
    const from = (await page.getByTestId('layer').filter({ hasText: 'One' }).getByTestId('layer-handle').boundingBox())!
    const to = (await page.getByTestId('layer').filter({ hasText: 'Two' }).boundingBox())!
    await page.mouse.move(from.x + 10, from.y + 10)
    await page.mouse.down()
    await page.mouse.move(from.x + 10, to.y + to.height / 2, { steps: 10 })
    await page.mouse.up()
    await expect.poll(names).toEqual(['Three', 'Two', 'One', 'Board'])
  })

  test('list their shapes, of which each can be hidden, locked and selected', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    const { page } = ann
    await ann.draw('rect', A, B)
    await ann.draw('ellipse', [700, 300], [800, 380])
    await page.getByTestId('layers-toggle').click()
    await page.getByTestId('layer-expand').last().click()
    await expect(page.getByTestId('layer-shape')).toHaveCount(2)
    await expect(page.getByTestId('layer-shape').first()).toContainText('Ellipse')
    const rect = page.getByTestId('layer-shape').filter({ hasText: 'Rectangle' })
    await rect.getByRole('button', { name: 'Rectangle', exact: true }).click()
    await expect(page.getByTestId('style-panel')).toContainText('1 shape')
    await rect.getByTestId('shape-lock').click()
    await rect.getByTestId('shape-hide').click()
    await ann.shapes(1)
    await expect.poll(async () => (await shapesOf(server, board)).find(({ kind }) => kind === 'rect')).toMatchObject({ hidden: true, locked: true })
    await rect.getByTestId('shape-hide').click()
    await ann.shapes(2)
  })
})

test.describe('the view', () => {
  test('positions snap to other shapes, or to the grid, for those who want it', async ({ server, board, join }) => {
    const ann = await join(board.links.edit)
    const { page } = ann
    const corner = async () => (await shapesOf(server, board)).find(({ kind }) => kind === 'rect')?.['at']
    const flip = async (name: string) => {
      await page.getByTestId('menu').click()
      await page.getByTestId(`switch-${name}`).click()
      await page.keyboard.press('Escape')
    }
    await ann.draw('ellipse', [700, 300], [800, 380])
    await ann.draw('rect', [423, 517], [503, 577])
    await page.keyboard.press('Escape')
    await ann.choose('select')
    await flip('snapObjects')
    // The upper edges are three pixels apart when it is let go.
    await ann.drag([440, 517], [440, 303])
    const top = Number(((await shapesOf(server, board)).find(({ kind }) => kind === 'ellipse')!['at'] as number[])[1])
    await expect.poll(async () => ((await corner()) as number[])[1]).toBe(top)
    await flip('snapObjects')
    await flip('snapGrid')
    await ann.drag([440, 300], [463, 491])
    await expect.poll(async () => ((await corner()) as number[]).map((value) => Math.abs(value % 20))).toEqual([0, 0])
    await expect.poll(async () => ((await corner()) as number[])[1]).not.toBe(top)
  })

  test('the map shows where others point', async ({ board, join }) => {
    const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
    await ann.page.getByTestId('map-toggle').click()
    const map = ann.page.getByTestId('minimap')
    /** Whether there is a dot of some colour at a share of the map: its lines are the accent's alone. */
    const dotted = async (x: number, y: number) =>
      map.evaluate(
        (canvas, [x, y]) => {
          const { width, height } = canvas as HTMLCanvasElement
          return (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(x * width, y * height, 1, 1).data[3]! > 200
        },
        [x, y] as const,
      )
    await bob.page.mouse.move(640, 400)
    await expect.poll(() => dotted(0.5, 0.5)).toBe(true)
    await bob.page.mouse.move(300, 200)
    await expect.poll(() => dotted(0.5, 0.5)).toBe(false)
  })

  test('the map moves the view', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    const { page } = ann
    await ann.draw('rect', A, B)
    const before = await ann.pixels(A)
    await page.getByTestId('map-toggle').click()
    const map = page.getByTestId('minimap')
    await expect(map).toHaveAttribute('data-inside', 'true')
    await map.hover() // once it rests
    const box = (await map.boundingBox())!
    await page.mouse.move(box.x + 100, box.y + 70)
    await page.mouse.down()
    await page.mouse.move(box.x + 4, box.y + 4, { steps: 5 })
    await page.mouse.up()
    await expect(map).toHaveAttribute('data-inside', 'false')
    await expect.poll(() => ann.pixels(A)).not.toBe(before)
    await page.getByTestId('map-toggle').click()
    await expect(map).toHaveCount(0)
  })

  test('focus mode hides everything but the way out', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    const { page } = ann
    for (const way of ['Alt+z', 'Control+.']) {
      await page.keyboard.press(way)
      for (const part of ['tool-pen', 'undo', 'style-panel', 'title', 'help']) await expect(page.getByTestId(part)).toBeHidden()
      await page.getByTestId('zen-exit').click()
      await expect(page.getByTestId('tool-pen')).toBeVisible()
    }
  })

  test('paper is everyone’s, the grid one’s own', async ({ board, join }) => {
    const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
    await ann.page.getByTestId('menu').click()
    await ann.page.getByTestId('paper-fffce8').click()
    await ann.page.getByTestId('switch-grid').click()
    for (const person of [ann, bob]) await expect(person.canvas).toHaveCSS('background-color', 'rgb(255, 252, 232)')
    await expect(ann.page.locator('.layer.grid')).toBeHidden()
    await expect(bob.page.locator('.layer.grid')).toBeVisible()
  })

  test('the dots of the grid have the colour of the theme', async ({ board, join }) => {
    const { page } = await join(board.links.edit)
    /** Of the first dot's middle, and as the stylesheet has it. */
    const colors = () =>
      page.evaluate(() => {
        const grid = document.querySelector<HTMLCanvasElement>('.layer.grid')!
        const [r, g, b] = grid.getContext('2d')!.getImageData(1, 1, 1, 1).data
        const wanted = getComputedStyle(document.documentElement).getPropertyValue('--dot')
        return { drawn: [r!, g!, b!], wanted: [1, 3, 5].map((at) => parseInt(wanted.slice(at, at + 2), 16)) }
      })
    await page.getByTestId('menu').click()
    const seen = new Set<string>()
    for (const theme of ['dark', 'light']) {
      await page.getByTestId(`theme-${theme}`).click()
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
      // Pixels that are not opaque are rounded.
      await expect.poll(async () => {
        const { drawn, wanted } = await colors()
        return Math.max(...drawn.map((value, i) => Math.abs(value - wanted[i]!)))
      }).toBeLessThanOrEqual(2)
      seen.add((await colors()).wanted.join())
    }
    expect(seen.size).toBe(2)
  })

  test('an empty board says how to begin, until somebody does', async ({ board, join }) => {
    const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
    for (const person of [ann, bob]) await expect(person.page.getByTestId('empty-hint')).toBeVisible()
    await bob.choose('rect')
    await bob.press(A, B)
    await expect(ann.page.getByTestId('empty-hint'), 'while another draws').toHaveCount(0)
    await ann.shapes(0)
    await bob.release()
    await ann.shapes(1)
    for (const person of [ann, bob]) await expect(person.page.getByTestId('empty-hint')).toHaveCount(0)
  })

  test('who only looks on has no tools and no panels', async ({ board, join }) => {
    const [ann, eve] = [await join(board.links.edit), await join(board.links.view)]
    await ann.draw('rect', A, B)
    await eve.shapes(1)
    for (const part of ['tool-pen', 'tool-more', 'undo', 'style-panel', 'empty-hint']) await expect(eve.page.getByTestId(part)).toHaveCount(0)
    await expect(eve.page.getByTestId('zoom')).toBeVisible()
    await eve.page.getByTestId('layers-toggle').click()
    await expect(eve.page.getByTestId('layer-add')).toHaveCount(0)
  })

  test('the tools are reached by Tab once, and then by arrows', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    const { page } = ann
    await page.getByTestId('tool-pen').focus()
    await page.keyboard.press('ArrowRight')
    await expect(page.getByTestId('tool-highlighter')).toBeFocused()
    await page.keyboard.press('Home')
    await expect(page.getByTestId('tool-keep')).toBeFocused()
    await page.keyboard.press('End')
    await expect(page.getByTestId('tool-more')).toBeFocused()
    await expect(page.locator('.tool-bar > button[tabindex="0"], .tool-bar .family > button[tabindex="0"]')).toHaveCount(1)
  })

  test('from right to left, the page is mirrored and the board is not', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    const { page } = ann
    await ann.draw('rect', A, B)
    await ann.choose('pen')
    // The handles are gone in the next frame.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    const before = await ann.pixels(A)
    await page.evaluate(() => (document.documentElement.dir = 'rtl'))
    const side = async (part: string) => (await page.getByTestId(part).boundingBox())!.x
    await expect.poll(() => side('style-panel')).toBeLessThan(100)
    await expect.poll(() => side('undo')).toBeGreaterThan(1000)
    await expect.poll(() => side('share')).toBeLessThan(300)
    await expect.poll(() => ann.pixels(A)).toBe(before)
  })
})

test.describe('on a phone', () => {
  test('a sheet has the style, and a pull on its grip closes it', async ({ server, board, join }) => {
    const [ann, bob] = [await join(board.links.edit, phone), await join(board.links.edit)]
    const { page } = ann
    await ann.choose('pen')
    await page.getByTestId('style').tap()
    await expect(page.getByTestId('sheet')).toBeVisible()
    await page.getByTestId('color-green').tap()
    await page.getByTestId('width-8').tap()
    const grip = (await page.getByTestId('sheet-grip').boundingBox())!
    const at = (down: number): Point[] => [[grip.x + grip.width / 2, grip.y + 10 + down]]
    await ann.touch(at(0), at(30), at(90), at(160))
    await expect(page.getByTestId('sheet')).toHaveCount(0)
    await ann.touch([[150, 300]], [[170, 320]], [[260, 400]])
    await bob.shapes(1)
    await stored(server, board, { color: 'green', width: 8 })
  })

  test('every tool is within reach, in the list of the others', async ({ board, join }) => {
    const ann = await join(board.links.edit, phone)
    for (const tool of ['arrow', 'line', 'note', 'diamond', 'circle', 'frame', 'laser', 'lasso', 'hand'] as const) {
      await ann.choose(tool)
      await expect(ann.canvas).toHaveAttribute('data-pointer', tool)
    }
  })

  for (const [width, height] of [[320, 640], [360, 740], [390, 844], [844, 390]] as const) {
    test(`at ${width} × ${height} nothing overflows, overlaps or is too small for a finger`, async ({ board, join }) => {
      const ann = await join(board.links.edit, { ...phone, viewport: { width, height } })
      const { page } = ann
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      const buttons = await page.locator('.tool-bar button, .corner button, .top-row button').evaluateAll((all) =>
        all.flatMap((one) => {
          const { x, y, width, height } = one.getBoundingClientRect()
          return width > 0 ? [{ name: one.getAttribute('aria-label') ?? '', x, y, width, height }] : []
        }),
      )
      for (const { name, x, y, ...size } of buttons) {
        expect(Math.min(size.width, size.height), name).toBeGreaterThanOrEqual(44)
        expect(x, name).toBeGreaterThanOrEqual(0)
        expect(x + size.width, name).toBeLessThanOrEqual(width)
        expect(y + size.height, name).toBeLessThanOrEqual(height)
      }
      const overlap = buttons.flatMap((a, i) =>
        buttons.slice(i + 1).filter((b) => a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1 && a.y < b.y + b.height - 1 && b.y < a.y + a.height - 1).map((b) => `${a.name} and ${b.name}`),
      )
      expect(overlap).toEqual([])
      for (const part of ['undo', 'redo', 'zoom', 'tool-pen', 'tool-eraser', 'tool-more', 'style']) await expect(page.getByTestId(part)).toBeVisible()
    })
  }

  test('layers are a sheet, too', async ({ board, join }) => {
    const ann = await join(board.links.edit, phone)
    await ann.page.getByTestId('menu').tap()
    await ann.page.getByTestId('menu-layers').tap()
    await ann.page.getByTestId('layer-add').tap()
    await ann.page.getByTestId('layer-name').press('Enter')
    await expect(ann.page.getByTestId('layer')).toHaveCount(2)
    await ann.page.getByTestId('layers-close').tap()
    await expect(ann.page.getByTestId('layers')).toHaveCount(0)
  })
})
