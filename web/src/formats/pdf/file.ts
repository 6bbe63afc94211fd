import { join } from '../png'

const encoder = new TextEncoder()

/** A PDF file that is being written: numbered objects, then where each of them is. */
export class PdfFile {
  private readonly objects: (Uint8Array | undefined)[] = []

  /** The number of an object that is written later. */
  reserve(): number {
    return this.objects.push(undefined)
  }

  /** Writes an object: the text of a dictionary or another value. */
  write(text: string, number = this.reserve()): number {
    this.objects[number - 1] = encoder.encode(text)
    return number
  }

  /** Writes a stream, compressed; `dictionary` is what its dictionary has besides length and filter. */
  async stream(data: Uint8Array<ArrayBuffer> | string, dictionary = ''): Promise<number> {
    const bytes = await deflate(typeof data === 'string' ? encoder.encode(data) : data)
    return this.raw(bytes, `${dictionary} /Filter /FlateDecode`)
  }

  /** Writes a stream as it is. */
  raw(bytes: Uint8Array, dictionary: string): number {
    const head = encoder.encode(`<< ${dictionary} /Length ${bytes.length} >>\nstream\n`)
    return this.objects.push(join([head, bytes, encoder.encode('\nendstream')]))
  }

  /** The parts of the whole file. */
  finish(root: number, info: number): Uint8Array<ArrayBuffer>[] {
    // The second line tells transfer programs that the file is binary.
    const parts = [Uint8Array.from([...encoder.encode('%PDF-1.7\n%'), 0xe2, 0xe3, 0xcf, 0xd3, 10])]
    let at = parts[0]!.length
    const offsets: number[] = []
    this.objects.forEach((object, i) => {
      const part = join([encoder.encode(`${i + 1} 0 obj\n`), object ?? encoder.encode('null'), encoder.encode('\nendobj\n')])
      offsets.push(at)
      at += part.length
      parts.push(part)
    })
    const lines = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
    const size = offsets.length + 1
    const trailer = `trailer\n<< /Size ${size} /Root ${root} 0 R /Info ${info} 0 R >>\nstartxref\n${at}\n%%EOF\n`
    parts.push(encoder.encode(`xref\n0 ${size}\n0000000000 65535 f \n${lines}${trailer}`))
    return parts
  }
}

async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

/** A text outside of pages, in UTF-16 as hexadecimal digits. */
export function hexText(text: string): string {
  return `<FEFF${utf16(text)}>`
}

export function utf16(text: string): string {
  let hex = ''
  for (let i = 0; i < text.length; i++) hex += text.charCodeAt(i).toString(16).padStart(4, '0')
  return hex.toUpperCase()
}
