import RBush from 'rbush'
import type { Box } from './box'

/** Something that has a place. Its box must not change while it is in an index. */
export interface Placed {
  readonly box: Box
}

/** How many things a node of the tree has at most. */
const MOST = 9

/** A node of the tree, as RBush has it. */
interface Node<T> extends Box {
  readonly children: (T | Node<T>)[]
  readonly height: number
  readonly leaf: boolean
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
  private readonly tree = new Tree<T>(MOST)

  add(item: T): void {
    this.tree.insert(item)
  }

  /** Many at once, which is faster, and fastest into an empty index. */
  addAll(items: readonly T[]): void {
    if (!this.bounds() && items.length > MOST) this.tree.fromJSON(pack(items))
    else this.tree.load(items)
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

/** A full tree of many things. */
function pack<T extends Placed>(items: readonly T[]): Node<T> {
  let level: Node<T>[] = neighbours(items, ({ box }) => box).map((children) => nodeOf(children, ({ box }) => box, 1))
  for (let height = 2; level.length > 1; height++) {
    level = neighbours(level, (node) => node).map((children) => nodeOf(children, (node) => node, height))
  }
  return level[0]!
}

function nodeOf<T, C extends T | Node<T>>(children: C[], boxOf: (child: C) => Box, height: number): Node<T> {
  const { minX, minY, maxX, maxY } = around(children, boxOf)
  return { children, height, leaf: height === 1, minX, minY, maxX, maxY }
}

/** Things that are near each other, in groups: as many columns as rows, more or less. */
function neighbours<C>(things: readonly C[], boxOf: (thing: C) => Box): C[][] {
  const groups: C[][] = []
  const columns = Math.ceil(Math.sqrt(things.length / MOST))
  const column = MOST * Math.ceil(things.length / MOST / columns)
  const byX = sorted(things, (thing) => middleX(boxOf(thing)))
  for (let from = 0; from < byX.length; from += column) {
    const byY = sorted(byX.slice(from, from + column), (thing) => middleY(boxOf(thing)))
    for (let i = 0; i < byY.length; i += MOST) groups.push(byY.slice(i, i + MOST))
  }
  return groups
}

/**
 * In the order of their places along an axis, as far as these differ in 32 bits that they share with the things'
 * numbers: numbers are sorted many times as fast as things.
 */
function sorted<C>(things: readonly C[], placeOf: (thing: C) => number): C[] {
  const { length } = things
  const places = new Float64Array(length)
  let [min, max] = [Infinity, -Infinity]
  for (let i = 0; i < length; i++) {
    const place = (places[i] = placeOf(things[i]!))
    if (place < min) min = place
    if (place > max) max = place
  }
  const bits = 32 - Math.clz32(length)
  const by = (2 ** (32 - bits) - 1) / Math.max(max - min, 1e-9)
  const keys = new Uint32Array(length)
  for (let i = 0; i < length; i++) keys[i] = (((places[i]! - min) * by) << bits) | i
  keys.sort()
  const result: C[] = []
  for (let i = 0; i < length; i++) result.push(things[keys[i]! & (2 ** bits - 1)]!)
  return result
}

const middleX = ({ minX, maxX }: Box): number => (minX + maxX) / 2
const middleY = ({ minY, maxY }: Box): number => (minY + maxY) / 2

function around<C>(children: readonly C[], boxOf: (child: C) => Box): Box {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const child of children) {
    const box = boxOf(child)
    if (box.minX < minX) minX = box.minX
    if (box.minY < minY) minY = box.minY
    if (box.maxX > maxX) maxX = box.maxX
    if (box.maxY > maxY) maxY = box.maxY
  }
  return { minX, minY, maxX, maxY }
}
