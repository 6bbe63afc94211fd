import { height, overlaps, width, type Box } from '../../geometry/box'
import { ARGUMENTS, type FontName, type ImageItem, type Path, type PathItem, type TextItem } from '../../shapes/picture'
import { isLink } from '../../board/validate'
import { num, type Beneath, type Drawn, type Point } from '../drawn'
import { hexText, PdfFile } from './file'
import { PdfFont } from './font'

/** A picture for a PDF: a JPEG as it is, or pixels of four bytes. */
export type PdfImage =
  | { readonly width: number; readonly height: number; readonly jpeg: Uint8Array }
  | { readonly width: number; readonly height: number; readonly pixels: Uint8Array | Uint8ClampedArray }

export interface PdfOptions {
  /** What each page shows of the plane. */
  readonly pages: readonly { readonly box: Box; readonly name?: string | undefined }[]
  /** The colour of a palette name or #rrggbb, as #rrggbb or rgb(). */
  css(color: string): string
  /** The colour of the paper; absent = none. */
  readonly paper?: string
  readonly beneath?: Beneath | undefined
  /** TrueType files. */
  readonly fonts: ReadonlyMap<FontName, Uint8Array>
  readonly images: ReadonlyMap<string, PdfImage>
  /** The picture of a text for which a font lacks letters, and where it is; undefined = it is left out. */
  textImage?(item: TextItem): Promise<{ readonly image: PdfImage; readonly box: Box } | undefined>
  readonly title: string
  /** Called before each page, so that the browser can do something else between two. */
  pause?(): Promise<void>
}

/** Points per world unit: a unit is a CSS pixel, of which an inch has 96. */
const POINTS = 0.75
/** The largest side of a page, in points. */
const MAX_SIDE = 14_400

/** The drawing as a PDF of vectors, one page for each box. */
export async function writePdf(shapes: readonly Drawn[], o: PdfOptions): Promise<Uint8Array<ArrayBuffer>[]> {
  return new Writer(o).write(shapes)
}

class Writer {
  private readonly file = new PdfFile()
  private readonly fonts = new Map<FontName, PdfFont>()
  private readonly images = new Map<PdfImage, { name: string; number: number }>()
  private readonly states = new Map<string, string>()

  constructor(private readonly o: PdfOptions) {
    for (const [name, bytes] of o.fonts) this.fonts.set(name, new PdfFont(this.file, `Easel-${name}`, bytes))
  }

  async write(shapes: readonly Drawn[]): Promise<Uint8Array<ArrayBuffer>[]> {
    const { file, o } = this
    const [catalog, tree, resources] = [file.reserve(), file.reserve(), file.reserve()]
    const pages: number[] = []
    for (const { box } of o.pages) {
      await o.pause?.()
      pages.push(await this.page(shapes.filter((shape) => overlaps(shape.box, box)), box, tree, resources))
    }
    for (const font of this.fonts.values()) await font.finish()
    file.write(`<< /Type /Pages /Kids [${pages.map((n) => `${n} 0 R`).join(' ')}] /Count ${pages.length} >>`, tree)
    file.write(this.resources(), resources)
    const outlines = this.outlines(pages)
    file.write(`<< /Type /Catalog /Pages ${tree} 0 R${outlines ? ` /Outlines ${outlines} 0 R` : ''} >>`, catalog)
    const info = file.write(`<< /Title ${hexText(o.title)} /Producer (Easel) >>`)
    return file.finish(catalog, info)
  }

  private async page(shapes: readonly Drawn[], box: Box, parent: number, resources: number): Promise<number> {
    const scale = Math.min(POINTS, MAX_SIDE / width(box), MAX_SIDE / height(box))
    const [w, h] = [width(box) * scale, height(box) * scale]
    const content = new Content(this)
    content.add(`${fine(scale)} 0 0 ${fine(-scale)} ${fine(-box.minX * scale)} ${fine(box.maxY * scale)} cm`)
    if (this.o.paper) content.rect(box, this.o.paper)
    const { beneath } = this.o
    if (beneath) await content.image({ do: 'image', asset: beneath.asset, box: beneath.box, flip: [1, 1] }, 1)
    for (const shape of shapes) await content.shape(shape)
    const stream = await this.file.stream(content.text())
    const links = shapes.filter(({ link }) => isLink(link)).map((shape) => this.link(shape, box, scale))
    const annotations = links.length > 0 ? ` /Annots [${links.join(' ')}]` : ''
    return this.file.write(
      `<< /Type /Page /Parent ${parent} 0 R /MediaBox [0 0 ${num(w)} ${num(h)}] /Resources ${resources} 0 R /Contents ${stream} 0 R${annotations} >>`,
    )
  }

  private link({ link, box }: Drawn, page: Box, scale: number): string {
    const x = (value: number) => num((value - page.minX) * scale)
    const y = (value: number) => num((page.maxY - value) * scale)
    const rect = `[${x(box.minX)} ${y(box.maxY)} ${x(box.maxX)} ${y(box.minY)}]`
    // A URL is ASCII, as an address bar would send it.
    const uri = new URL(link!).href.replace(/[\\()]/g, (c) => `\\${c}`)
    return `<< /Type /Annot /Subtype /Link /Rect ${rect} /Border [0 0 0] /A << /S /URI /URI (${uri}) >> >>`
  }

