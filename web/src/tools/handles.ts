import { height, union, width, type Box } from '../geometry/box'
import { around, centreOf, isInside, placeIn, turn, type OrientedBox } from '../geometry/oriented'
import { distance, world, type World } from '../geometry/point'
import type { Shape } from '../shapes'
import { routePoints } from '../shapes/route'
import { isPath, pathOf } from '../shapes/transform'
import type { Pointer } from './tool'

/** The eight handles of a box, clockwise from its first corner. */
export const SIDES = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'] as const
export type Side = (typeof SIDES)[number]

/** What can be dragged of a selection. */
export type Handle =
  | { readonly name: Side | 'rotate'; readonly at: World; readonly cursor: string }
  /** A point of a line: an end or a bend. */
  | { readonly name: 'point'; readonly index: number; readonly at: World; readonly cursor: string }
  /** The middle of the piece after point `index`, where a new bend can be made. */
  | { readonly name: 'middle'; readonly index: number; readonly at: World; readonly cursor: string }
  /** The middle of the piece of an elbow route after its point `index`: it can be moved sideways. */
  | { readonly name: 'piece'; readonly index: number; readonly at: World; readonly cursor: string }

/** How large handles are shown, in pixels, and how near counts as on them. */
export const HANDLE_SIZE: { readonly [pointer in Pointer]: number } = { mouse: 12, pen: 12, touch: 20 }
const REACH: { readonly [pointer in Pointer]: number } = { mouse: 9, pen: 12, touch: 22 }
/** How far above the box the handle is that turns it, in pixels. */
const ROTATE_AWAY: { readonly [pointer in Pointer]: number } = { mouse: 24, pen: 28, touch: 44 }

/** Handles of a box that looks smaller than this many handles stand around it, not on it. */
const LEAST_BOX = 3
/** A side shorter than this many handles, or a piece of a line, has no handle in its middle. */
const LEAST_SIDE = 4
/** A line with more points than this has no handles between them. */
const MOST_MIDDLES = 60

/** Where each side's handle is, in shares of the box. */
export const PLACES: { readonly [side in Side]: readonly [u: number, v: number] } = {
  ...{ nw: [0, 0], n: [0.5, 0], ne: [1, 0], e: [1, 0.5] },
  ...{ se: [1, 1], s: [0.5, 1], sw: [0, 1], w: [0, 0.5] },
}

/** The box that a selection is resized by: a single shape's own, turned with it, or one around all. */
export function selectionBox(shapes: readonly Shape[]): OrientedBox | undefined {
  const [only] = shapes
  if (only && shapes.length === 1 && !isPath(only.props)) return placeOf(only)
  const box = boundsOf(shapes)
  return box && { box, rotation: 0 }
}

/** Whether a selection is one line or arrow, which is changed by its points. */
export function isSinglePath(shapes: readonly Shape[]): boolean {
  return shapes.length === 1 && isPath(shapes[0]!.props)
}

/** The handles of a selection, those on top last. Locked shapes have none. */
export function handlesOf(shapes: readonly Shape[], zoom: number, pointer: Pointer): readonly Handle[] {
  if (shapes.length === 0 || shapes.some(({ props }) => props['locked'] === true)) return []
  if (isSinglePath(shapes)) return pathHandles(shapes[0]!, zoom, pointer)
  const box = selectionBox(shapes)
  return box ? boxHandles(shapes, box, zoom, pointer) : []
}

/** The handle at a point: the nearest within reach. */
export function handleAt(handles: readonly Handle[], at: World, zoom: number, pointer: Pointer): Handle | undefined {
  let best: Handle | undefined
  let least = REACH[pointer] / zoom
  for (const handle of handles) {
    const away = distance(handle.at, at)
    if (away > least) continue
    best = handle
    least = away
  }
  return best
}

/** Whether a point is within a selection's box, where dragging moves the selection. */
export function isOnSelection(shapes: readonly Shape[], at: World): boolean {
  if (isSinglePath(shapes) || (shapes.length === 1 && shapes[0]!.props['kind'] === 'frame')) return false
  const box = selectionBox(shapes)
  return box !== undefined && isInside(box, at)
}

/** Where a shape is on the plane, its line's width not included. */
export function placeOf({ frame, rotation }: Shape): OrientedBox {
  return { box: frame, rotation }
}

/** The upright box around shapes; undefined for none. */
export function boundsOf(shapes: readonly Shape[]): Box | undefined {
  let box: Box | undefined
  for (const shape of shapes) box = union(box, around(placeOf(shape)))
  return box
}

