import { onBeforeUnmount, onMounted } from 'vue'
import type { BoardView } from '../canvas/view'
import { CLIPBOARD_MIME, textsOf, toHtml, writeClipboard } from '../formats/clipboard'
import { cssColor } from '../canvas/palette'
import type { Shape } from '../shapes'
import type { LoadedAsset } from '../formats/excalidraw/write'
import type { Carried } from '../transfer/read'
import { isTyping } from './keyboard'

/** What Excalidraw's clipboard is called. */
const EXCALIDRAW_MIME = 'application/vnd.excalidraw.clipboard+json'
/** How long after the keys for it a paste is one of text alone, in ms. */
const PLAIN_FOR = 500

export interface ClipboardSink {
  view(): BoardView | undefined
  mayEdit(): boolean
  /** Something is open above the board, which has the clipboard. */
  isBlocked(): boolean
  /** Deletes the selection. */
  remove(): void
  paste(carried: Carried, isPlain: boolean): void
}

type Excalidraw = typeof import('../formats/excalidraw/write')
let excalidraw: Excalidraw | undefined
let images: ReadonlyMap<string, LoadedAsset> = new Map()

/** Fetches what is only needed once something is selected: a copy has no time to wait for it. */
export async function prepareCopy(view: BoardView, assetUrl: (asset: string) => string): Promise<void> {
  excalidraw ??= await import('../formats/excalidraw/write')
  if (view.selection.size > MOST_LOOKED_AT) return
  const shapes = selectedShapes(view).filter(({ props }) => props['asset'])
  if (shapes.length > 0) images = await (await import('../transfer/copyimages')).readied(shapes, assetUrl)
}

/** Of a larger selection pictures are not fetched in advance. */
const MOST_LOOKED_AT = 500

/** The selection, what is in selected frames too, bottom first. */
export function selectedShapes(view: BoardView): readonly Shape[] {
  const ids = new Set(view.selection.ids)
  for (const id of view.selection.ids) {
    if (view.scene.get(id)?.props['kind'] === 'frame') for (const { id: child } of view.board.children(id)) ids.add(child)
  }
  return view.scene.sorted(ids)
}

/** Answers the browser's copy, cut and paste unless they are for a text. */
export function useClipboard(sink: ClipboardSink): void {
  let plainUntil = 0

  function copy(e: ClipboardEvent): boolean {
    const view = sink.view()
    if (!view || !e.clipboardData || isElsewhere(e, sink) || hasText()) return false
    const shapes = selectedShapes(view)
    if (shapes.length === 0) return false
    fill(e.clipboardData, shapes)
    e.preventDefault()
    return true
  }

  function cut(e: ClipboardEvent): void {
    if (sink.mayEdit() && copy(e)) sink.remove()
  }

  function paste(e: ClipboardEvent): void {
    if (!e.clipboardData || !sink.mayEdit() || isElsewhere(e, sink)) return
    e.preventDefault()
    sink.paste(carriedBy(e.clipboardData), performance.now() < plainUntil)
  }

  /** The browser tells of a paste, but not whether Shift was down. */
  function key(e: KeyboardEvent): void {
    if (e.code === 'KeyV' && (e.ctrlKey || e.metaKey)) plainUntil = e.shiftKey ? performance.now() + PLAIN_FOR : 0
  }

  onMounted(() => {
    document.addEventListener('copy', copy)
    document.addEventListener('cut', cut)
    document.addEventListener('paste', paste)
    document.addEventListener('keydown', key, true)
  })
  onBeforeUnmount(() => {
    document.removeEventListener('copy', copy)
    document.removeEventListener('cut', cut)
    document.removeEventListener('paste', paste)
    document.removeEventListener('keydown', key, true)
  })
}

/** What a clipboard or a drag carries; to be taken out while its event lasts. */
export function carriedBy(data: DataTransfer): Carried {
  const [own, exact, html, plain] = [CLIPBOARD_MIME, EXCALIDRAW_MIME, 'text/html', 'text/plain'].map((type) => data.getData(type)) as [string, string, string, string]
  return { own, excalidraw: exact, html, plain: plain || data.getData('URL'), files: [...data.files] }
}

function fill(data: DataTransfer, shapes: readonly Shape[]): void {
  const records = shapes.map(({ id, props }) => [id, props] as const)
  const json = writeClipboard(records)
  const words = textsOf(records)
  data.setData(CLIPBOARD_MIME, json)
  data.setData('text/html', toHtml(json, words))
  data.setData('text/plain', words)
  const scene = excalidraw?.writeExcalidraw(
    records.filter(([, { kind, asset }]) => kind !== 'image' || images.has(String(asset))),
    { css: (color) => cssColor(color, 'light'), source: location.origin, type: 'excalidraw/clipboard', assets: images },
  )
  if (scene) data.setData(EXCALIDRAW_MIME, JSON.stringify(scene))
}

function isElsewhere(e: ClipboardEvent, sink: ClipboardSink): boolean {
  return e.defaultPrevented || sink.isBlocked() || isTyping(e.target) || isTyping(document.activeElement)
}

/** Whether words of the page are selected, which are then what is meant. */
function hasText(): boolean {
  const selection = getSelection()
  return selection !== null && !selection.isCollapsed && selection.toString() !== ''
}
