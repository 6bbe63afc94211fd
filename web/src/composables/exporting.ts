import { computed, reactive, ref, shallowRef, watch, type Ref } from 'vue'
import type { BoardView } from '../canvas/view'
import type { Theme } from '../canvas/palette'
import { t } from '../i18n'
import type { Session } from '../sync/session'
import * as files from '../transfer/write'
import { pixelsOf } from '../transfer/paint'
import { download } from '../transfer/download'
import { load, save } from './storage'
import { notify } from './notices'
import { frameOf, ownPaper, partOf, putPicture, wholeOf } from './transferwork'

export interface ExportOptions {
  readonly session: Session
  readonly view: BoardView
  readonly board: string
  readonly title: string
  readonly theme: Theme
  assetUrl(asset: string): string
}

/** What is exported: everything, what is selected, or the inside of a frame by its id. */
export type What = 'board' | 'selection' | `frame ${string}`

/** The choices of the export dialog, what they come to, and the way there. */
export function useExport(o: ExportOptions) {
  const frames = o.view.scene.all().filter(({ props }) => props['kind'] === 'frame')
  const hasSelection = o.view.selection.size > 0
  const choice = reactive({ ...stored(), what: (hasSelection ? 'selection' : 'board') as What, dark: o.theme === 'dark' })
  const progress = shallowRef<number>()

  const part = computed(() => {
    if (choice.format === 'easel') return wholeOf(o.view)
    if (choice.what === 'board') return wholeOf(o.view)
    return choice.what === 'selection' ? partOf(o.view) : frameOf(o.view, choice.what.slice('frame '.length))
  })
  const look = computed((): files.Look => {
    const vector = choice.format !== 'png'
    const { dark, ground, padding, scale } = choice
    return { theme: dark ? 'dark' : 'light', paper: ownPaper(o.session), ground, padding, scale: vector ? 1 : scale }
  })
  const box = computed(() => files.boxOfPart(part.value, choice.padding))
  const size = computed(() => box.value && pixelsOf(box.value, look.value.scale))
  const pages = computed(() => (part.value.frame ? 1 : Math.max(1, part.value.shapes.filter(({ props }) => props['kind'] === 'frame').length)))

  watch(
    () => ({ format: choice.format, scale: choice.scale, padding: choice.padding, ground: choice.ground }),
    (now) => save('export', now),
  )

  const source: files.Source = {
    title: o.title || t('board.untitled'),
    assetUrl: (asset) => o.assetUrl(asset),
    progress: (share) => (progress.value = share),
  }

  async function make(): Promise<Blob> {
    const [shapes, how] = [part.value, look.value]
    if (choice.format === 'png') return files.toPng(shapes, how, source)
    if (choice.format === 'svg') return files.toSvg(shapes, how, source)
    if (choice.format === 'pdf') return files.toPdf(shapes, how, source)
    if (choice.format === 'excalidraw') return files.toExcalidraw(shapes, how, source)
    const { user = 'nobody', name = '' } = o.session.self ?? {}
    return files.toBoardFile({ board: o.board, user: { id: user, name }, records: o.session.document.records() }, source)
  }

  async function run(): Promise<boolean> {
    progress.value = 0
    try {
      download(await make(), fileName(source.title, files.EXTENSIONS[choice.format]))
      return true
    } catch (err) {
      console.error(err)
      notify(t('transfer.errors.export'), { tone: 'bad' })
      return false
    } finally {
      progress.value = undefined
    }
  }

  async function copy(): Promise<void> {
    const format = choice.format === 'svg' ? 'svg' : 'png'
    progress.value = 0
    try {
      await putPicture(format, part.value, look.value, source)
      notify(t('transfer.copiedAs', { format: format.toUpperCase() }))
    } catch {
      notify(t('transfer.clipboardRefused'), { tone: 'bad' })
    } finally {
      progress.value = undefined
    }
  }

  return { choice, frames, hasSelection, part, look, box, size, pages, progress, run, copy }
}

function stored(): { format: files.Format; scale: number; padding: number; ground: boolean } {
  const { format, scale, padding, ground } = (load('export') ?? {}) as Record<string, unknown>
  return {
    format: files.FORMATS.find((name) => name === format) ?? 'png',
    scale: [1, 2, 3, 4].find((n) => n === scale) ?? 2,
    padding: [0, 16, 32, 64].find((n) => n === padding) ?? 16,
    ground: ground !== false,
  }
}

/** A file's name that every system takes. */
function fileName(title: string, extension: string): string {
   
  const name = title.replace(/[\u0000-\u001f\\/:*?"<>|]+/g, ' ').trim().slice(0, 100)
  return `${name || 'board'}.${extension}`
}

/** Paints a small picture of what is exported. */
export function usePreview(canvas: Readonly<Ref<HTMLCanvasElement | null>>, what: ReturnType<typeof useExport>, assetUrl: (asset: string) => string): void {
  const turn = ref(0)
  const images = new Map<string, ImageBitmap | undefined>()

  function image(asset: string): ImageBitmap | undefined {
    if (!images.has(asset)) {
      images.set(asset, undefined)
      void files.bitmapOf(asset, { assetUrl }).then((bitmap) => {
        images.set(asset, bitmap)
        turn.value++
      })
    }
    return images.get(asset)
  }

  watch(
    [canvas, what.part, what.look, what.box, turn],
    () => {
      if (canvas.value && what.box.value) files.paintPreview(canvas.value, what.part.value, what.look.value, what.box.value, image)
    },
    { flush: 'post', immediate: true },
  )
}
