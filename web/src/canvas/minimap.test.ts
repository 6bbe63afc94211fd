import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Document } from '../board/document'
import { Minimap } from './minimap'
import { Scene } from './scene'

/** How many shapes have been painted, on whichever canvas. */
let painted = 0
const nothing = () => undefined
const pen = new Proxy({ stroke: () => void painted++ } as Record<string, unknown>, { get: (pen, name) => pen[name as string] ?? nothing, set: () => true })
const canvas = () => ({ getContext: () => pen, clientWidth: 200, clientHeight: 100, dataset: {} }) as unknown as HTMLCanvasElement

beforeEach(() => {
  painted = 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  vi.stubGlobal('devicePixelRatio', 1)
  vi.stubGlobal('requestAnimationFrame', (fn: () => void) => setTimeout(fn, 16))
  vi.stubGlobal('cancelAnimationFrame', clearTimeout)
  vi.stubGlobal('document', { createElement: canvas })
  vi.stubGlobal('Path2D', class {})
  for (const name of ['moveTo', 'lineTo', 'rect', 'closePath', 'bezierCurveTo']) Object.assign(Path2D.prototype, { [name]: nothing })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('the map paints what is new once the hand is done', () => {
  const doc = new Document({ actor: 'actor123', now: () => 1_700_000_000_000 })
  const add = (i: number) => doc.edit([[`s${i}`, { kind: 'rect', at: [300 * i, 0], size: [200, 200], color: 'red', width: 2, z: `a${i}V` }]])
  add(1)
  const size = { width: 800, height: 600 }
  const view = { scene: new Scene(doc), size, camera: { x: 0, y: 0, zoom: 1 }, isBusy: false, subscribe: () => nothing }
  const live = { cursors: new Map(), subscribe: () => nothing }
  const map = new Minimap({ canvas: canvas(), view, live: live as never, look: () => ({}) as never, accent: () => 'red' }, 'light')
  vi.advanceTimersByTime(1000)
  expect(painted).toBe(1)
  view.isBusy = true
  add(2)
  vi.advanceTimersByTime(10_000)
  expect(painted).toBe(1)
  view.isBusy = false
  vi.advanceTimersByTime(1000)
  expect(painted).toBe(3)
  map.stop()
})
