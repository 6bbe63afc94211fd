import { height, width, union, type Box } from '../geometry/box'
import { extentOf } from '../shapes/transform'
import { resolved } from './bindings'
import { NOTHING, working, type Action, type Desk, type Edit, type Piece } from './desk'
import { unitsOf } from './groups'
import { moving } from './moving'

/** A group or a shape by itself, and where it is, turned as it is, the width of its lines left out. */
interface Unit {
  readonly pieces: readonly Piece[]
  readonly box: Box
}

type Way = readonly [dx: number, dy: number]

export const alignLeft = align((unit, all) => [all.minX - unit.minX, 0])
export const alignRight = align((unit, all) => [all.maxX - unit.maxX, 0])
export const alignTop = align((unit, all) => [0, all.minY - unit.minY])
export const alignBottom = align((unit, all) => [0, all.maxY - unit.maxY])
/** Puts the middles above one another. */
export const alignCenter = align((unit, all) => [(all.minX + all.maxX - unit.minX - unit.maxX) / 2, 0])
/** Puts the middles beside one another. */
export const alignMiddle = align((unit, all) => [0, (all.minY + all.maxY - unit.minY - unit.maxY) / 2])

/** Leaves gaps of equal width between units; the outermost stay. */
export const distributeHorizontally = distribute({ from: (box) => box.minX, length: width, way: (d) => [d, 0] })
export const distributeVertically = distribute({ from: (box) => box.minY, length: height, way: (d) => [0, d] })

function align(way: (unit: Box, all: Box) => Way): Action {
  return (desk) => {
    const { units, locked } = unitsFor(desk)
    const all = units.map(({ box }) => box).reduce<Box | undefined>(union, undefined)
    if (units.length < 2 || !all) return { ...NOTHING, locked }
    return { edits: movingUnits(desk, units, (unit) => way(unit.box, all)), locked }
  }
}

interface Axis {
  from(box: Box): number
  length(box: Box): number
  way(d: number): Way
}

function distribute({ from, length, way }: Axis): Action {
  return (desk) => {
    const { units, locked } = unitsFor(desk)
    if (units.length < 3) return { ...NOTHING, locked }
    const middle = ({ box }: Unit) => from(box) + length(box) / 2
    const sorted = [...units].sort((a, b) => middle(a) - middle(b))
    const [first, last] = [sorted[0]!, sorted.at(-1)!]
    const inner = sorted.slice(1, -1).reduce((sum, { box }) => sum + length(box), 0)
    const gap = (from(last.box) - from(first.box) - length(first.box) - inner) / (sorted.length - 1)
    const step = (middle(last) - middle(first)) / (sorted.length - 1)
    const ways = new Map<Unit, Way>()
    let at = from(first.box) + length(first.box)
    sorted.slice(1, -1).forEach((unit, i) => {
      // Where there is no room for gaps the middles keep equal distances.
      const to = gap >= 0 ? at + gap : middle(first) + step * (i + 1) - length(unit.box) / 2
      ways.set(unit, way(to - from(unit.box)))
      at += gap + length(unit.box)
    })
    return { edits: movingUnits(desk, [...ways.keys()], (unit) => ways.get(unit)!), locked }
  }
}

function unitsFor(desk: Desk): { units: Unit[]; locked: number } {
  const { free, locked } = working(desk)
  const units: Unit[] = []
  for (const pieces of unitsOf(desk, free)) {
    const box = extentOf(pieces.map(({ id }) => resolved(desk, id)))
    if (box) units.push({ pieces, box })
  }
  return { units, locked }
}

function movingUnits(desk: Desk, units: readonly Unit[], way: (unit: Unit) => Way): Edit[] {
  const ways = new Map<Piece, Way>()
  for (const unit of units) for (const piece of unit.pieces) ways.set(piece, way(unit))
  return moving(desk, [...ways.keys()], (piece) => ways.get(piece)!)
}
