import type { RecordId } from '../../board/types'
import type { Shape } from '../../shapes'
import { follow, giveUp, isDrag, reachOf, settle, show, type Hand, type Outcome } from '../drag'
import { handleAt, handlesOf, isOnSelection, type Handle } from '../handles'
import type { Board, Effect, Step, ToolEvent } from '../tool'
import { boxed, type Boxing } from './box'
import { clicked, doubleClicked } from './click'
import { beginMove, movedBy, withPlan, type Moving } from './move'
import { pick } from './pick'

/** Selects by click and band; moves, stretches, turns and bends what is selected. */
export type SelectState =
  | { readonly at: 'idle'; readonly cursor?: string }
  | Pressing
  | { readonly at: 'dragging'; readonly hand: Hand; readonly drag: Drag; readonly before: readonly RecordId[] }

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
  | { readonly on: 'handle'; readonly handle: Handle }
  | { readonly on: 'shape'; readonly id: RecordId; readonly unit: readonly RecordId[]; readonly wasSelected: boolean }
  /** Within the box of the selection, on no shape. */
  | { readonly on: 'selection' }
  | { readonly on: 'nothing' }

type Drag = Boxing | Moving

const idle: SelectState = { at: 'idle' }

export const select: Step<SelectState> = (state, event, board) => {
  switch (state.at) {
    case 'idle':
      return event.type === 'down' ? press(event, board) : event.type === 'hover' ? hover(state, event, board) : [state, []]
    case 'pressing':
      return whilePressing(state, event, board)
    case 'dragging':
      return whileDragging(state, event, board)
  }
}

type Down = Extract<ToolEvent, { type: 'down' }>

function press({ place, mods, pointer = 'mouse', clicks = 1 }: Down, board: Board): ReturnType<Step<SelectState>> {
  const before = [...board.selection]
  const hand = { from: place, to: place, mods, pointer }
  const on = targetAt(hand, board, clicks > 1)
  const next: SelectState = { at: 'pressing', hand, on, clicks, before }
  if (on.on !== 'shape' || on.wasSelected) return [next, []]
  return [next, [{ do: 'select', ids: mods.shift ? [...new Set([...before, ...on.unit])] : on.unit }]]
}

/** A double click means the shape, even under a handle. */
function targetAt({ from: { at }, mods, pointer }: Hand, board: Board, noHandles = false): Target {
  const shapes = selected(board)
  const handle = noHandles ? undefined : handleAt(handlesOf(shapes, board.zoom, pointer), at, board.zoom, pointer)
  if (handle) return { on: 'handle', handle }
  const id = board.hit(at, reachOf(pointer, board))?.id
  if (id === undefined) return { on: isOnSelection(shapes, at) ? 'selection' : 'nothing' }
  const unit = mods.mod ? [id] : pick(id, board)
  return { on: 'shape', id, unit, wasSelected: unit.every((member) => board.selection.has(member)) }
}

function whilePressing(state: Pressing, event: ToolEvent, board: Board): ReturnType<Step<SelectState>> {
  switch (event.type) {
    case 'move':
    case 'mods': {
      const hand = follow(state.hand, event)
      return isDrag(hand) ? begin({ ...state, hand }, board) : [{ ...state, hand }, []]
    }
    case 'up':
      return [idle, state.clicks > 1 ? doubleClicked(state, board) : clicked(state, board)]
    case 'cancel':
      return [idle, giveUp(state.before)]
    default:
      return [state, []]
  }
}

function begin({ hand, on, before }: Pressing, board: Board): ReturnType<Step<SelectState>> {
  const drag = dragOf(on, before, board)
  if (!drag) return [idle, []]
  return drawOn({ at: 'dragging', hand, drag, before }, board)
}

function dragOf(on: Target, before: readonly RecordId[], board: Board): Drag | undefined {
  switch (on.on) {
    case 'handle':
      return undefined
    case 'shape':
    case 'selection':
      return beginMove(board.selection, board)
    case 'nothing':
      return { at: 'boxing', before }
  }
}

type Dragging = Extract<SelectState, { at: 'dragging' }>

function whileDragging(state: Dragging, event: ToolEvent, board: Board): ReturnType<Step<SelectState>> {
  switch (event.type) {
    case 'move':
    case 'mods':
      return drawOn({ ...state, hand: follow(state.hand, event) }, board)
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
    case 'moving':
      return movedBy(drag, hand)
  }
}

function hover(state: Extract<SelectState, { at: 'idle' }>, { place, mods }: Extract<ToolEvent, { type: 'hover' }>, board: Board): ReturnType<Step<SelectState>> {
  const on = targetAt({ from: place, to: place, mods, pointer: 'mouse' }, board)
  const cursor = on.on === 'handle' ? on.handle.cursor : on.on === 'nothing' ? 'default' : 'move'
  if (cursor === state.cursor) return [state, []]
  return [{ at: 'idle', cursor }, [{ do: 'cursor', cursor } satisfies Effect]]
}

/** The selected shapes that are there. */
function selected(board: Board): readonly Shape[] {
  return [...board.selection].flatMap((id) => board.get(id) ?? [])
}
