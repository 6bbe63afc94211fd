import type { Patch } from '../board/types'
import { grow, overlaps, union, type Box } from '../geometry/box'
import { inkReach, Pressure, RUN_POINTS, type InkPoint, type Nib } from '../geometry/ink'
import { world, type World } from '../geometry/point'
import type { StrokePoint } from '../geometry/points'
import type { Brush } from '../shapes'
import { HIGHLIGHT_ALPHA, isHighlighter, nibOf, traceHighlight, traceRun } from '../shapes/draw'
import { toPath2D } from '../shapes/paint'
import { Path } from '../shapes/picture'
import { colorOf, opacityOf, widthOf } from '../shapes/shape'
import { strokeOf } from '../shapes/style'
import type { Sketch } from './sketches'
import { inClip } from './surface'

interface Run {
  readonly points: InkPoint[]
  path: Path2D | undefined
  /** Around the points. */
  around: Box | undefined
}

/**
 * A stroke that grows. Only its last run is traced anew when points are added, so that a long stroke
 * costs no more per frame than a short one. Looks as the stroke will when it is in the document.
 */
export class WetInk implements Sketch {
  private readonly runs: Run[] = []
  private readonly pressure: Pressure
  private tail: readonly StrokePoint[] = []
  private dirty: Box | undefined

  private readonly width: number
  private readonly nib: Nib
  /** Whether the line is as wide everywhere: a highlighter's, or dashed. */
  private readonly isPlain: boolean

  /** `style`: the properties of the stroke; `clip`: the corners of what is shown of it, if not all. */
  constructor(
    private readonly style: Patch,
    private readonly clip?: readonly World[],
  ) {
    this.width = widthOf(style)
    this.nib = nibOf(style)
    this.isPlain = isHighlighter(style) || strokeOf(style).dash !== undefined
    this.pressure = new Pressure(this.width)
  }

  /** Adds points in world units. */
  extend(points: readonly StrokePoint[]): void {
    this.soil()
    for (const point of points) this.add(this.pressure.next(point))
    this.soil()
  }

  /** Where the hand will probably be next: shown until the next call, never kept. */
  predict(tail: readonly StrokePoint[]): void {
    this.soil()
    this.tail = tail
    this.touch(this.runs.at(-1))
    this.soil()
  }

  /** Around all of the stroke; undefined while it has no points. */
  get box(): Box | undefined {
    return this.runs.reduce<Box | undefined>((box, run) => union(box, this.boxOf(run)), undefined)
  }

  /** Where the stroke looks different since the last call. */
  takeDirty(): Box | undefined {
    const { dirty } = this
    this.dirty = undefined
    return dirty
  }

  /** Paints the runs that overlap `area`. */
  paint(brush: Brush, area: Box): void {
    inClip(brush.pen, this.clip, () => (this.isPlain ? this.paintLine(brush) : this.paintRuns(brush, area)))
  }

  private paintRuns({ pen, css }: Brush, area: Box): void {
    const path = new Path2D()
    for (const run of this.runs) {
      const box = this.boxOf(run)
      if (box && overlaps(box, area)) path.addPath(this.pathOf(run))
    }
    pen.globalAlpha = opacityOf(this.style)
    pen.fillStyle = css(colorOf(this.style))
    pen.fill(path)
  }

  private paintLine({ pen, css }: Brush): void {
    const points = [...this.runs.slice(0, -1).flatMap((run) => run.points.slice(0, -1)), ...this.runs.slice(-1).flatMap((run) => this.withTail(run))]
    const highlights = isHighlighter(this.style)
    const path = new Path()
    if (highlights) traceHighlight(path, points.map(([x, y]) => [x, y] as const), this.width)
    else path.polyline(points.map(([x, y]) => world(x, y)))
    pen.globalAlpha = opacityOf(this.style) * (highlights ? HIGHLIGHT_ALPHA : 1)
    pen.strokeStyle = css(colorOf(this.style))
    pen.lineWidth = this.width
    pen.lineCap = highlights ? 'butt' : 'round'
    pen.lineJoin = 'round'
    pen.setLineDash([...(highlights ? [] : (strokeOf(this.style).dash ?? []))])
    pen.stroke(toPath2D(path))
    pen.setLineDash([])
  }

  private add(point: InkPoint): void {
    let run = this.runs.at(-1)
    if (!run || run.points.length === RUN_POINTS) {
      this.touch(run)
      const points = run ? [run.points.at(-1)!] : []
      run = { points, path: undefined, around: undefined }
      for (const [x, y] of points) run.around = dot(x, y)
      this.runs.push(run)
    }
    run.points.push(point)
    run.around = union(run.around, dot(point[0], point[1]))
    this.touch(run)
  }

  /** Adds the last run's place to what is dirty. */
  private soil(): void {
    const run = this.runs.at(-1)
    if (run) this.dirty = union(this.dirty, this.boxOf(run))
  }

  private touch(run: Run | undefined): void {
    if (run) run.path = undefined
  }

  private pathOf(run: Run): Path2D {
    if (run.path) return run.path
    const path = new Path()
    traceRun(path, this.withTail(run), this.width, this.nib)
    run.path = toPath2D(path)
    return run.path
  }

  private boxOf(run: Run): Box | undefined {
    let box = run.around
    if (run === this.runs.at(-1)) for (const { x, y } of this.tail) box = union(box, dot(x, y))
    return box && grow(box, this.width * inkReach(this.nib))
  }

  private withTail(run: Run): readonly InkPoint[] {
    if (run !== this.runs.at(-1) || this.tail.length === 0) return run.points
    const pressure = run.points.at(-1)?.[2] ?? 0.5
    return [...run.points, ...this.tail.map(({ x, y }): InkPoint => [x, y, pressure])]
  }
}

function dot(x: number, y: number): Box {
  return { minX: x, minY: y, maxX: x, maxY: y }
}
