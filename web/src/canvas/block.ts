import { contains, grow, height, union, width, type Box } from '../geometry/box'
import type { Brush } from '../shapes'
import { shifted, type MovedSketch, type Sketch } from './sketches'
import { penOf, project } from './surface'

/** The most pixels of a side of a bitmap. */
const MOST_SIDE = 4096

/** Many shapes that move alike: painted once on a bitmap, which then moves. */
export class Block implements Sketch {
  private canvas: HTMLCanvasElement | undefined
  /** What the bitmap shows, where the shapes came from. */
  private region: Box | undefined
  private scale = 0
  private shift: readonly [number, number] = [0, 0]
  private dirty: Box | undefined
  private readonly around: Box

  constructor(private readonly parts: readonly MovedSketch[]) {
    this.around = parts.reduce<Box | undefined>((box, { shape }) => union(box, shape.box), undefined)!
  }

  get box(): Box {
    return shifted(this.around, this.shift)
  }

  isOf(parts: readonly MovedSketch[]): boolean {
    return parts.length === this.parts.length && parts.every(({ shape }, i) => shape === this.parts[i]!.shape)
  }

  place(shift: readonly [number, number]): void {
    if (shift[0] === this.shift[0] && shift[1] === this.shift[1]) return
    const before = this.box
    this.shift = shift
    this.dirty = union(this.dirty, union(before, this.box))
  }

  takeDirty(): Box | undefined {
    const { dirty } = this
    this.dirty = undefined
    return dirty
  }

  paint(brush: Brush, area: Box): void {
    const [dx, dy] = this.shift
    const wanted = shifted(area, [-dx, -dy])
    const { canvas, region } = this.covering(wanted, brush)
    const { pen } = brush
    pen.globalAlpha = 1
    pen.drawImage(canvas, region.minX + dx, region.minY + dy, width(region), height(region))
  }

  /** The bitmap, painted anew if it does not show all that is wanted, or not as sharp. */
  private covering(wanted: Box, brush: Brush): { canvas: HTMLCanvasElement; region: Box } {
    const { canvas, region, scale } = this
    if (canvas && region && scale === brush.scale && contains(region, within(wanted, this.around))) return { canvas, region }
    return this.render(within(grow(wanted, Math.max(width(wanted), height(wanted)) / 2), this.around), brush)
  }

  private render(region: Box, brush: Brush): { canvas: HTMLCanvasElement; region: Box } {
    const scale = Math.min(brush.scale, MOST_SIDE / Math.max(width(region), height(region), 1e-9))
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.ceil(width(region) * scale))
    canvas.height = Math.max(1, Math.ceil(height(region) * scale))
    const pen = penOf(canvas)
    project(pen, { x: region.minX, y: region.minY, scale })
    const whole = { minX: region.minX, minY: region.minY, maxX: region.minX + canvas.width / scale, maxY: region.minY + canvas.height / scale }
    for (const part of this.parts) part.paintAtHome({ ...brush, pen, scale }, whole)
    Object.assign(this, { canvas, region: whole, scale: brush.scale })
    return { canvas, region: whole }
  }
}

/** Puts together what moves alike, if there is enough of it; blocks of the same shapes are used again. */
export function inBlocks(sketches: readonly Sketch[], least: number, known: readonly Block[]): { blocks: Block[]; rest: Sketch[] } {
  const rest: Sketch[] = []
  const groups = new Map<string, MovedSketch[]>()
  for (const sketch of sketches) {
    const { shift } = sketch as Partial<MovedSketch>
    const group = shift && groups.get(String(shift))
    if (!shift) rest.push(sketch)
    else if (group) group.push(sketch as MovedSketch)
    else groups.set(String(shift), [sketch as MovedSketch])
  }
  const blocks: Block[] = []
  for (const parts of groups.values()) {
    if (parts.length < least) {
      rest.push(...parts)
      continue
    }
    const block = known.find((one) => one.isOf(parts)) ?? new Block(parts)
    block.place(parts[0]!.shift)
    blocks.push(block)
  }
  return { blocks, rest }
}

/** The part of a box that is in another one; at least a point of it. */
function within(box: Box, outer: Box): Box {
  const minX = Math.min(Math.max(box.minX, outer.minX), outer.maxX)
  const minY = Math.min(Math.max(box.minY, outer.minY), outer.maxY)
  return { minX, minY, maxX: Math.max(minX, Math.min(box.maxX, outer.maxX)), maxY: Math.max(minY, Math.min(box.maxY, outer.maxY)) }
}
