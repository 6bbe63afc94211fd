import type { PdfFile } from './file'
import { utf16 } from './file'
import { TrueType } from './truetype'

/** A font as pages use it: notes which characters they need, and is written when all pages are. */
export class PdfFont {
  private readonly font: TrueType
  private readonly used = new Map<number, number>()
  readonly number: number

  constructor(
    private readonly file: PdfFile,
    /** What the PDF calls the font. */
    private readonly name: string,
    bytes: Uint8Array,
  ) {
    this.font = new TrueType(bytes)
    this.number = file.reserve()
  }

  /** Whether the font has every character of a text. */
  has(text: string): boolean {
    return [...text].every((char) => this.font.glyph(char.codePointAt(0)!) !== 0)
  }

  /** A text as a page shows it: the numbers of its glyphs. */
  show(text: string): string {
    let hex = ''
    for (const char of text) {
      const code = char.codePointAt(0)!
      const glyph = this.font.glyph(code)
      this.used.set(glyph, code)
      hex += glyph.toString(16).padStart(4, '0')
    }
    return `<${hex}>`
  }

  /** How wide a character is, in ems. */
  width(char: string): number {
    return this.font.width(this.font.glyph(char.codePointAt(0)!)) / 1000
  }

  async finish(): Promise<void> {
    const { file, font, name } = this
    const program = font.subset(this.used.keys())
    const program_ = await file.stream(program, `/Length1 ${program.length}`)
    const em = (units: number) => Math.round((units * 1000) / font.unitsPerEm)
    const subset = `EASEL${String.fromCharCode(65 + (name.length % 26))}+${name}`
    const descriptor = file.write(
      `<< /Type /FontDescriptor /FontName /${subset} /Flags 4 /FontBBox [${font.box.map(em).join(' ')}] /ItalicAngle 0 ` +
        `/Ascent ${em(font.ascent)} /Descent ${em(font.descent)} /CapHeight ${em(font.ascent)} /StemV 80 /FontFile2 ${program_} 0 R >>`,
    )
    const widths = [...this.used.keys()].sort((a, b) => a - b).map((glyph) => `${glyph} [${Math.round(font.width(glyph))}]`)
    const descendant = file.write(
      `<< /Type /Font /Subtype /CIDFontType2 /BaseFont /${subset} /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> ` +
        `/FontDescriptor ${descriptor} 0 R /CIDToGIDMap /Identity /DW 1000 /W [${widths.join(' ')}] >>`,
    )
    const unicode = await file.stream(this.toUnicode())
    const font_ = `<< /Type /Font /Subtype /Type0 /BaseFont /${subset} /Encoding /Identity-H /DescendantFonts [${descendant} 0 R] /ToUnicode ${unicode} 0 R >>`
    file.write(font_, this.number)
  }

  /** What text the glyphs stand for, for search and copying. */
  private toUnicode(): string {
    const lines = [...this.used].map(([glyph, code]) => `<${glyph.toString(16).padStart(4, '0')}> <${utf16(String.fromCodePoint(code))}>`)
    const blocks: string[] = []
    for (let i = 0; i < lines.length; i += 100) {
      const block = lines.slice(i, i + 100)
      blocks.push(`${block.length} beginbfchar\n${block.join('\n')}\nendbfchar`)
    }
    return [
      '/CIDInit /ProcSet findresource begin 12 dict begin begincmap',
      '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def',
      '/CMapName /Adobe-Identity-UCS def /CMapType 2 def',
      '1 begincodespacerange <0000> <FFFF> endcodespacerange',
      ...blocks,
      'endcmap CMapName currentdict /CMap defineresource pop end end',
    ].join('\n')
  }
}
