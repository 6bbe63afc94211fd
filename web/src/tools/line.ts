import type { Json, Patch, RecordId } from '../board/types'
import { styleFor, type Style } from '../editor/style'
import { distance, world, type World } from '../geometry/point'
import type { Shape } from '../shapes'
import { pathThrough } from '../shapes/transform'
import { atSteps } from './angle'
import { bindable, bindingAt, bindingTo, type Binding } from './binding'
import { THRESHOLD } from './drag'
import { frameAt } from './frames'
import { snapPoint } from './snapping'
import { NO_HINT, type Board, type Edit, type Effect, type Modifiers, type Place, type Pointer, type Step, type ToolEvent } from './tool'

export type LineState =
  /** Nothing is drawn; `target` = the shape that a line from here would be bound to. */
  | { readonly at: 'idle'; readonly target?: RecordId | undefined }
  /** The pointer is down: drags a piece, or clicks a point. */
  | (Drawn & { readonly at: 'pressing'; readonly from: Place; readonly isFirst: boolean })
  /** The pointer is up: the next piece follows it. */
  | (Drawn & { readonly at: 'placing' })

interface Drawn {
  readonly id: RecordId
  readonly z: string
  readonly start: Binding | undefined
  /** The points that stand. */
  readonly points: readonly World[]
  readonly to: Place
  readonly mods: Modifiers
  readonly pointer: Pointer
}

type Busy = Exclude<LineState, { at: 'idle' }>
type PathKind = 'line' | 'arrow'

/** A point this near to the first, in pixels, closes the line; this near to the last, ends it. */
const NEAR: { readonly [pointer in Pointer]: number } = { mouse: 8, pen: 10, touch: 18 }
/** More points than this a line has not. */
const MOST_POINTS = 1000

const idle: LineState = { at: 'idle' }

/** A line or an arrow: one piece by a drag, several by clicks. */
export function lining(kind: PathKind): Step<LineState> {
  return (state, event, board) => {
    if (state.at === 'idle') return whileIdle(kind, state, event, board)
    switch (event.type) {
      case 'move':
      case 'mods':
      case 'hover':
        return drawOn(kind, followed(state, event), board)
      case 'down':
        return state.at === 'placing' ? pressAgain(kind, state, event, board) : [state, []]
      case 'up':
        return state.at === 'pressing' ? release(kind, state, board) : [state, []]
      case 'finish':
        return finish(kind, { ...state, to: placeOf(state.points.at(-1)!, state.to) }, board, state.points)
      case 'cancel':
        return [idle, [{ do: 'hint', hint: NO_HINT }, { do: 'give-up' }]]
      default:
        return [state, []]
    }
  }
}

/** What a new line or arrow looks like. */
export function lineStyle(kind: PathKind, style: Style): Patch {
  const { starthead, endhead, ...rest } = styleFor(kind, style) as { readonly [prop: string]: Json }
  if (kind === 'line') return rest
  return { ...rest, ...(starthead !== undefined && { starthead }), endhead: endhead ?? 'arrow' }
}

type Down = Extract<ToolEvent, { type: 'down' }>

function whileIdle(kind: PathKind, state: Extract<LineState, { at: 'idle' }>, event: ToolEvent, board: Board): ReturnType<Step<LineState>> {
  if (event.type === 'down') return press(kind, event, board)
  if (event.type === 'cancel' && state.target !== undefined) return [idle, [{ do: 'hint', hint: NO_HINT }]]
  if (event.type !== 'hover') return [state, []]
  const target = targetAt(kind, event.place.at, event.mods, 'mouse', board)?.id
  if (target === state.target) return [state, []]
  return [{ at: 'idle', target }, [{ do: 'hint', hint: target === undefined ? NO_HINT : { target } }]]
}

function press(kind: PathKind, { place, mods, pointer = 'mouse' }: Down, board: Board): ReturnType<Step<LineState>> {
  const target = targetAt(kind, place.at, mods, pointer, board)
  const start = target && bindingTo(target, place.at)
  const first = target ? place.at : onGrid(place.at, mods, board)
  return [{ at: 'pressing', id: board.newId(), z: board.newKey(), start, points: [first], from: place, isFirst: true, to: place, mods, pointer }, []]
}

/** Another point of a line of several pieces. */
function pressAgain(kind: PathKind, state: Extract<Busy, { at: 'placing' }>, { place, mods, clicks = 1 }: Down, board: Board): ReturnType<Step<LineState>> {
  if (clicks > 1) return finish(kind, { ...state, to: place }, board, state.points)
  return drawOn(kind, { ...state, at: 'pressing', from: place, isFirst: false, to: place, mods }, board)
}

function followed<S extends Busy>(state: S, event: Extract<ToolEvent, { type: 'move' | 'mods' | 'hover' }>): S {
  const to = event.type === 'move' ? event.places.at(-1) : event.type === 'hover' ? event.place : undefined
  return { ...state, to: to ?? state.to, mods: event.mods }
}