function boxHandles(shapes: readonly Shape[], { box, rotation }: OrientedBox, zoom: number, pointer: Pointer): Handle[] {
  const size = HANDLE_SIZE[pointer] / zoom
  const shown = { box: atLeast(box, LEAST_BOX * size), rotation }
  const handles: Handle[] = []
  if (mayTurn(shapes)) handles.push(rotateHandle(shown, ROTATE_AWAY[pointer] / zoom))
  for (const side of SIDES) {
    if (!hasSide(side, shapes, shown.box, LEAST_SIDE * size)) continue
    handles.push({ name: side, at: placeIn(shown, ...PLACES[side]), cursor: resizeCursor(side, rotation) })
  }
  return handles
}

function rotateHandle(shown: OrientedBox, away: number): Handle {
  const top = world((shown.box.minX + shown.box.maxX) / 2, shown.box.minY - away)
  return { name: 'rotate', at: turn(top, centreOf(shown.box), shown.rotation), cursor: 'grab' }
}

function hasSide(side: Side, shapes: readonly Shape[], box: Box, least: number): boolean {
  if (side.length === 2) return true
  const isFlat = side === 'n' || side === 's'
  // Text is as high as its lines; how wide it is, one may say, however low it is.
  if (shapes.every(({ props }) => props['kind'] === 'text')) return !isFlat
  return (isFlat ? width(box) : height(box)) >= least
}

/** Frames stay upright. */
function mayTurn(shapes: readonly Shape[]): boolean {
  return shapes.every(({ props }) => props['kind'] !== 'frame')
}

function pathHandles(shape: Shape, zoom: number, pointer: Pointer): Handle[] {
  const points = pointsOnPlane(shape)
  const least = (LEAST_SIDE * HANDLE_SIZE[pointer]) / zoom
  const handleOf = (at: World, index: number): Handle => ({ name: 'point', index, at, cursor: 'move' })
  if (isRightAngled(shape)) {
    const ends = points.flatMap((at, index) => (index === 0 || index === points.length - 1 ? [handleOf(at, index)] : []))
    return [...pieceHandles(shape, least / 2), ...ends]
  }
  const middles = points.length > MOST_MIDDLES || shape.props['route'] === 'elbow' ? [] : piecesOf(points, least).map(({ index, at }): Handle => ({ name: 'middle', index, at, cursor: 'copy' }))
  return [...middles, ...points.map(handleOf)]
}

/** Whether a line has nothing but level and upright pieces. */
function isRightAngled({ props, rotation }: Shape): boolean {
  return props['route'] === 'elbow' && props['closed'] !== true && rotation === 0
}

/** Pieces that lead to a shape keep to it; all others can be moved. */
function pieceHandles({ props }: Shape, least: number): Handle[] {
  const points = routePoints(props)
  const last = points.length - 2
  return piecesOf(points, least)
    .filter(({ index }) => !(index === 0 && props['startbind']) && !(index === last && props['endbind']))
    .map(({ index, at }) => ({ name: 'piece', index, at, cursor: isUpright(points, index) ? 'ew-resize' : 'ns-resize' }))
}

/** Whether the piece after a point of an elbow route is upright. */
export function isUpright(points: readonly World[], index: number): boolean {
  const [a, b] = [points[index]!, points[index + 1]!]
  return Math.abs(a.x - b.x) < Math.abs(a.y - b.y)
}

/** The middles of the pieces between points that are not too short. */
function piecesOf(points: readonly World[], least: number): { readonly index: number; readonly at: World }[] {
  return points.slice(1).flatMap((b, index) => {
    const a = points[index]!
    return distance(a, b) < least ? [] : [{ index, at: world((a.x + b.x) / 2, (a.y + b.y) / 2) }]
  })
}

/** The points of a line where they are seen. */
export function pointsOnPlane({ props, frame, rotation }: Shape): readonly World[] {
  const points = pathOf(props)
  if (rotation === 0) return points
  const about = centreOf(frame)
  return points.map((p) => turn(p, about, rotation))
}

function atLeast(box: Box, least: number): Box {
  const x = Math.max(0, least - width(box)) / 2
  const y = Math.max(0, least - height(box)) / 2
  return { minX: box.minX - x, minY: box.minY - y, maxX: box.maxX + x, maxY: box.maxY + y }
}

const RESIZE_CURSORS = ['nwse-resize', 'ns-resize', 'nesw-resize', 'ew-resize'] as const

/** The cursor of a side's handle, turned with the box. */
function resizeCursor(side: Side, rotation: number): string {
  const eighths = Math.round(rotation / (Math.PI / 4))
  return RESIZE_CURSORS[(((SIDES.indexOf(side) + eighths) % 4) + 4) % 4]!
}
