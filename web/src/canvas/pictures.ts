/** Loads the pictures of assets, each once. */
export class PictureLoader {
  private readonly pictures = new Map<string, HTMLImageElement>()

  /** `loaded` is called when a picture can be shown. */
  constructor(
    private readonly url: (asset: string) => string,
    private readonly loaded: (asset: string) => void,
  ) {}

  /** The picture; undefined until it has been loaded, which begins with the first call. */
  get(asset: string): HTMLImageElement | undefined {
    const known = this.pictures.get(asset) ?? this.load(asset)
    return known.complete && known.naturalWidth > 0 ? known : undefined
  }

  private load(asset: string): HTMLImageElement {
    const picture = new Image()
    picture.decoding = 'async'
    picture.onload = () => this.loaded(asset)
    // A picture that can't be had now is asked for again when it is next wanted.
    picture.onerror = () => this.pictures.delete(asset)
    picture.src = this.url(asset)
    this.pictures.set(asset, picture)
    return picture
  }
}
