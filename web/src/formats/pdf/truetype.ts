/** Reads of a TrueType font what a PDF needs: widths, glyphs of characters, and a font with only those glyphs. */
export class TrueType {
  readonly unitsPerEm: number
  readonly ascent: number
  readonly descent: number
  readonly box: readonly number[]
  readonly glyphCount: number
  private readonly view: DataView
  private readonly tables = new Map<string, { readonly at: number; readonly length: number }>()
  private glyphs: ((code: number) => number) | undefined
  private readonly longWidths: number
  private readonly longOffsets: boolean

  /** Throws a RangeError if the font is cut off, an Error if it lacks a table. */
  constructor(private readonly bytes: Uint8Array) {
    const view = (this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    const count = view.getUint16(4)
    for (let i = 0; i < count; i++) {
      const at = 12 + 16 * i
      this.tables.set(this.tag(at), { at: view.getUint32(at + 8), length: view.getUint32(at + 12) })
    }
    const head = this.table('head').at
    this.unitsPerEm = view.getUint16(head + 18)
    this.box = [36, 38, 40, 42].map((at) => view.getInt16(head + at))
    this.longOffsets = view.getInt16(head + 50) === 1
    const hhea = this.table('hhea').at
    this.ascent = view.getInt16(hhea + 4)
    this.descent = view.getInt16(hhea + 6)
    this.longWidths = view.getUint16(hhea + 34)
    this.glyphCount = view.getUint16(this.table('maxp').at + 4)
  }

  /** The glyph of a character; 0 = the font has none. */
  glyph(code: number): number {
    this.glyphs ??= this.characterMap()
    return this.glyphs(code)
  }

  /** In thousandths of an em. */
  width(glyph: number): number {
    const at = this.table('hmtx').at + 4 * Math.min(glyph, this.longWidths - 1)
    return (this.view.getUint16(at) * 1000) / this.unitsPerEm
  }

  /** A font whose glyphs keep their numbers but of which only these have outlines. */
  subset(glyphs: Iterable<number>): Uint8Array<ArrayBuffer> {
    const kept = this.withParts(glyphs)
    const outlines: Uint8Array[] = []
    const loca = new Uint8Array(4 * (this.glyphCount + 1))
    const offsets = new DataView(loca.buffer)
    let at = 0
    for (let glyph = 0; glyph < this.glyphCount; glyph++) {
      offsets.setUint32(4 * glyph, at)
      if (!kept.has(glyph)) continue
      const outline = this.outline(glyph)
      const padded = new Uint8Array((outline.length + 3) & ~3)
      padded.set(outline)
      outlines.push(padded)
      at += padded.length
    }
    offsets.setUint32(4 * this.glyphCount, at)
    const glyf = new Uint8Array(at)
    let to = 0
    for (const outline of outlines) {
      glyf.set(outline, to)
      to += outline.length
    }
    return assemble([...this.copied(), ['glyf', glyf], ['loca', loca]])
  }

  private *copied(): Iterable<[string, Uint8Array]> {
    for (const tag of ['cvt ', 'fpgm', 'head', 'hhea', 'hmtx', 'maxp', 'prep']) {
      const table = this.tables.get(tag)
      if (!table) continue
      const data = this.bytes.slice(table.at, table.at + table.length)
      if (tag === 'head') new DataView(data.buffer).setInt16(50, 1)
      yield [tag, data]
    }
  }

  /** Glyphs may be made of others. */
  private withParts(glyphs: Iterable<number>): Set<number> {
    const kept = new Set([0])
    const queue = [...glyphs]
    for (let glyph = queue.pop(); glyph !== undefined; glyph = queue.pop()) {
      if (kept.has(glyph) && glyph !== 0) continue
      kept.add(glyph)
      queue.push(...this.parts(glyph).filter((part) => !kept.has(part)))
    }
    return kept
  }

  private parts(glyph: number): number[] {
    const outline = this.outline(glyph)
    const view = new DataView(outline.buffer, outline.byteOffset, outline.byteLength)
    if (outline.length < 10 || view.getInt16(0) >= 0) return []
    const parts: number[] = []
    for (let at = 10, more = true; more; ) {
      const flags = view.getUint16(at)
      parts.push(view.getUint16(at + 2))
      at += 4 + (flags & 1 ? 4 : 2) + (flags & 8 ? 2 : flags & 0x40 ? 4 : flags & 0x80 ? 8 : 0)
      more = (flags & 0x20) !== 0
    }
    return parts
  }

  private outline(glyph: number): Uint8Array {
    const loca = this.table('loca').at
    const { at } = this.table('glyf')
    const offset = (n: number) => (this.longOffsets ? this.view.getUint32(loca + 4 * n) : 2 * this.view.getUint16(loca + 2 * n))
    return this.bytes.subarray(at + offset(glyph), at + offset(glyph + 1))
  }

  private table(tag: string): { readonly at: number; readonly length: number } {
    const table = this.tables.get(tag)
    if (!table) throw new Error(`the font has no table ${tag}`)
    return table
  }

  private tag(at: number): string {
    return String.fromCharCode(...this.bytes.subarray(at, at + 4))
  }

  /** The Unicode map of the font: format 12, else format 4. */
  private characterMap(): (code: number) => number {
    const { view } = this
    const { at } = this.table('cmap')
    const count = view.getUint16(at + 2)
    const maps = Array.from({ length: count }, (_, i) => at + view.getUint32(at + 8 + 8 * i))
    const long = maps.find((map) => view.getUint16(map) === 12)
    const short = maps.find((map) => view.getUint16(map) === 4)
    if (long !== undefined) return (code) => longGlyph(view, long, code)
    if (short !== undefined) return (code) => shortGlyph(view, short, code)
    throw new Error('the font has no map of characters')
  }
}

function longGlyph(view: DataView, at: number, code: number): number {
  const groups = view.getUint32(at + 12)
  for (let i = 0; i < groups; i++) {
    const group = at + 16 + 12 * i
    if (code > view.getUint32(group + 4)) continue
    return code >= view.getUint32(group) ? view.getUint32(group + 8) + code - view.getUint32(group) : 0
  }
  return 0
}

function shortGlyph(view: DataView, at: number, code: number): number {
  const twice = view.getUint16(at + 6)
  for (let i = 0; i < twice; i += 2) {
    if (code > view.getUint16(at + 14 + i)) continue
    const start = view.getUint16(at + 16 + twice + i)
    if (code < start) return 0
    const delta = view.getUint16(at + 16 + 2 * twice + i)
    const range = at + 16 + 3 * twice + i
    const offset = view.getUint16(range)
    if (offset === 0) return (code + delta) & 0xffff
    const glyph = view.getUint16(range + offset + 2 * (code - start))
    return glyph === 0 ? 0 : (glyph + delta) & 0xffff
  }
  return 0
}

function assemble(tables: [string, Uint8Array][]): Uint8Array<ArrayBuffer> {
  tables.sort(([a], [b]) => (a < b ? -1 : 1))
  const start = 12 + 16 * tables.length
  const size = tables.reduce((sum, [, { length }]) => sum + ((length + 3) & ~3), start)
  const font = new Uint8Array(size)
  const view = new DataView(font.buffer)
  const power = 2 ** Math.floor(Math.log2(tables.length))
  view.setUint32(0, 0x00010000)
  view.setUint16(4, tables.length)
  view.setUint16(6, 16 * power)
  view.setUint16(8, Math.log2(power))
  view.setUint16(10, 16 * (tables.length - power))
  let at = start
  for (const [i, [tag, data]] of tables.entries()) {
    const entry = 12 + 16 * i
    for (let c = 0; c < 4; c++) font[entry + c] = tag.charCodeAt(c)
    font.set(data, at)
    const padded = (data.length + 3) & ~3
    view.setUint32(entry + 4, checksum(view, at, padded))
    view.setUint32(entry + 8, at)
    view.setUint32(entry + 12, data.length)
    at += padded
  }
  return font
}

function checksum(view: DataView, at: number, length: number): number {
  let sum = 0
  for (let i = 0; i < length; i += 4) sum = (sum + view.getUint32(at + i)) >>> 0
  return sum
}
