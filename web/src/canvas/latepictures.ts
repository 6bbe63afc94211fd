import type { PictureLoader } from './pictures'

/** Loads pictures as a PictureLoader does, which is fetched itself when the first picture is to be shown. */
export class LatePictures {
  private readonly asked = new Set<string>()
  private loader: PictureLoader | undefined
  private isStopped = false

  constructor(
    private readonly url: (asset: string) => string,
    private readonly ready: (asset: string) => void,
  ) {}

  get(asset: string): ImageBitmap | undefined {
    if (this.loader) return this.loader.get(asset)
    if (this.asked.size === 0) this.open()
    this.asked.add(asset)
    return undefined
  }

  stop(): void {
    this.isStopped = true
    this.loader?.stop()
  }

  private open(): void {
    import('./pictures').then(
      ({ PictureLoader }) => {
        if (this.isStopped) return
        this.loader = new PictureLoader(this.url, this.ready)
        for (const asset of this.asked) this.loader.get(asset)
      },
      // With the next picture it is tried again.
      () => this.asked.clear(),
    )
  }
}
