import { describe, expect, test } from 'vitest'
import { Dice, seededRandom } from '../testing/random'
import { turn, type OrientedBox } from './oriented'
import { distance, world, type World } from './point'
import { recognise, type Recognised } from './recognise'

/** A way through corners, as a hand draws it: faster and slower, trembling, wandering off a little. */
function drawn(corners: readonly (readonly [number, number])[], dice: Dice, { noise = 0.008 } = {}): World[] {
  const size = Math.max(...corners.map(([x]) => x)) - Math.min(...corners.map(([x]) => x)) + 1e-9
  const speed = size / dice.int(20, 90)
  const phase = dice.random() * 6
  const points: World[] = []
  corners.slice(1).forEach(([bx, by], i) => {
    const [ax, ay] = corners[i]!
    const length = Math.hypot(bx - ax, by - ay)
    for (let way = 0; way < length; way += speed * (0.4 + 1.2 * dice.random())) {
      const sway = noise * size * Math.sin(phase + points.length / 9)
      const jitter = () => noise * 0.5 * size * (dice.random() - 0.5) + sway
      points.push(world(ax + ((bx - ax) * way) / length + jitter(), ay + ((by - ay) * way) / length + jitter()))
    }
  })
  // The hand rests.
  const [x, y] = corners.at(-1)!
  for (let i = 0; i < 12; i++) points.push(world(x + noise * size * dice.random() * 0.2, y + noise * size * dice.random() * 0.2))
  return points
}

/** The same points elsewhere, larger or smaller, turned. */
function placed(points: readonly World[], dice: Dice, turned = true): World[] {
  const scale = 10 ** (dice.random() * 3 - 1)
  const angle = turned ? dice.random() * 6.28 : 0
  const [dx, dy] = [dice.int(-5000, 5000), dice.int(-5000, 5000)]
  return points.map((p) => turn(p, world(0, 0), angle)).map(({ x, y }) => world(x * scale + dx, y * scale + dy))
}

const ellipse = (rx: number, ry: number, dice: Dice): [number, number][] => {
  const from = dice.random() * 6.28
  const turns = 1 + (dice.random() - 0.4) * 0.12
  const way = dice.chance(0.5) ? 1 : -1
  return Array.from({ length: 41 }, (_, i) => {
    const angle = from + (way * turns * 2 * Math.PI * i) / 40
    return [rx * Math.cos(angle), ry * Math.sin(angle)]
  })
}

/** A closed way that begins somewhere along its first side and may miss its beginning. */
function closed(corners: [number, number][], dice: Dice): [number, number][] {
  const [a, b] = [corners[0]!, corners[1]!]
  const share = dice.random() * 0.4
  const start: [number, number] = [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]
  const miss = (dice.random() - 0.5) * 12
  const way = [start, ...corners.slice(1), a, [start[0] + miss, start[1] + miss / 2] as [number, number]]
  return dice.chance(0.5) ? way : way.reverse()
}

const MEANT: { readonly [what: string]: (dice: Dice) => World[] } = {
  line: (dice) => placed(drawn([[0, 0], [100, 0]], dice), dice),
  arrow: (dice) => {
    const [back, side] = [dice.int(12, 30), dice.int(9, 22)]
    const head: [number, number][] = dice.chance(0.5)
      ? [[100 - back, -side], [100, 0], [100 - back, side]]
      : [[100 - back, side], [100 - back, -side]]
    return placed(drawn([[0, 0], [100, 0], ...head], dice, { noise: 0.005 }), dice)
  },
  triangle: (dice) => placed(drawn(closed([[0, 0], [100, dice.int(-10, 10)], [dice.int(20, 80), dice.int(60, 110)]], dice), dice), dice),
  rect: (dice) => {
    const h = dice.int(25, 100)
    return placed(drawn(closed([[0, 0], [100, 0], [100, h], [0, h]], dice), dice), dice)
  },
  ellipse: (dice) => placed(drawn(ellipse(50, dice.int(16, 50), dice), dice), dice),
}

