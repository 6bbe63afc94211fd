import { changed } from '../../board/document'
import type { RecordId } from '../../board/types'
import type { Screen } from '../../geometry/point'
import type { Shape } from '../../shapes'
import { isBound } from '../../shapes/transform'
import { follow, giveUp, isDrag, reachOf, settle, show, type Hand, type Outcome } from '../drag'
import { hand as panning } from '../hand'
import { handleAt, handlesOf, isOnSelection, selectionBox, type Handle } from '../handles'
import { snappingOn } from '../snapping'
import type { Board, Effect, Place, Step, ToolEvent } from '../tool'
import { bentBy, type Bending } from './bend'
import { boxed, type Boxing } from './box'
import { clicked, doubleClicked } from './click'
import { lassoed, looped, type Looping } from './loop'
import { beginMove, movedBy, withPlan, type Moving } from './move'
import { pick } from './pick'
import { resizedBy, type Resizing } from './resize'
import { rotatedBy, type Rotating } from './rotate'

/** Selects by click and band; moves, stretches, turns and bends what is selected. */
export type SelectState =
  | { readonly at: 'idle'; readonly cursor?: string }
  | Pressing
  | { readonly at: 'dragging'; readonly hand: Hand; readonly drag: Drag; readonly before: readonly RecordId[] }
  /** A finger that came down on nothing drags the plane. */
  | { readonly at: 'panning'; readonly last: Screen }

/** The pointer is down and has not moved enough to drag. */
export interface Pressing {
  readonly at: 'pressing'
  readonly hand: Hand
  readonly on: Target
  readonly clicks: number
  /** What was selected when the pointer went down. */
  readonly before: readonly RecordId[]
}

/** What the pointer went down on. */
export type Target =
  /** `shapes`: those that the handle is of, as they were then, whatever others do to them. */
  | { readonly on: 'handle'; readonly handle: Handle; readonly shapes: readonly Shape[] }
  | { readonly on: 'shape'; readonly id: RecordId; readonly unit: readonly RecordId[]; readonly wasSelected: boolean }
  /** Within the box of the selection, on no shape. */
  | { readonly on: 'selection' }
  | { readonly on: 'nothing' }

type Drag = Boxing | Looping | Moving | Resizing | Rotating | Bending

/** What a drag from where nothing is selects by. The lasso also begins on shapes that are not selected. */
export type Net = 'box' | 'loop'

const idle: SelectState = { at: 'idle' }

export function selecting(net: Net): Step<SelectState> {
  return (state, event, board) => {
    switch (state.at) {
      case 'idle':
        if (event.type === 'down') return press(net, event, board)
        return event.type === 'hover' ? hover(net, state, event, board) : [state, []]
      case 'pressing':
        return whilePressing(net, state, event, board)
      case 'dragging':
        return whileDragging(state, event, board)
      case 'panning':
        return panning(state, event, board)
    }
  }
}

type Down = Extract<ToolEvent, { type: 'down' }>

function press(net: Net, { place, mods, pointer = 'mouse', clicks = 1 }: Down, board: Board): ReturnType<Step<SelectState>> {
  const before = [...board.selection]
  const hand = { from: place, to: place, mods, pointer }
  const on = targetAt(hand, board, clicks > 1)
  const next: SelectState = { at: 'pressing', hand, on, clicks, before }
  if (on.on !== 'shape' || on.wasSelected || net === 'loop') return [next, []]
  return [next, [{ do: 'select', ids: mods.shift ? [...new Set([...before, ...on.unit])] : on.unit }]]
}

/** A double click means the shape, even under a handle. */
function targetAt({ from: { at }, mods, pointer }: Hand, board: Board, noHandles = false): Target {
  const shapes = selected(board)
  const handle = noHandles ? undefined : handleAt(handlesOf(shapes, board.zoom, pointer), at, board.zoom, pointer)
  if (handle) return { on: 'handle', handle, shapes }
  const id = board.hit(at, reachOf(pointer, board))?.id
  if (id === undefined) return { on: isOnSelection(shapes, at) ? 'selection' : 'nothing' }
  const unit = mods.mod ? [id] : pick(id, board)
  return { on: 'shape', id, unit, wasSelected: unit.every((member) => board.selection.has(member)) }
}

function whilePressing(net: Net, state: Pressing, event: ToolEvent, board: Board): ReturnType<Step<SelectState>> {
  switch (event.type) {
    case 'move':
    case 'mods': {
      const hand = follow(state.hand, event)
      // On a busy machine a whole lasso comes at once, and ends where it began.
      const way = event.type === 'move' ? event.places : []
      const hasGone = isDrag(hand) || way.some((to) => isDrag({ ...hand, to }))
      return hasGone ? begin(net, { ...state, hand }, way, board) : [{ ...state, hand }, []]
    }
    case 'up':
      return [idle, state.clicks > 1 ? doubleClicked(state, board) : clicked(state, board)]
    case 'cancel':
      return [idle, giveUp(state.before)]
    default:
      return [state, []]
  }
}

