import { height, width, type Box } from '../geometry/box'
import { cornersOfBox } from '../shapes/boxed'
import { PLACEHOLDER } from '../shapes/image'
import { ARGUMENTS, Path, type FontName, type ImageItem, type Item, type PathItem, type TextItem } from '../shapes/picture'
import { isLink } from '../board/validate'
import { num, type Beneath, type Drawn, type Point } from './drawn'

export interface SvgOptions {
  /** What is shown of the plane. */
  readonly box: Box
  /** CSS pixels per world unit; default 1. */
  readonly scale?: number
  /** The colour of a palette name or #rrggbb. */
  css(color: string): string
  /** The colour of the paper; absent = transparent. */
  readonly paper?: string
  readonly beneath?: Beneath | undefined
  /** The address of an asset, `data:` for a file that stands alone, and its size in pixels; undefined = it can't be had. */
  image(asset: string): { readonly href: string; readonly width: number; readonly height: number } | undefined
  /** CSS families of fonts. */
  readonly families: { readonly [font in FontName]: string }
  /** Font files by their first family, as addresses. */
  readonly fonts?: ReadonlyMap<string, string>
  /** Text for those who can't see it. */
  readonly title?: string
  /** Whether a line of text runs from right to left. */
  isRightToLeft?(text: string): boolean
}

/** The drawing as an SVG file: without scripts, and without anything from elsewhere that `image` and `fonts` do not name. */
export function writeSvg(shapes: Iterable<Drawn>, o: SvgOptions): string {
  const writer = new Writer(o)
  for (const shape of shapes) writer.shape(shape)
  return writer.finish()
}

class Writer {
  private readonly body: string[] = []
  private readonly clips = new Map<string, string>()

  constructor(private readonly o: SvgOptions) {}

  shape({ picture, opacity, rotation, centre, clip, link }: Drawn): void {
    const items = picture.map((item) => this.item(item, opacity)).join('')
    const turn = rotation === 0 ? '' : ` transform="rotate(${num((rotation * 180) / Math.PI)} ${num(centre.x)} ${num(centre.y)})"`
    let text = turn ? `<g${turn}>${items}</g>` : items
    if (clip) text = `<g clip-path="url(#${this.clip(clip)})">${text}</g>`
    if (isLink(link)) text = `<a href="${escape(link as string)}" target="_blank" rel="noopener">${text}</a>`
    this.body.push(text)
  }

  finish(): string {
    const { box, scale = 1, paper, beneath, title } = this.o
    const [w, h] = [width(box), height(box)]
    const view = `${num(box.minX)} ${num(box.minY)} ${num(w)} ${num(h)}`
    const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${num(w * scale)}" height="${num(h * scale)}" viewBox="${view}">`
    const name = title ? `<title>${escape(title)}</title>` : ''
    const ground = paper ? `<rect x="${num(box.minX)}" y="${num(box.minY)}" width="${num(w)}" height="${num(h)}" fill="${paper}"/>` : ''
    const under = beneath ? this.image({ do: 'image', asset: beneath.asset, box: beneath.box, flip: [1, 1] }, 1) : ''
    return [head, name, this.style(), this.defs(), ground, under, ...this.body, '</svg>'].filter((part) => part !== '').join('\n')
  }

  private item(item: Item, opacity: number): string {
    if (item.do === 'path') return this.path(item, opacity)
    return item.do === 'text' ? this.text(item, opacity) : this.image(item, opacity)
  }

  private path({ path, fill, stroke, alpha = 1 }: PathItem, opacity: number): string {
    const share = alpha * opacity
    const attributes = [`d="${pathData(path)}"`]
    attributes.push(fill === undefined ? 'fill="none"' : `fill="${this.o.css(fill)}"`)
    if (fill !== undefined && share < 1) attributes.push(`fill-opacity="${num(share)}"`)
    if (stroke) {
      attributes.push(`stroke="${this.o.css(stroke.color)}" stroke-width="${num(stroke.width)}" stroke-linecap="${stroke.cap}" stroke-linejoin="${stroke.join}"`)
      if (stroke.dash) attributes.push(`stroke-dasharray="${stroke.dash.map(num).join(' ')}"`)
      if (share < 1) attributes.push(`stroke-opacity="${num(share)}"`)
    }
    return `<path ${attributes.join(' ')}/>`
  }

