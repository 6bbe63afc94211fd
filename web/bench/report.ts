import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** One row of the table: what was measured, with which goal, of Easel and of Excalidraw. */
export interface Row {
  readonly work: string
  readonly unit: string
  readonly goal: string
  readonly easel: number
  readonly excalidraw?: number | undefined
}

const FILE = path.join(tmpdir(), `easel-bench-${process.ppid}.jsonl`)

/** Prints a row and keeps it for the table at the end. */
export function report(row: Row): void {
  console.log(`  ${row.work}: ${figure(row.easel)} ${row.unit} (goal ${row.goal})${row.excalidraw === undefined ? '' : `, Excalidraw ${figure(row.excalidraw)}`}`)
  appendFileSync(process.env.BENCH_ROWS ?? FILE, `${JSON.stringify(row)}\n`)
}

export function begin(): void {
  process.env.BENCH_ROWS = FILE
  rmSync(FILE, { force: true })
}

/**
 * The table of all rows; also as JSON where $BENCH_JSON says. Rows that are in that file already are replaced or
 * kept, so that a table can be measured row by row.
 */
export function end(): void {
  if (!existsSync(FILE)) return
  const measured = readFileSync(FILE, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Row)
  rmSync(FILE)
  const { BENCH_JSON: file } = process.env
  const rows = merged(file && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Row[]) : [], measured)
  console.log('\n| measured | unit | goal | Easel | Excalidraw | ratio |\n|---|---|---|---:|---:|---:|')
  for (const { work, unit, goal, easel, excalidraw } of rows) {
    const other = excalidraw === undefined ? ['–', '–'] : [figure(excalidraw), figure(ratio(easel, excalidraw))]
    console.log(`| ${work} | ${unit} | ${goal} | ${figure(easel)} | ${other.join(' | ')} |`)
  }
  if (file) writeFileSync(file, JSON.stringify(rows, null, 2))
}

/** The rows of old, those that were measured anew in their places; what is new at the end. */
function merged(old: readonly Row[], measured: readonly Row[]): Row[] {
  const anew = new Map(measured.map((row) => [row.work, row]))
  return [...new Map([...old.map((row) => [row.work, anew.get(row.work) ?? row] as const), ...anew]).values()]
}

/** Easel's figure as a multiple of Excalidraw's. */
function ratio(easel: number, excalidraw: number): number {
  return easel / excalidraw
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