function drawOn(kind: PathKind, state: Busy, board: Board): ReturnType<Step<LineState>> {
  const end = endOf(kind, state, board)
  const effects: Effect[] = [
    { do: 'preview', edits: [editOf(kind, state, [...state.points, end.at], end, false, board)] },
    { do: 'hint', hint: end.target === undefined ? NO_HINT : { target: end.target } },
  ]
  return [state, effects]
}

function release(kind: PathKind, state: Extract<Busy, { at: 'pressing' }>, board: Board): ReturnType<Step<LineState>> {
  const { points, from, isFirst, to, pointer } = state
  const dragged = distance(from.on, to.on) >= THRESHOLD[pointer]
  if (isFirst) return dragged ? finish(kind, state, board) : [{ ...state, at: 'placing' }, []]
  const near = NEAR[pointer] / board.zoom
  const isStart = points.length > 2 && distance(points[0]!, to.at) <= near
  if (isStart || distance(points.at(-1)!, to.at) <= near) return finish(kind, state, board, points, isStart)
  const end = endOf(kind, state, board)
  // Bound to a shape that it was not on before, an arrow has arrived.
  const isThere = end.bind && bindable(points.at(-1)!, pointer, board)?.id !== end.bind.to
  if (isThere || points.length >= MOST_POINTS) return finish(kind, state, board)
  return [{ ...state, at: 'placing', points: [...points, end.at] }, []]
}

/** Makes the line: through the points that stand, or to where the hand is. */
function finish(kind: PathKind, state: Busy, board: Board, stand?: readonly World[], closed = false): ReturnType<Step<LineState>> {
  const end = stand ? standingEnd(kind, state, stand, closed, board) : endOf(kind, state, board)
  const points = stand ?? [...state.points, end.at]
  const hint: Effect = { do: 'hint', hint: NO_HINT }
  if (points.length < 2) return [idle, [hint, { do: 'give-up' }]]
  const edit = editOf(kind, state, points, end, closed, board)
  return [idle, [hint, { do: 'edit', edits: [edit], then: { made: true, select: [state.id] } }]]
}

interface End {
  readonly at: World
  readonly bind: Binding | undefined
  readonly target: RecordId | undefined
}

const NOT_BOUND = (at: World): End => ({ at, bind: undefined, target: undefined })

function endOf(kind: PathKind, { points, to, mods, pointer }: Busy, board: Board): End {
  const target = targetAt(kind, to.at, mods, pointer, board)
  if (target) return { at: to.at, bind: bindingTo(target, to.at), target: target.id }
  return NOT_BOUND(mods.shift ? atSteps(points.at(-1)!, to.at) : onGrid(to.at, mods, board))
}

/** The end of a line that ends where its last point stands. */
function standingEnd(kind: PathKind, { mods, pointer }: Busy, stand: readonly World[], closed: boolean, board: Board): End {
  const at = stand.at(-1)!
  const target = closed ? undefined : targetAt(kind, at, mods, pointer, board)
  return { at, bind: target && bindingTo(target, at), target: target?.id }
}

/** The shape that an end there would be bound to. */
function targetAt(kind: PathKind, at: World, { mod }: Modifiers, pointer: Pointer, board: Board): Shape | undefined {
  return kind === 'arrow' && !mod ? bindable(at, pointer, board) : undefined
}

/** Both ends of an arrow that is drawn within one shape stay at the very places they have in it. */
function withinOne(start: Binding | undefined, points: readonly World[], { bind }: End, board: Board): readonly (Binding | undefined)[] {
  const shape = bind && start?.to === bind.to ? board.get(bind.to) : undefined
  return shape ? [points[0]!, points.at(-1)!].map((at) => bindingAt(shape, at)) : [start, bind]
}

function editOf(kind: PathKind, { id, z, start }: Busy, points: readonly World[], end: End, closed: boolean, board: Board): Edit {
  const frame = frameAt(points[0]!, board)
  const [startbind, endbind] = withinOne(start, points, end, board)
  const patch: Patch = {
    ...{ kind, ...pathThrough(points), z, ...lineStyle(kind, board.style) },
    ...(closed && { closed }),
    ...(startbind && { startbind: { ...startbind } }),
    ...(endbind && { endbind: { ...endbind } }),
    ...(frame && { frame: frame.id }),
  }
  return [id, patch]
}

/** Points of lines stand on the grid; to the edges of other shapes they are bound, not snapped. */
function onGrid(at: World, { mod }: Modifiers, board: Board): World {
  const { by } = snapPoint({ grid: board.snap.grid, reach: 0 }, at, mod)
  return world(at.x + by.x, at.y + by.y)
}

function placeOf(at: World, { on }: Place): Place {
  return { at, on }
}