  private text({ text, x, y, font, size, color }: TextItem, opacity: number): string {
    const direction = this.o.isRightToLeft?.(text) ? ' direction="rtl" text-anchor="end"' : ''
    const share = opacity < 1 ? ` fill-opacity="${num(opacity)}"` : ''
    const family = escape(this.o.families[font])
    const look = `font-family="${family}" font-size="${num(size)}" fill="${this.o.css(color)}"${share}${direction}`
    return `<text x="${num(x)}" y="${num(y)}" ${look} style="white-space:pre;font-kerning:none">${escape(text)}</text>`
  }

  private image({ asset, box, crop, flip }: ImageItem, opacity: number): string {
    const found = this.o.image(asset)
    const [w, h] = [width(box), height(box)]
    if (w <= 0 || h <= 0) return ''
    if (!found) return this.path({ do: 'path', path: new Path().polyline(cornersOfBox(box), true), fill: PLACEHOLDER.color, alpha: PLACEHOLDER.alpha }, opacity)
    const [cx, cy, cw, ch] = crop ?? [0, 0, 1, 1]
    const view = `${num(cx * found.width)} ${num(cy * found.height)} ${num(cw * found.width)} ${num(ch * found.height)}`
    const picture = `<image width="${found.width}" height="${found.height}" href="${escape(found.href)}" preserveAspectRatio="none"/>`
    const inner = `<svg x="${num(-w / 2)}" y="${num(-h / 2)}" width="${num(w)}" height="${num(h)}" viewBox="${view}" preserveAspectRatio="none">${picture}</svg>`
    const share = opacity < 1 ? ` opacity="${num(opacity)}"` : ''
    const middle = `translate(${num(box.minX + w / 2)} ${num(box.minY + h / 2)})`
    return `<g transform="${middle} scale(${flip[0]} ${flip[1]})"${share}>${inner}</g>`
  }

  private clip(corners: readonly Point[]): string {
    const points = corners.map(({ x, y }) => `${num(x)},${num(y)}`).join(' ')
    const id = this.clips.get(points) ?? `clip${this.clips.size}`
    this.clips.set(points, id)
    return id
  }

  private defs(): string {
    if (this.clips.size === 0) return ''
    const clips = [...this.clips].map(([points, id]) => `<clipPath id="${id}"><polygon points="${points}"/></clipPath>`)
    return `<defs>${clips.join('')}</defs>`
  }

  private style(): string {
    const faces = [...(this.o.fonts ?? [])].map(([family, url]) => `@font-face{font-family:'${family}';src:url(${url})}`)
    return faces.length === 0 ? '' : `<style>${faces.join('')}</style>`
  }
}

/** The fonts that a drawing uses. */
export function fontsIn(shapes: Iterable<Drawn>): Set<FontName> {
  const fonts = new Set<FontName>()
  for (const { picture } of shapes) for (const item of picture) if (item.do === 'text') fonts.add(item.font)
  return fonts
}

/** The pictures that a drawing shows. */
export function imagesIn(shapes: Iterable<Drawn>, beneath: Beneath | undefined): Set<string> {
  const assets = new Set<string>(beneath ? [beneath.asset] : [])
  for (const { picture } of shapes) for (const item of picture) if (item.do === 'image') assets.add(item.asset)
  return assets
}

function pathData({ commands, coordinates }: Path): string {
  let text = ''
  let at = 0
  for (const command of commands) {
    const count = ARGUMENTS[command]
    text += command
    for (let i = 0; i < count; i++) text += (i > 0 ? ' ' : '') + num(coordinates[at + i]!)
    at += count
  }
  return text
}

/** Text as XML has it; characters that XML does not have are left out. */
export function escape(text: string): string {
   
  const clean = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '')
  return clean.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
}
