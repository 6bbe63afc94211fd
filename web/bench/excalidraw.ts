import { Excalidraw, restoreElements } from '@excalidraw/excalidraw'
import '@excalidraw/excalidraw/index.css'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { centre, generate, VIEW, type Item } from './generator'

/** The page that shows B(n) in Excalidraw: ?n=10000. The elements come over HTTP, as a file would. */

interface Api {
  getSceneElements(): readonly { readonly type: string; readonly points?: readonly unknown[] }[]
  updateScene(scene: object): void
  getAppState(): { readonly zoom: { readonly value: number } }
  setActiveTool(tool: { type: string }): void
}

const n = Number(new URLSearchParams(location.search).get('n') ?? 0)
const response = await fetch(URL.createObjectURL(new Blob([JSON.stringify(generate(n).map(elementOf))])))
const elements = restoreElements(await response.json(), null)
const [x, y] = centre()
const appState = { scrollX: VIEW.width / 2 - x, scrollY: VIEW.height / 2 - y, zoom: { value: 1 } }

createRoot(document.getElementById('root')!).render(
  createElement(Excalidraw as never, {
    initialData: { elements, appState, scrollToContent: false },
    excalidrawAPI: (api: Api) => Object.assign(window, { excalidraw: api }),
  }),
)

function elementOf(item: Item, i: number): object {
  const common = { id: `s${i}`, strokeColor: item.color, strokeWidth: 2, roughness: 0, seed: i + 1, version: 1, versionNonce: i, index: null }
  if (item.kind === 'rect') return { ...common, type: 'rectangle', x: item.x, y: item.y, width: item.w, height: item.h }
  const [[x0, y0]] = item.points as [readonly [number, number]]
  const points = item.points.map(([x, y]) => [x - x0, y - y0])
  const [width, height] = [0, 1].map((axis) => spread(points.map((point) => point[axis]!)))
  return { ...common, type: 'freedraw', x: x0, y: y0, width, height, points, pressures: [], simulatePressure: true }
}

function spread(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values)
}
