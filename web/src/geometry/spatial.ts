import RBush from 'rbush'
import type { Box } from './box'

/** Something that has a place. Its box must not change while it is in an index. */
export interface Placed {
  readonly box: Box
}

class Tree<T extends Placed> extends RBush<T> {
  override toBBox({ box }: T): Box {
    return box
  }

  override compareMinX(a: T, b: T): number {
    return a.box.minX - b.box.minX
  }

  override compareMinY(a: T, b: T): number {
    return a.box.minY - b.box.minY
  }
}

/** Finds what overlaps a box. */
export class SpatialIndex<T extends Placed> {
  private readonly tree = new Tree<T>()

  add(item: T): void {
    this.tree.insert(item)
  }

  /** Many at once, which is faster. */
  addAll(items: readonly T[]): void {
    this.tree.load(items)
  }

  remove(item: T): void {
    this.tree.remove(item)
  }

  /** In no particular order. */
  within(box: Box): T[] {
    return this.tree.search(box)
  }

  /** Whether anything overlaps a box. */
  hasWithin(box: Box): boolean {
    return this.tree.collides(box)
  }

  /** The box of everything; undefined when there is nothing. */
  bounds(): Box | undefined {
    const { minX, minY, maxX, maxY } = this.tree.toJSON() as Box
    return minX <= maxX ? { minX, minY, maxX, maxY } : undefined
  }
}