  /** Names of pages, if they have any. */
  private outlines(pages: readonly number[]): number | undefined {
    const named = this.o.pages.flatMap(({ name }, i) => (name ? [{ name, page: pages[i]! }] : []))
    if (named.length === 0) return undefined
    const root = this.file.reserve()
    const items = named.map(() => this.file.reserve())
    named.forEach(({ name, page }, i) => {
      const next = items[i + 1] === undefined ? '' : ` /Next ${items[i + 1]} 0 R`
      const prev = i === 0 ? '' : ` /Prev ${items[i - 1]} 0 R`
      this.file.write(`<< /Title ${hexText(name)} /Parent ${root} 0 R /Dest [${page} 0 R /Fit]${prev}${next} >>`, items[i])
    })
    return this.file.write(`<< /Type /Outlines /First ${items[0]} 0 R /Last ${items.at(-1)} 0 R /Count ${items.length} >>`, root)
  }

  private resources(): string {
    const entry = (name: string, number: number) => `/${name} ${number} 0 R`
    const fonts = [...this.fonts].map(([name, { number }]) => entry(name, number)).join(' ')
    const images = [...this.images.values()].map(({ name, number }) => entry(name, number)).join(' ')
    const states = [...this.states].map(([alpha, name]) => `/${name} << /ca ${alpha} /CA ${alpha} >>`).join(' ')
    return `<< /Font << ${fonts} >> /XObject << ${images} >> /ExtGState << ${states} >> >>`
  }

  css(color: string): string {
    const css = this.o.css(color)
    const hex = /^#(..)(..)(..)/.exec(css)
    const channels = hex ? hex.slice(1).map((two) => parseInt(two, 16)) : (css.match(/[\d.]+/g) ?? [0, 0, 0]).slice(0, 3).map(Number)
    return channels.map((channel) => num(channel / 255)).join(' ')
  }

  font(name: FontName): PdfFont | undefined {
    return this.fonts.get(name)
  }

  textImage(item: TextItem) {
    return this.o.textImage?.(item)
  }

  /** The name of the state that paints with an opacity. */
  state(opacity: number): string {
    const alpha = num(opacity)
    const name = this.states.get(alpha) ?? `a${this.states.size}`
    this.states.set(alpha, name)
    return name
  }

  assetImage(asset: string): PdfImage | undefined {
    return this.o.images.get(asset)
  }

  async imageName(image: PdfImage): Promise<string> {
    const known = this.images.get(image)
    if (known) return known.name
    const made = { name: `i${this.images.size}`, number: await this.writeImage(image) }
    this.images.set(image, made)
    return made.name
  }

  private async writeImage(image: PdfImage): Promise<number> {
    const size = `/Type /XObject /Subtype /Image /Width ${image.width} /Height ${image.height} /BitsPerComponent 8`
    if ('jpeg' in image) return this.file.raw(image.jpeg, `${size} /ColorSpace /DeviceRGB /Filter /DCTDecode`)
    const { colors, alphas } = separate(image.pixels)
    const mask = alphas ? ` /SMask ${await this.file.stream(alphas, `${size} /ColorSpace /DeviceGray`)} 0 R` : ''
    return this.file.stream(colors, `${size} /ColorSpace /DeviceRGB${mask}`)
  }
}

/** Colours and, if something is transparent, how opaque each pixel is. */
function separate(pixels: Uint8Array | Uint8ClampedArray): { colors: Uint8Array<ArrayBuffer>; alphas: Uint8Array<ArrayBuffer> | undefined } {
  const count = pixels.length / 4
  const colors = new Uint8Array(3 * count)
  const alphas = new Uint8Array(count)
  let opaque = true
  for (let i = 0; i < count; i++) {
    colors[3 * i] = pixels[4 * i]!
    colors[3 * i + 1] = pixels[4 * i + 1]!
    colors[3 * i + 2] = pixels[4 * i + 2]!
    alphas[i] = pixels[4 * i + 3]!
    if (alphas[i] !== 255) opaque = false
  }
  return { colors, alphas: opaque ? undefined : alphas }
}

/** What a page draws. */
class Content {
  private readonly lines: string[] = []

  constructor(private readonly writer: Writer) {}

  add(...lines: string[]): void {
    this.lines.push(...lines)
  }

  text(): string {
    return this.lines.join('\n')
  }

  rect({ minX, minY, maxX, maxY }: Box, color: string): void {
    this.add(`${this.writer.css(color)} rg`, `${num(minX)} ${num(minY)} ${num(maxX - minX)} ${num(maxY - minY)} re f`)
  }

