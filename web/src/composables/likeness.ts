import type { Ref } from 'vue'
import type { Theme } from '../canvas/palette'
import type { BoardView } from '../canvas/view'
import { noteKept, type Early } from '../transport/early'

/** How often it is looked whether the board's picture is another one, in ms. */
const EVERY = 3000
const QUALITY = 0.85

/** Keeps what a large board looks like, for the moment it is opened again; until the returned function is called. */
export function keepLikeness(view: BoardView, { link, shelf }: Early, theme: Readonly<Ref<Theme>>): () => void {
  let kept: HTMLCanvasElement | undefined
  let isNoted = false
  const timer = setInterval(() => void keep().catch(() => undefined), EVERY)

  async function keep(): Promise<void> {
    if (!(await shelf.has())) return
    if (!isNoted) noteKept(link)
    isNoted = true
    // Reading pixels takes longer than a frame.
    if (view.isBusy) return
    const { picture } = view
    const bounds = view.scene.bounds()
    if (!picture || !bounds || picture.canvas === kept) return
    const { canvas, projection } = picture
    const likeness = { ...projection, bounds, theme: theme.value }
    const image = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/webp', QUALITY))
    if (!image) return
    await shelf.saveLikeness({ image, ...likeness })
    kept = canvas
  }

  return () => clearInterval(timer)
}
