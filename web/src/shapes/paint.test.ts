import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Patch } from '../board/types'
import { encodeStroke, Points } from '../geometry/points'
import { paint, shapeOf, type Brush } from '.'

class FakePath {
  moveTo(): void {}
  lineTo(): void {}
  quadraticCurveTo(): void {}
  bezierCurveTo(): void {}
  closePath(): void {}
}

beforeAll(() => void vi.stubGlobal('Path2D', FakePath))
afterAll(() => void vi.unstubAllGlobals())

/** A canvas that writes down what is done to it, and a brush for it. */
function canvas(scale = 1, image?: Brush['image']) {
  const done: string[] = []
  const short = (value: unknown) => (typeof value === 'number' ? Math.round(value * 100) / 100 : value instanceof FakePath ? 'path' : JSON.stringify(value))
  const pen = new Proxy({} as { [name: string]: unknown }, {
    get: (_, name) => (...args: unknown[]) => void done.push([String(name), ...args.map(short)].join(' ')),
    set: (_, name, value) => done.push(`${String(name)} = ${short(value)}`) > 0,
  }) as unknown as CanvasRenderingContext2D
  const brush: Brush = { pen, scale, css: (color) => `css-${color}`, ...(image && { image }) }
  return { done, brush, has: (text: string) => done.some((line) => line.includes(text)) }
}

const rect: Patch = { kind: 'rect', at: [0, 0], size: [100, 60], color: 'red', width: 4 }
const show = (props: Patch, on: ReturnType<typeof canvas>) => {
  paint(shapeOf('s', props)!, on.brush)
  return on
}

describe('a shape is painted', () => {
  test('with its colours, width and opacity', () => {
    const { done } = show({ ...rect, fill: 'yellow', opacity: 0.5 }, canvas())
    for (const line of ['globalAlpha = 0.5', 'fillStyle = "css-yellow"', 'strokeStyle = "css-red"', 'lineWidth = 4']) expect(done).toContain(line)
    expect(done.indexOf('fill')).toBeLessThan(done.indexOf('stroke'))
    expect(done).not.toContain('save')
  })

  test('turned about the middle of its frame, after which the canvas is as before', () => {
    const { done } = show({ ...rect, rotation: 1 }, canvas())
    expect(done.slice(0, 4)).toEqual(['save', 'translate 50 30', 'rotate 1', 'translate -50 -30'])
    expect(done.at(-1)).toBe('restore')
  })

  test('with dashes, and the next without', () => {
    const { done } = show({ ...rect, dash: 'dashed' }, canvas())
    expect(done.filter((line) => line.startsWith('setLineDash'))).toEqual(['setLineDash [12,12]', 'setLineDash []'])
  })

  test('never thinner than half a pixel', () => {
    expect(show({ ...rect, width: 0.5 }, canvas(0.01)).done).toContain('lineWidth = 50')
  })
})

describe('ink', () => {
  const points = new Points()
  for (let x = 0; x < 100; x++) points.add({ x: x * 4, y: (x % 7) * 2 })
  const ink: Patch = { kind: 'draw', at: [0, 0], width: 4, ...encodeStroke(points) }

  test('is an outline, or a plain line where nobody sees the difference', () => {
    expect(show(ink, canvas(1)).done).toContain('fill path')
    expect(show(ink, canvas(0.1)).done).toContain('stroke path')
  })

  test('is traced once, however often it is painted', () => {
    const shape = shapeOf('s', { ...ink })!
    const picture = vi.spyOn(shape.kind, 'picture')
    for (let i = 0; i < 3; i++) paint(shape, canvas().brush)
    expect(picture).toHaveBeenCalledTimes(1)
    picture.mockRestore()
  })

  test('of a highlighter lets what is beneath it shine through', () => {
    const { done } = show({ ...ink, brush: 'highlighter', opacity: 0.5 }, canvas())
    expect(done).toContain('globalAlpha = 0.2')
    expect(done).toContain('lineCap = "butt"')
  })
})

describe('text', () => {
  const text: Patch = { kind: 'text', at: [10, 10], size: [0, 0], text: 'Hello', fontsize: 20, font: 'mono' }

  test('is written without kerning, as it is laid out', () => {
    const { done, has } = show(text, canvas())
    expect(done).toContain('fontKerning = "none"')
    expect(has('fillText "Hello" 10')).toBe(true)
  })

  test('of a script from right to left is written in its direction', () => {
    expect(show({ ...text, text: 'שלום' }, canvas()).done).toContain('direction = "rtl"')
  })

  test('too small to read is a bar', () => {
    const small = show(text, canvas(0.1))
    expect(small.has('fillText')).toBe(false)
    expect(small.has('fillRect 10')).toBe(true)
  })
})

describe('a picture', () => {
  const asset = 'ab'.repeat(32)
  const image: Patch = { kind: 'image', at: [0, 0], size: [100, 50], asset }

  test('is a grey sheet until it is there', () => {
    expect(show(image, canvas(1, () => undefined)).done).toContain('fillRect 0 0 100 50')
    expect(show({ ...image, asset: null }, canvas()).has('fill')).toBe(true)
  })

  test('shows its part, mirrored', () => {
    const loaded = { naturalWidth: 400, naturalHeight: 200 } as HTMLImageElement
    const { done, has } = show({ ...image, crop: [0.25, 0, 0.5, 1], flip: [-1, 1] }, canvas(1, (id) => (id === asset ? loaded : undefined)))
    expect(done).toContain('scale -1 1')
    expect(has('100 0 200 200 -50 -25 100 50')).toBe(true)
  })
})