  async shape({ picture, opacity, rotation, centre, clip }: Drawn): Promise<void> {
    this.add('q')
    if (clip) this.clip(clip)
    if (rotation !== 0) this.turn(rotation, centre)
    for (const item of picture) {
      if (item.do === 'path') this.path(item, opacity)
      else if (item.do === 'text') await this.letters(item, opacity)
      else await this.image(item, opacity)
    }
    this.add('Q')
  }

  async image({ asset, box, crop, flip }: ImageItem, opacity: number): Promise<void> {
    const image = this.writer.assetImage(asset)
    if (image) await this.put(image, box, opacity, crop, flip)
  }

  private async put(image: PdfImage, box: Box, opacity: number, crop: ImageItem['crop'] = [0, 0, 1, 1], flip: ImageItem['flip'] = [1, 1]): Promise<void> {
    const [w, h] = [width(box), height(box)]
    const [cx, cy, cw, ch] = crop
    if (cw <= 0 || ch <= 0) return
    const name = await this.writer.imageName(image)
    const middle = `${flip[0]} 0 0 ${flip[1]} ${num(box.minX + w / 2)} ${num(box.minY + h / 2)} cm`
    const [iw, ih] = [w / cw, h / ch]
    this.add('q', `/${this.writer.state(opacity)} gs`, middle, `${num(-w / 2)} ${num(-h / 2)} ${num(w)} ${num(h)} re W n`)
    // Pictures stand on their lower edge.
    this.add(`${num(iw)} 0 0 ${num(-ih)} ${num(-w / 2 - cx * iw)} ${num(-h / 2 - cy * ih + ih)} cm`, `/${name} Do`, 'Q')
  }

  private clip(corners: readonly Point[]): void {
    const points = corners.map(({ x, y }, i) => `${num(x)} ${num(y)} ${i === 0 ? 'm' : 'l'}`)
    this.add(`${points.join(' ')} h W n`)
  }

  private turn(angle: number, { x, y }: Point): void {
    const [c, s] = [Math.cos(angle), Math.sin(angle)]
    this.add(`${fine(c)} ${fine(s)} ${fine(-s)} ${fine(c)} ${num(x - c * x + s * y)} ${num(y - s * x - c * y)} cm`)
  }

  private path({ path, fill, stroke, alpha = 1 }: PathItem, opacity: number): void {
    const data = pathData(path)
    if (data === '') return
    this.add(`/${this.writer.state(alpha * opacity)} gs`)
    if (fill !== undefined) this.add(`${this.writer.css(fill)} rg`, `${data} f`)
    if (!stroke) return
    const look = `${num(stroke.width)} w ${stroke.cap === 'round' ? 1 : 0} J ${stroke.join === 'round' ? 1 : 0} j`
    this.add(`${this.writer.css(stroke.color)} RG ${look} [${(stroke.dash ?? []).map(num).join(' ')}] 0 d`, `${data} S`)
  }

  private async letters(item: TextItem, opacity: number): Promise<void> {
    const { text, x, y, size, color } = item
    const font = this.writer.font(item.font)
    if (font?.has(text)) {
      this.add(`/${this.writer.state(opacity)} gs ${this.writer.css(color)} rg`)
      this.add(`BT /${item.font} ${num(size)} Tf 1 0 0 -1 ${num(x)} ${num(y)} Tm ${font.show(text)} Tj ET`)
      return
    }
    const found = await this.writer.textImage(item)
    if (!found) return
    await this.put(found.image, found.box, opacity)
    if (font?.has(' ')) this.unseen(item, font)
  }

  /** What a picture of a text says, for search and copying: a space as wide as it, which stands for it and is not painted. */
  private unseen({ text, x, y, font: name, size, width: wide }: TextItem, font: PdfFont): void {
    const stretch = (100 * wide) / (font.width(' ') * size)
    if (!(stretch > 0 && stretch < 1e6)) return
    this.add(`/Span << /ActualText ${hexText(text)} >> BDC q BT 3 Tr ${num(stretch)} Tz /${name} ${num(size)} Tf 1 0 0 -1 ${num(x)} ${num(y)} Tm ${font.show(' ')} Tj ET Q EMC`)
  }
}

function pathData({ commands, coordinates: c }: Path): string {
  const parts: string[] = []
  let [at, x, y] = [0, 0, 0]
  for (const command of commands) {
    const args = c.slice(at, at + ARGUMENTS[command])
    at += args.length
    if (command === 'Z') parts.push('h')
    else if (command === 'Q') parts.push(`${cubic(x, y, args).map(num).join(' ')} c`)
    else parts.push(`${args.map(num).join(' ')} ${command.toLowerCase()}`)
    if (args.length > 0) [x, y] = [args.at(-2)!, args.at(-1)!]
  }
  return parts.join(' ')
}

/** A PDF has cubic curves only. */
function cubic(x: number, y: number, [cx, cy, ex, ey]: readonly number[]): number[] {
  const third = (from: number, to: number) => from + (2 / 3) * (to - from)
  return [third(x, cx!), third(y, cy!), third(ex!, cx!), third(ey!, cy!), ex!, ey!]
}

/** Factors need more digits than places. */
function fine(value: number): string {
  return String(Math.round(value * 1e8) / 1e8)
}
