import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Document } from '../board/document'
import { contains } from '../geometry/box'
import { paint, shapeOf, type Brush } from '../shapes'
import type { Draft } from '../sync/live'
import { Live } from '../sync/live'
import { StrokeWriter } from '../sync/stroke'
import { Points } from '../geometry/points'
import { Drafts } from './drafts'
import { WetInk } from './wetink'

/** A path that remembers what was traced. */
class TracedPath {
  readonly steps: unknown[] = []
  moveTo = (...at: number[]) => void this.steps.push(['M', ...at])
  quadraticCurveTo = (...at: number[]) => void this.steps.push(['Q', ...at])
  lineTo = (...at: number[]) => void this.steps.push(['L', ...at])
  closePath = () => void this.steps.push('Z')
  addPath = (path: TracedPath) => void this.steps.push(...path.steps)
}

/** A brush that remembers the last path it filled. */
function brush() {
  const filled: { path?: TracedPath } = {}
  const pen = { fill: (path: TracedPath) => (filled.path = path) } as unknown as CanvasRenderingContext2D
  const made: Brush = { pen, scale: 4, css: (color) => color }
  return { filled, made }
}

const everywhere = { minX: -1e7, minY: -1e7, maxX: 1e7, maxY: 1e7 }
const scheduler = { now: () => 0, after: () => () => undefined, random: () => 0.5 }

beforeAll(() => void vi.stubGlobal('Path2D', TracedPath))
afterAll(() => void vi.unstubAllGlobals())

describe('wet ink', () => {
  test('looks exactly as the stroke will when it is in the document', () => {
    const step = fc.integer({ min: -160, max: 160 })
    const pressure = fc.option(fc.constantFrom(0.2, 0.6, 1), { nil: undefined })
    fc.assert(
      fc.property(fc.array(fc.tuple(step, step), { minLength: 1, maxLength: 700 }), fc.constantFrom(1, 4, 16), pressure, (steps, width, pressure) => {
        const document = new Document({ actor: 'actor123', now: () => 0 })
        const live = new Live({ document, scheduler, send: () => undefined })
        const writer = new StrokeWriter(document, live, () => 0, { kind: 'draw', color: 'black', width, z: 'a0' })
        const ink = new WetInk({ kind: 'draw', color: 'black', width })
        let [x, y] = [0, 0]
        for (const [dx, dy] of steps) {
          const own = pressure === undefined ? {} : { pressure: Math.round(pressure * 255) / 255 }
          // The grid of an eighth, as the writer rounds; a point that does not move is left out by it.
          if (dx === 0 && dy === 0) continue
          x += dx / 8
          y += dy / 8
          writer.extend([{ x, y, ...own }])
          ink.extend([{ x, y, ...own }])
        }
        if (!ink.box) return
        writer.finish()
        const wet = brush()
        const dry = brush()
        ink.paint(wet.made, everywhere)
        const shape = shapeOf(writer.id, document.get(writer.id))!
        paint(shape, dry.made)
        expect(wet.filled.path!.steps).toEqual(dry.filled.path!.steps)
        expect(contains(shape.box, ink.box)).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  test('reports where it has changed, and only there', () => {
    const ink = new WetInk({ kind: 'draw', color: 'black', width: 4 })
    ink.extend(Array.from({ length: 300 }, (_, i) => ({ x: i * 10, y: 0 })))
    ink.takeDirty()
    ink.extend([{ x: 3010, y: 0 }])
    const dirty = ink.takeDirty()!
    expect(dirty.minX).toBeGreaterThan(2000)
    expect(dirty.maxX).toBeGreaterThan(3010)
    expect(ink.takeDirty()).toBeUndefined()
  })

  test('forgets what was predicted', () => {
    const ink = new WetInk({ kind: 'draw', color: 'black', width: 4 })
    ink.extend([{ x: 0, y: 0 }, { x: 10, y: 0 }])
    const { box } = ink
    ink.predict([{ x: 100, y: 0 }])
    expect(ink.box!.maxX).toBeGreaterThan(100)
    ink.predict([])
    expect(ink.box).toEqual(box)
  })
})

describe('drafts of others', () => {
  const points = new Points()
  const ink = (seen: number): Draft => ({
    kind: 'ink', id: 'i1', user: 'u', actor: 'actor456', seen, points,
    props: { kind: 'draw', at: [100, 0], color: 'red', width: 4, z: 'a0' },
  })

  test('are shown from the first point, released over time, and handed over when they end', () => {
    const live = new Map<string, Draft>()
    const drafts = new Drafts({ drafts: () => live, isCalm: () => false })
    points.truncate(0)
    for (let x = 0; x < 10; x++) points.add({ x: x * 10, y: 0 })
    live.set('i1', ink(0))
    drafts.update(0)
    let right = -Infinity
    for (let now = 0; drafts.advance(now); now += 16) {
      const box = [...drafts.sketches()][0]?.box
      expect(box?.maxX ?? right).toBeGreaterThanOrEqual(right)
      right = box?.maxX ?? right
    }
    expect([...drafts.sketches()][0]!.box!.maxX).toBeGreaterThan(190)
    live.clear()
    expect([...drafts.update(100).keys()]).toEqual(['i1'])
    expect([...drafts.sketches()]).toEqual([])
  })

  test('are shown at once when motion is not wanted', () => {
    const live = new Map<string, Draft>()
    const drafts = new Drafts({ drafts: () => live, isCalm: () => true })
    points.truncate(0)
    for (let x = 0; x < 10; x++) points.add({ x: x * 10, y: 0 })
    live.set('i1', ink(0))
    drafts.update(0)
    expect(drafts.advance(0)).toBe(false)
    expect([...drafts.sketches()][0]!.box!.maxX).toBeGreaterThan(190)
  })
})
