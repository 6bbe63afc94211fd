import { backoff } from '../sync/ports'

/** How many bytes of pixels are kept; what was not painted for the longest time goes first. */
const MOST_BYTES = 128 << 20
/** More pixels of a side than this can't be told apart on any screen here. */
const MOST_SIDE = 4096
/** Pause before a picture is asked for again, in ms: the first, and the longest. */
const RETRY_FIRST = 1000
const RETRY_MOST = 60_000

interface Loaded {
  readonly bitmap: ImageBitmap
  used: number
}

/** Loads the pictures of assets, each once, and decodes them beside the main thread. */
export class PictureLoader {
  private readonly loaded = new Map<string, Loaded>()
  private readonly loading = new Map<string, ReturnType<typeof setTimeout> | undefined>()
  private readonly stopped = new AbortController()
  private turn = 0

  /** `ready` is called when a picture can be shown. */
  constructor(
    private readonly url: (asset: string) => string,
    private readonly ready: (asset: string) => void,
  ) {}

  /** The picture; undefined until it has been loaded, which begins with the first call. */
  get(asset: string): ImageBitmap | undefined {
    const known = this.loaded.get(asset)
    if (known) {
      known.used = ++this.turn
      return known.bitmap
    }
    if (!this.loading.has(asset)) this.load(asset, 0)
    return undefined
  }

  stop(): void {
    this.stopped.abort()
    for (const timer of this.loading.values()) clearTimeout(timer)
    for (const { bitmap } of this.loaded.values()) bitmap.close()
    this.loaded.clear()
  }

  private load(asset: string, attempt: number): void {
    this.loading.set(asset, undefined)
    this.fetch(asset).then(
      (bitmap) => this.keep(asset, bitmap),
      () => this.later(asset, attempt),
    )
  }

  private async fetch(asset: string): Promise<ImageBitmap> {
    const answer = await fetch(this.url(asset), { signal: this.stopped.signal })
    if (!answer.ok) throw new Error(`picture ${asset}: ${answer.status}`)
    const bitmap = await createImageBitmap(await answer.blob())
    const scale = MOST_SIDE / Math.max(bitmap.width, bitmap.height)
    if (scale >= 1) return bitmap
    const smaller = await createImageBitmap(bitmap, { resizeWidth: Math.round(bitmap.width * scale), resizeQuality: 'high' })
    bitmap.close()
    return smaller
  }

  private keep(asset: string, bitmap: ImageBitmap): void {
    this.loading.delete(asset)
    if (this.stopped.signal.aborted) return bitmap.close()
    this.loaded.set(asset, { bitmap, used: ++this.turn })
    this.evict()
    this.ready(asset)
  }

  /** What can't be had now is asked for again, ever less often. */
  private later(asset: string, attempt: number): void {
    if (this.stopped.signal.aborted) return
    const pause = backoff(attempt, RETRY_FIRST, RETRY_MOST, Math.random)
    this.loading.set(asset, setTimeout(() => this.load(asset, attempt + 1), pause))
  }

  private evict(): void {
    const bytes = ({ bitmap }: Loaded) => 4 * bitmap.width * bitmap.height
    let total = [...this.loaded.values()].reduce((sum, one) => sum + bytes(one), 0)
    const oldest = [...this.loaded].sort(([, a], [, b]) => a.used - b.used)
    for (const [asset, one] of oldest) {
      if (total <= MOST_BYTES || this.loaded.size === 1) return
      total -= bytes(one)
      one.bitmap.close()
      this.loaded.delete(asset)
    }
  }
}
