import type { Snapshot, WireRecord } from '../board/types'

/** How much text, in characters, is read at once; more is cut, at the end of a line. */
const MOST_TEXT = 96 << 10

const begun = new WeakMap<Response, () => Promise<Uint8Array | undefined>>()

/**
 * Gives the body of an answer piece by piece, then undefined. The piece after the one that was given is fetched
 * already, the first as soon as this is called; called again for the same answer it goes on.
 */
export function piecesOf(answer: Response): () => Promise<Uint8Array | undefined> {
  const known = begun.get(answer)
  if (known) return known
  const reader = answer.body?.getReader()
  const read = async () => (await reader?.read())?.value
  let ahead = read()
  const next = () => {
    const piece = ahead
    ahead = piece.then((value) => (value === undefined ? undefined : read()))
    // Whoever takes it hears of failure.
    ahead.catch(() => undefined)
    return piece
  }
  ahead.catch(() => undefined)
  begun.set(answer, next)
  return next
}

/**
 * Reads the text of a snapshot as it comes. Every record begins a line; a text in which they don't is read
 * too, at its end. Text that is no snapshot throws, at the latest there.
 */
export class SnapshotReader {
  private readonly all: WireRecord[] = []
  private seq: number | undefined
  /** What has come of the line that is not complete. */
  private rest = ''

  /** All of it, once all text has been taken. */
  end(): Snapshot {
    const { seq, records } = JSON.parse(this.seq === undefined ? this.rest : `{"seq":0,"records":[${this.rest}`) as { seq: unknown; records: unknown }
    const position = this.seq ?? seq
    if (!Number.isSafeInteger(position) || !Array.isArray(records)) throw new Error('no snapshot')
    this.keep(records as WireRecord[])
    return { seq: position as number, records: this.all }
  }

  /** Takes more of the text; yields the records that it completes, a few hundred at a time. */
  *take(text: string): Iterable<readonly WireRecord[]> {
    let from = 0
    for (let end = this.lineEnd(text, from); end >= 0; end = this.lineEnd(text, from)) {
      const lines = this.rest + text.slice(from, end)
      const records = this.seq === undefined ? this.readHead(lines) : readLines(lines)
      // A line that can't be read ends within a record, and is read with the next one.
      if (records === undefined) break
      this.rest = ''
      from = end + 1
      if (records.length > 0) yield this.keep(records)
    }
    this.rest += text.slice(from)
  }

  /** Where the lines of a text end that are read next; -1 when there is none. */
  private lineEnd(text: string, from: number): number {
    if (this.seq === undefined) return text.indexOf('\n', from)
    const last = text.lastIndexOf('\n', from + MOST_TEXT)
    return last >= from ? last : text.indexOf('\n', from)
  }

  private readHead(line: string): WireRecord[] | undefined {
    const head = parsed(`${line}]}`) as { seq?: unknown; records?: WireRecord[] } | undefined
    if (typeof head?.seq !== 'number' || !Array.isArray(head.records)) return undefined
    this.seq = head.seq
    return head.records
  }

  private keep(records: readonly WireRecord[]): readonly WireRecord[] {
    for (const record of records) this.all.push(record)
    return records
  }
}

/** After each record but the last there is a comma. */
function readLines(lines: string): WireRecord[] | undefined {
  return lines.endsWith(',') ? parsed(`[${lines.slice(0, -1)}]`) : undefined
}

function parsed(text: string): WireRecord[] | undefined {
  try {
    return JSON.parse(text) as WireRecord[]
  } catch {
    return undefined
  }
}