/** What stays ink: letters and scribbles. */
const INK: { readonly [what: string]: [number, number][] } = {
  L: [[0, 0], [0, 100], [60, 100]],
  V: [[0, 0], [40, 100], [80, 0]],
  Z: [[0, 0], [80, 0], [0, 100], [80, 100]],
  N: [[0, 100], [0, 0], [70, 100], [70, 0]],
  M: [[0, 100], [20, 0], [50, 70], [80, 0], [100, 100]],
  W: [[0, 0], [25, 100], [50, 30], [75, 100], [100, 0]],
  U: [[0, 0], [2, 60], [15, 90], [40, 98], [65, 90], [78, 60], [80, 0]],
  C: [[80, 15], [50, 0], [20, 12], [0, 50], [20, 88], [50, 100], [80, 85]],
  S: [[80, 10], [50, 0], [15, 12], [15, 40], [50, 50], [85, 62], [85, 90], [50, 100], [10, 90]],
  e: [[5, 50], [90, 45], [80, 15], [50, 0], [15, 15], [0, 50], [15, 85], [50, 100], [85, 85]],
  a: [[80, 10], [45, 0], [10, 20], [0, 55], [15, 90], [45, 95], [75, 70], [80, 10], [80, 80], [95, 95]],
  8: [[50, 50], [20, 25], [50, 0], [80, 25], [50, 50], [15, 75], [50, 100], [85, 75], [50, 50]],
  star: [[50, 0], [80, 95], [0, 35], [100, 35], [20, 95], [50, 0]],
  zigzag: [[0, 0], [80, 10], [0, 25], [80, 35], [0, 50], [80, 60], [0, 75], [80, 90]],
  spiral: Array.from({ length: 60 }, (_, i) => [i * Math.cos(i / 5), i * Math.sin(i / 5)] as [number, number]),
  wave: Array.from({ length: 60 }, (_, i) => [i * 3, 25 * Math.sin(i / 5)] as [number, number]),
}

/** The same hands every time: what is recognised must not depend on luck. */
const HANDS = Array.from({ length: 100 }, (_, seed) => seed)

test.each(Object.keys(MEANT))('a %s is recognised, whatever its size, speed and turn', (what) => {
  const missed = HANDS.filter((seed) => recognise(MEANT[what]!(new Dice(seededRandom(seed))))?.kind !== what)
  expect(missed).toEqual([])
})

test.each(Object.keys(INK))('%s stays ink', (what) => {
  const taken = HANDS.flatMap((seed) => {
    const dice = new Dice(seededRandom(seed))
    return recognise(placed(drawn(INK[what]!, dice), dice, false))?.kind ?? []
  })
  expect(taken).toEqual([])
})

describe('what is recognised', () => {
  const dice = () => new Dice(seededRandom(7))
  const still = (corners: [number, number][]) => recognise(drawn(corners, dice(), { noise: 0 }))!

  test('goes from end to end', () => {
    const { a, b } = still([[10, 20], [200, 90]]) as Extract<Recognised, { a: World }>
    expect([a, b]).toEqual([{ x: 10, y: 20 }, { x: 200, y: 90 }])
  })

  test('points to the tip', () => {
    const { b } = still([[0, 0], [100, 0], [80, -14], [100, 0], [80, 14]]) as Extract<Recognised, { a: World }>
    expect(distance(b, world(100, 0))).toBeLessThan(3)
  })

  test('is upright when it nearly is', () => {
    const corners = [[0, 0], [200, 8], [194, 108], [-4, 100], [0, 0]] as [number, number][]
    const { kind, box } = still(corners) as Extract<Recognised, { box: OrientedBox }>
    expect([kind, box.rotation]).toEqual(['rect', 0])
    expect(box.box.minX).toBeCloseTo(0, -1)
    expect(box.box.maxY).toBeCloseTo(104, -1)
  })

  test('is a circle when its sides are nearly equal', () => {
    const { box } = still(ellipse(50, 46, dice())) as Extract<Recognised, { box: OrientedBox }>
    expect(box.box.maxX - box.box.minX).toBeCloseTo(box.box.maxY - box.box.minY)
  })

  test('is nothing for a dot', () => {
    expect(recognise([])).toBeUndefined()
    expect(recognise([world(1, 1), world(1, 1)])).toBeUndefined()
  })
})
