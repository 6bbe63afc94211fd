import { assetsOf, type LoadedAsset } from '../formats/excalidraw/write'
import type { Shape } from '../shapes'
import { loadAsset } from './write'

/** So many pictures are kept, of so many characters of base64 together; a copy leaves the others out. */
const MOST = 20
const MOST_SIZE = 16 << 20

/** The pictures of what is selected, fetched in advance: a copy has no time to wait for them. */
export class CopyImages {
  private readonly kept = new Map<string, LoadedAsset>()
  private readonly loading = new Set<string>()

  constructor(private readonly load: (asset: string) => Promise<LoadedAsset | undefined>) {}

  /** Those that are here, by asset. */
  get loaded(): ReadonlyMap<string, LoadedAsset> {
    return this.kept
  }

  /** Fetches what is not here yet; resolves when all of it is, or can't be had. */
  async want(assets: Iterable<string>): Promise<void> {
    await Promise.all([...assets].slice(0, MOST).map((asset) => this.fetch(asset)))
  }

  private async fetch(asset: string): Promise<void> {
    if (this.kept.has(asset) || this.loading.has(asset)) return
    this.loading.add(asset)
    const found = await this.load(asset).catch(() => undefined)
    this.loading.delete(asset)
    if (!found || found.base64.length > MOST_SIZE) return
    this.kept.set(asset, found)
    this.evict()
  }

  /** The first that came go first. */
  private evict(): void {
    let size = 0
    for (const { base64 } of this.kept.values()) size += base64.length
    for (const [asset, { base64 }] of this.kept) {
      if (size <= MOST_SIZE && this.kept.size <= MOST) return
      this.kept.delete(asset)
      size -= base64.length
    }
  }
}

let images: CopyImages | undefined

/** The pictures of these shapes, and those of earlier ones, by asset. */
export async function readied(shapes: readonly Shape[], assetUrl: (asset: string) => string): Promise<ReadonlyMap<string, LoadedAsset>> {
  images ??= new CopyImages((asset) => loadAsset(asset, { assetUrl }))
  await images.want(assetsOf(shapes.map(({ id, props }) => [id, props])))
  return images.loaded
}
