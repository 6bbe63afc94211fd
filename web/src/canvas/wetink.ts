import { grow, overlaps, union, type Box } from '../geometry/box'
import { INK_REACH, NIB, Pressure, RUN_POINTS, type InkPoint } from '../geometry/ink'
import type { StrokePoint } from '../geometry/points'
import type { Brush } from '../shapes'
import { traceRun } from '../shapes/draw'
import { toPath2D } from '../shapes/paint'
import { Path } from '../shapes/picture'
import type { Sketch } from './sketches'

interface Run {
  readonly points: InkPoint[]
  path: Path2D | undefined
  box: Box | undefined
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

  constructor(
    readonly width: number,
    readonly opacity: number,
    readonly color: string,
  ) {
    this.pressure = new Pressure(width)
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
  paint({ pen, css }: Brush, area: Box): void {
    const path = new Path2D()
    for (const run of this.runs) {
      const box = this.boxOf(run)
      if (box && overlaps(box, area)) path.addPath(this.pathOf(run))
    }
    pen.globalAlpha = this.opacity
    pen.fillStyle = css(this.color)
    pen.fill(path)
  }

  private add(point: InkPoint): void {
    let run = this.runs.at(-1)
    if (!run || run.points.length === RUN_POINTS) {
      this.touch(run)
      const points = run ? [run.points.at(-1)!] : []
      run = { points, path: undefined, box: undefined }
      this.runs.push(run)
    }
    run.points.push(point)
    this.touch(run)
  }

  /** Adds the last run's place to what is dirty. */
  private soil(): void {
    const run = this.runs.at(-1)
    if (run) this.dirty = union(this.dirty, this.boxOf(run))
  }

  private touch(run: Run | undefined): void {
    if (!run) return
    run.path = undefined
    run.box = undefined
  }

  private pathOf(run: Run): Path2D {
    if (run.path) return run.path
    const path = new Path()
    traceRun(path, this.withTail(run), this.width, NIB)
    run.path = toPath2D(path)
    return run.path
  }

  private boxOf(run: Run): Box | undefined {
    if (run.box) return run.box
    let box: Box | undefined
    for (const [x, y] of this.withTail(run)) box = union(box, { minX: x, minY: y, maxX: x, maxY: y })
    run.box = box && grow(box, this.width * INK_REACH)
    return run.box
  }

  private withTail(run: Run): readonly InkPoint[] {
    if (run !== this.runs.at(-1) || this.tail.length === 0) return run.points
    const pressure = run.points.at(-1)?.[2] ?? 0.5
    return [...run.points, ...this.tail.map(({ x, y }): InkPoint => [x, y, pressure])]
  }
}
