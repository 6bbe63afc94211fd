import path from 'node:path'

import type { Patch } from '../src/board/types'
import { encodeStroke, Points } from '../src/geometry/points'
import { converge, type Point } from './fixtures/board'
import { expect, test } from './fixtures/test'

/** The picture in the README: two people plan the opening of a café. */

const IMAGES = path.resolve(import.meta.dirname, '../../docs/images')

const box = (kind: string, [x, y]: Point, [w, h]: Point, more: Patch): Patch => ({ kind, at: [x, y], size: [w, h], width: 2, ...more })
const words = (at: Point, text: string, more: Patch = {}): Patch => ({ kind: 'text', at: [...at], size: [0, 0], text, fontsize: 20, color: 'black', ...more })
const note = (at: Point, fill: string, text: string, rotation: number): Patch => box('note', at, [132, 118], { fill, text, fontsize: 17, rotation, color: 'black' })
const arrow = (from: string, to: string, more: Patch = {}): Patch => ({
  ...{ kind: 'arrow', at: [0, 0], size: [1, 1], color: 'grey', width: 2, endhead: 'arrow' },
  ...{ startbind: { to: from, at: [0.5, 0.5], inside: false }, endbind: { to, at: [0.5, 0.5], inside: false } },
  ...more,
})

const shapes: { readonly [id: string]: Patch } = {
  title: words([70, 96], 'Opening day', { fontsize: 36, color: 'indigo' }),
  frame: { kind: 'frame', at: [60, 190], size: [460, 430], name: 'Ideas', color: 'grey', width: 2 },
  n1: note([90, 222], '#ffec99', 'Coffee cart by the door', -0.04),
  n2: note([234, 214], '#b2f2bb', 'Live music from six', 0.03),
  n3: note([378, 228], '#ffc9c9', 'Free cake for the first 50', -0.02),
  n4: note([98, 370], '#a5d8ff', 'Invite the neighbours', 0.03),
  n5: note([240, 380], '#d0bfff', 'Photo wall', -0.03),
  order: box('rect', [600, 180], [150, 70], { color: 'navy', fill: '#a5d8ff', corners: 'round', text: 'Order beans' }),
  enough: box('diamond', [577, 310], [196, 120], { color: 'orange', fill: '#ffec99', text: 'Enough?' }),
  roast: box('ellipse', [850, 325], [140, 90], { color: 'green', fill: '#b2f2bb', text: 'Roast' }),
  again: box('rect', [600, 500], [150, 70], { color: 'darkred', fill: '#ffc9c9', fillstyle: 'hachure', corners: 'round', text: 'Ask Lena' }),
  open: box('star', [835, 465], [170, 161], { color: 'purple', fill: '#eebefa', corners: 'round', text: 'Open!' }),
  a1: arrow('order', 'enough'),
  a2: arrow('enough', 'roast', { text: 'yes', font: 'hand' }),
  a3: arrow('enough', 'again', { text: 'no', font: 'hand' }),
  a4: arrow('roast', 'open'),
  a5: { ...arrow('again', 'order', { route: 'elbow' }), startbind: { to: 'again', at: [0, 0.5], inside: false }, endbind: { to: 'order', at: [0, 0.5], inside: false } },
  glow: ink([[70, 148], [180, 144], [300, 150]], { brush: 'highlighter', color: 'yellow', width: 14, opacity: 1 }),
}

const cup: Point[][] = [
  [[400, 560], [400, 600], [412, 602], [448, 602], [460, 598], [462, 560], [400, 560]],
  [[462, 568], [480, 566], [484, 582], [464, 590]],
  [[416, 548], [410, 536], [420, 526], [414, 512]],
  [[436, 548], [430, 536], [440, 526], [434, 512]],
]

const swirl: Point[] = [[240, 560], [262, 530], [290, 524], [312, 544], [300, 572], [272, 574], [268, 552], [290, 544]]

function ink(points: readonly Point[], style: Patch): Patch {
  const [[x, y]] = points as [Point]
  const list = new Points()
  for (const [px, py] of smooth(points)) list.add({ x: px - x, y: py - y })
  return { kind: 'draw', at: [x, y], width: 4, color: 'brown', ...style, ...encodeStroke(list) }
}

/** Points of a smooth curve (Catmull–Rom) through the given ones. */
function smooth(points: readonly Point[], between = 8): Point[] {
  const at = (i: number) => points[Math.min(Math.max(i, 0), points.length - 1)]!
  return points.slice(0, -1).flatMap((_, i) =>
    Array.from({ length: between }, (_, step): Point => {
      const t = step / between
      const mix = (axis: 0 | 1) => {
        const [a, b, c, d] = [at(i - 1)[axis], at(i)[axis], at(i + 1)[axis], at(i + 2)[axis]]
        return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t ** 2 + (3 * b - a - 3 * c + d) * t ** 3)
      }
      return [mix(0), mix(1)]
    }),
  ).concat([at(points.length - 1)])
}

test('board', async ({ server, join }) => {
  test.setTimeout(120_000)
  const { links } = await server.createBoard('Café Lumen')
  const look = { colorScheme: 'light', deviceScaleFactor: 2 } as const
  const mia = await join(links.edit.replace('#', '?bench#'), { name: 'Mia', ...look })
  const jonas = await join(links.edit, { name: 'Jonas' })
  const drawn = { ...shapes, ...Object.fromEntries(cup.map((points, i) => [`c${i}`, ink(points, {})])) }
  await mia.page.evaluate((json) => {
    const records = Object.entries(JSON.parse(json) as { [id: string]: Patch })
    window.__easel!.session.document.edit(records.map(([id, props], i) => [id, { ...props, z: `a${String.fromCharCode(65 + i)}` }]))
  }, JSON.stringify(drawn))
  await jonas.shapes(Object.keys(drawn).length)
  await converge(mia, jonas)
  // To the place where the shapes are: the plane's origin is in the middle of a new board.
  for (const [{ page }, dpr] of [[mia, 2], [jonas, 1]] as const) {
    await page.mouse.move(640, 700)
    await page.mouse.wheel(640 * dpr, 400 * dpr)
  }

  await jonas.page.keyboard.press('Alt+c')
  await jonas.page.mouse.click(730, 510)
  await expect(jonas.page.locator('textarea:focus, [contenteditable]:focus, input:focus')).toBeVisible()
  await jonas.page.keyboard.type('Who calls her?')
  await jonas.page.keyboard.press('Enter')
  await expect(mia.page.getByTestId('pin')).toBeVisible()
  await jonas.page.keyboard.press('Escape')

  await mia.choose('select')
  await mia.page.mouse.click(920, 330)
  await jonas.choose('pen')
  await jonas.page.getByTestId('color-purple').click()
  const end = swirl.at(-1)!
  const blank = await mia.pixels(end)
  await jonas.press(...smooth(swirl))
  await expect(mia.page.getByTestId('cursor')).toHaveText('Jonas')
  await expect.poll(() => mia.pixels(end)).not.toBe(blank)
  await mia.page.evaluate(() => document.fonts.ready)
  await mia.page.screenshot({ path: path.join(IMAGES, 'board.png'), animations: 'disabled' })
  await jonas.release()
})

declare global {
  interface Window {
    /** What the page shows of itself when its address has ?bench. */
    readonly __easel?: { readonly session: import('../src/sync/session').Session }
  }
}