function begin(net: Net, { hand, on, before }: Pressing, way: readonly Place[], board: Board): ReturnType<Step<SelectState>> {
  if (net === 'box' && on.on === 'nothing' && hand.pointer === 'touch') return panned(hand)
  const drag = dragOf(net, on, before, board)
  if (!drag) return [idle, []]
  const begun = drag.at === 'looping' ? looped(drag, [hand.from, ...way], board) : drag
  return drawOn({ at: 'dragging', hand, drag: begun, before }, board)
}

function panned({ from, to }: Hand): ReturnType<Step<SelectState>> {
  return [{ at: 'panning', last: to.on }, [{ do: 'pan', dx: to.on.x - from.on.x, dy: to.on.y - from.on.y }]]
}

function dragOf(net: Net, on: Target, before: readonly RecordId[], board: Board): Drag | undefined {
  if (on.on === 'handle') return handleDrag(on, board)
  const isOnSelected = on.on === 'selection' || (on.on === 'shape' && on.wasSelected)
  if (isOnSelected || (on.on === 'shape' && net === 'box')) return beginMove(board.selection, board)
  return net === 'box' ? { at: 'boxing', before } : { at: 'looping', before, trail: undefined, crossed: new Set() }
}

function handleDrag({ handle, shapes }: Extract<Target, { on: 'handle' }>, board: Board): Drag | undefined {
  const box = selectionBox(shapes)
  if (handle.name === 'point' || handle.name === 'middle' || handle.name === 'piece') return { at: 'bending', shape: shapes[0]!, handle }
  if (!box) return undefined
  if (handle.name === 'rotate') return { at: 'rotating', shapes, box }
  return { at: 'resizing', shapes, box, side: handle.name, snapping: snappingOn(board, new Set(shapes.map(({ id }) => id))) }
}

type Dragging = Extract<SelectState, { at: 'dragging' }>

function whileDragging(state: Dragging, event: ToolEvent, board: Board): ReturnType<Step<SelectState>> {
  switch (event.type) {
    case 'move':
    case 'mods': {
      const { drag } = state
      const isLonger = drag.at === 'looping' && event.type === 'move'
      return drawOn({ ...state, hand: follow(state.hand, event), drag: isLonger ? looped(drag, event.places, board) : drag }, board)
    }
    case 'up':
      return [idle, settle(outcome(state, board))]
    case 'cancel':
      return [idle, giveUp(state.before)]
    default:
      return [state, []]
  }
}

function drawOn(state: Dragging, board: Board): ReturnType<Step<SelectState>> {
  const { drag, hand } = state
  const next = drag.at === 'moving' ? { ...state, drag: withPlan(drag, hand, board) } : state
  return [next, show(outcome(next, board))]
}

function outcome({ drag, hand }: Dragging, board: Board): Outcome {
  switch (drag.at) {
    case 'boxing':
      return boxed(drag, hand, board)
    case 'looping':
      return lassoed(drag, hand, board)
    case 'moving':
      return movedBy(drag, hand)
    case 'resizing':
      return changing(drag.shapes, resizedBy(drag, hand))
    case 'rotating':
      return changing(drag.shapes, rotatedBy(drag, hand))
    case 'bending':
      return changing([drag.shape], bentBy(drag, hand, board))
  }
}

/** Without what stays as it was, which somebody else may be changing. The points of a line that is bound are what they are only together. */
function changing(shapes: readonly Shape[], outcome: Outcome): Outcome {
  const before = new Map(shapes.map(({ id, props }) => [id, isBound(props) ? undefined : props]))
  return { ...outcome, ...(outcome.edits && { edits: outcome.edits.map(([id, patch]) => [id, changed(before.get(id), patch)]) }) }
}

type Hover = Extract<ToolEvent, { type: 'hover' }>

function hover(net: Net, state: Extract<SelectState, { at: 'idle' }>, { place, mods }: Hover, board: Board): ReturnType<Step<SelectState>> {
  const cursor = cursorOn(net, targetAt({ from: place, to: place, mods, pointer: 'mouse' }, board))
  if (cursor === state.cursor) return [state, []]
  return [{ at: 'idle', cursor }, [{ do: 'cursor', cursor } satisfies Effect]]
}

function cursorOn(net: Net, on: Target): string {
  if (on.on === 'handle') return on.handle.cursor
  const moves = on.on === 'selection' || (on.on === 'shape' && (on.wasSelected || net === 'box'))
  return moves ? 'move' : net === 'box' ? 'default' : 'crosshair'
}

/** The selected shapes that are there. */
function selected(board: Board): readonly Shape[] {
  return [...board.selection].flatMap((id) => board.get(id) ?? [])
}
