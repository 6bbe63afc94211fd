import path from 'node:path'

import type { BoardPage, Point, Tool } from './fixtures/board'
import { converge } from './fixtures/board'
import { expect, test } from './fixtures/test'

const IMAGES = path.resolve(import.meta.dirname, '../../docs/images')

interface Ink {
  readonly color: string
  readonly width: 1 | 2 | 4 | 8
}

/** One shape of the drawing. */
type Stroke = readonly [tool: Tool, ink: Ink, ...points: Point[]]

const green: Ink = { color: 'green', width: 4 }
const roof: Ink = { color: 'darkred', width: 8 }
const wall: Ink = { color: 'brown', width: 4 }
const sun: Ink = { color: 'orange', width: 4 }
const water: Ink = { color: 'deepskyblue', width: 4 }
const letters: Ink = { color: 'indigo', width: 4 }

const house: Stroke[] = [
  ['pen', green, [120, 550], [200, 515], [290, 500], [400, 505]],
  ['pen', green, [580, 505], [690, 520], [790, 516], [900, 485], [1010, 468], [1150, 500]],
  ['pen', { color: 'teal', width: 4 }, [120, 680], [260, 640], [430, 630], [600, 660], [760, 690], [900, 670], [1040, 645], [1150, 655]],
  ['rect', wall, [400, 350], [580, 505]],
  ['line', roof, [380, 355], [490, 255]],
  ['line', roof, [490, 255], [600, 355]],
  ['rect', wall, [465, 420], [515, 505]],
  ['rect', water, [420, 380], [452, 412]],
  ['rect', water, [530, 380], [562, 412]],
]

const garden: Stroke[] = [
  ['circle', sun, [930, 120], [1030, 220]],
  ...rays(),
  ['line', wall, [790, 515], [790, 420]],
  ['pen', green, [790, 425], [735, 420], [720, 375], [750, 340], [770, 300], [815, 300], [835, 335], [865, 370], [850, 415], [790, 425]],
  ['ellipse', water, [880, 555], [1070, 592]],
  ...[240, 290, 335, 640, 690].flatMap((x, i) => flower(x, 560 + 9 * (i % 3), ['pink', 'red', 'purple', 'yellow', 'pink'][i]!)),
]

/** “hello” in a round hand. */
const hello: Stroke[] = [
  ['pen', letters, [190, 150], [185, 200], [180, 245], [192, 210], [210, 200], [218, 220], [216, 245], [226, 240]],
  ['pen', letters, [238, 226], [262, 218], [262, 202], [246, 200], [236, 222], [246, 246], [272, 236]],
  ['pen', letters, [280, 240], [300, 190], [300, 152], [290, 160], [284, 230], [300, 246], [312, 236]],
  ['pen', letters, [318, 240], [338, 190], [338, 152], [328, 160], [322, 230], [338, 246], [350, 236]],
  ['pen', letters, [380, 204], [362, 208], [358, 232], [376, 246], [394, 230], [390, 208], [378, 204], [394, 212], [412, 206]],
]

const bird: Point[] = [[700, 170], [715, 155], [728, 158], [740, 175], [752, 158], [766, 152], [782, 166]]

function rays(): Stroke[] {
  return Array.from({ length: 10 }, (_, i): Stroke => {
    const angle = (i * Math.PI) / 5 + 0.15
    const at = (radius: number): Point => [980 + radius * Math.cos(angle), 170 + radius * Math.sin(angle)]
    return ['line', sun, at(64), at(88)]
  })
}

function flower(x: number, y: number, color: string): Stroke[] {
  return [
    ['line', { color: 'green', width: 2 }, [x, y + 46], [x + 2, y + 14]],
    ['circle', { color, width: 4 }, [x - 11, y - 10], [x + 13, y + 14]],
  ]
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

async function take(person: BoardPage, { color, width }: Ink): Promise<void> {
  await person.page.getByTestId('color-more').click()
  await person.page.locator('.hues, .names').getByTestId(`color-${color}`).click()
  await person.page.getByTestId('color-more').click()
  await person.page.getByTestId(`width-${width}`).click()
}

async function paint(person: BoardPage, strokes: readonly Stroke[]): Promise<void> {
  let held: Ink | undefined
  for (const [tool, ink, ...points] of strokes) {
    await person.choose(tool)
    if (ink !== held) await take(person, ink)
    held = ink
    await person.drag(...(tool === 'pen' ? smooth(points) : points))
  }
  await person.saved()
}

test('board', async ({ server, join }) => {
  test.setTimeout(120_000)
  const { links } = await server.createBoard('A house by the lake')
  const look = { colorScheme: 'light', deviceScaleFactor: 2 } as const
  const mia = await join(links.edit, { name: 'Mia', ...look })
  const jonas = await join(links.edit, { name: 'Jonas' })
  await Promise.all([paint(mia, [...hello, ...house]), paint(jonas, garden)])
  await converge(mia, jonas)

  await take(jonas, { color: 'navy', width: 4 })
  await jonas.choose('pen')
  await mia.page.mouse.move(590, 700)
  const blank = await mia.pixels(bird.at(-1)!)
  await jonas.press(...smooth(bird))
  await expect(mia.page.getByTestId('cursor')).toHaveText('Jonas')
  await expect.poll(() => mia.pixels(bird.at(-1)!)).not.toBe(blank)
  await mia.page.screenshot({ path: path.join(IMAGES, 'board.png'), animations: 'disabled' })
  await jonas.release()
})
