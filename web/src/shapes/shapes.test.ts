import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Patch } from '../board/types'
import { contains } from '../geometry/box'
import { world } from '../geometry/point'
import { encodeStroke, Points } from '../geometry/points'
import { shapeOf, touches as touchesShape } from '.'

const style = { color: 'black', width: 4, z: 'a0' }

function stroke(points: [number, number][]): Patch {
  const list = new Points()
  for (const [x, y] of points) list.add({ x, y })
  return { kind: 'draw', at: [100, 100], ...style, ...encodeStroke(list) }
}

const touches = (props: Patch, x: number, y: number, radius = 1) => {
  const at = world(x, y)
  return touchesShape(shapeOf('s', props)!, { a: at, b: at }, radius)
}

const rect: Patch = { kind: 'rect', at: [0, 0], size: [100, 60], ...style }
const ellipse: Patch = { kind: 'ellipse', at: [0, 0], size: [100, 60], ...style }
const line: Patch = { kind: 'line', at: [100, 100], size: [-50, -50], ...style }
const curve = stroke([[0, 0], [30, 0], [30, 40]])

describe('a shape is touched', () => {
  test.each([
    ['rect on its side', rect, 100, 30, true],
    ['rect inside, which is empty', rect, 50, 30, false],
    ['rect inside, when filled', { ...rect, fill: 'red' }, 50, 30, true],
    ['ellipse on its top', ellipse, 50, 0, true],
    ['ellipse in the corner of its box', ellipse, 2, 2, false],
    ['ellipse inside, when filled', { ...ellipse, fill: 'red' }, 50, 30, true],
    ['line in its middle', line, 75, 75, true],
    ['line beside it', line, 75, 85, false],
    ['stroke at its bend', curve, 130, 100, true],
    ['stroke inside its box but away from it', curve, 105, 130, false],
    ['stroke of one point', stroke([[0, 0]]), 100, 100, true],
  ])('%s', (_, props, x, y, want) => {
    expect(touches(props, x, y)).toBe(want)
  })

  test('by a segment that leaps across it between two samples', () => {
    expect(touchesShape(shapeOf('s', curve)!, { a: world(115, 90), b: world(115, 110) }, 0)).toBe(true)
  })
})

describe('a record is no shape', () => {
  test.each([
    ['when deleted', { ...rect, deleted: true }],
    ['of an unknown kind', { ...rect, kind: 'sphere' }],
    ['of a kind that objects have', { ...rect, kind: 'constructor' }],
    ['without a size', { kind: 'rect', at: [0, 0], ...style }],
    ['with a malformed place', { ...rect, at: 'here' }],
    ['with no points', { kind: 'draw', at: [0, 0], ...style }],
    ['with malformed points', { kind: 'draw', at: [0, 0], ...style, p0: '***' }],
    ['that is absent', undefined],
  ])('%s', (_, props) => {
    expect(shapeOf('s', props as Patch | undefined)).toBeUndefined()
  })
})

test('a line may have negative sides', () => {
  expect(shapeOf('s', line)!.box).toEqual({ minX: 48, minY: 48, maxX: 102, maxY: 102 })
})

test('the box of a stroke holds all its points', () => {
  const n = fc.integer({ min: -1000, max: 1000 })
  fc.assert(
    fc.property(fc.array(fc.tuple(n, n), { minLength: 1, maxLength: 40 }), (points) => {
      const { box } = shapeOf('s', stroke(points))!
      for (const [x, y] of points) {
        expect(contains(box, { minX: 100 + x, minY: 100 + y, maxX: 100 + x, maxY: 100 + y })).toBe(true)
      }
    }),
  )
})

test('the small kinds in docs/adding-a-shape.md are the real ones', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
  const guide = read('../../../docs/adding-a-shape.md')
  expect(guide).toContain(`\`\`\`ts\n${read('ellipse.ts')}\`\`\``)
  expect(guide).toContain(`\`\`\`json\n${read('../../../whiteboard/outlines/triangle.json')}\`\`\``)
})
