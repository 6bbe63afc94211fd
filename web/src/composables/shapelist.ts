import { computed, nextTick, onScopeDispose, shallowRef } from 'vue'
import { describe, targetOf, type Surroundings } from '../access/describe'
import { neighbour, readingSteps } from '../access/order'
import type { ShapeKey } from '../access/keys'
import { whole, type Steps } from '../access/steps'
import { windowAround } from '../access/window'
import type { RecordId } from '../board/types'
import type { BoardView } from '../canvas/view'
import { t } from '../i18n'
import type { Shape } from '../shapes'
import { inPauses } from './pauses'

/** Pause after a change before the order is made anew, in ms, at least; while nobody is in the list. */
const PAUSE = 300
/** The same for each shape, as large boards take longer. */
const PAUSE_EACH = 0.04
/** How many shapes are looked through in a step. */
const STEP = 2000

/** The shapes in reading order, the place of each in it, and what is bound to it. */
interface Order {
  readonly shapes: readonly Shape[]
  readonly places: ReadonlyMap<RecordId, number>
  readonly bound: ReadonlyMap<RecordId, readonly Shape[]>
}

/** The shapes of a board in reading order, one of which is the current one. */
export function useShapeList(view: BoardView) {
  const order = shallowRef<Order>({ shapes: [], places: new Map(), bound: new Map() })
  const selected = shallowRef(view.selection.ids)
  const current = shallowRef<RecordId>()
  /** Whether the keyboard is in the list. */
  const isActive = shallowRef(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let giveUp: (() => void) | undefined
  /** Whether something has changed since the order that is being made was begun. */
  let isStale = false

  const at = computed(() => order.value.places.get(current.value ?? '') ?? 0)
  const shape = computed(() => order.value.shapes[at.value])
  const items = computed(() => {
    const { shapes } = order.value
    const [start, end] = windowAround(shapes.length, at.value)
    return shapes.slice(start, end).map((one, i) => ({
      id: one.id,
      label: describe(one, around, t),
      place: start + i + 1,
      isCurrent: start + i === at.value,
      isSelected: selected.value.has(one.id),
    }))
  })

  const around: Surroundings = {
    get: (id) => view.scene.get(id),
    boundTo: (id) => order.value.bound.get(id) ?? [],
  }

  function take(next: Order): void {
    giveUp = undefined
    if (isStale) schedule()
    isStale = false
    const before = at.value
    order.value = next
    // Who was on a shape that is gone goes on where it was.
    if (!next.places.has(current.value ?? '')) current.value = next.shapes[Math.min(before, next.shapes.length - 1)]?.id
  }

  /** At once, for whoever comes into the list or is in it. */
  function refresh(): void {
    clearTimeout(timer)
    timer = undefined
    giveUp?.()
    isStale = false
    take(whole(orderSteps(view.scene.all())))
  }

  function refreshSlowly(): void {
    timer = undefined
    isStale = giveUp !== undefined
    giveUp ??= inPauses(orderSteps(view.scene.all()), take)
  }

  function schedule(): void {
    if (isActive.value) void nextTick(refresh)
    else timer ??= setTimeout(refreshSlowly, PAUSE + PAUSE_EACH * view.scene.size)
  }

  /** Makes the current shape the one that a key leads to. */
  function go(to: Extract<ShapeKey, { do: 'go' }>['to']): void {
    const { shapes } = order.value
    const { length } = shapes
    const steps = { first: 0, last: length - 1, next: Math.min(at.value + 1, length - 1), previous: Math.max(at.value - 1, 0) }
    if (to in steps) current.value = shapes[steps[to as 'first']]?.id
    else if (shape.value) current.value = (neighbour(shapes, shape.value, to as 'left') ?? shape.value).id
  }

  const ends = [view.scene.subscribe(schedule), view.selection.subscribe(() => (selected.value = view.selection.ids))]
  refreshSlowly()
  onScopeDispose(() => {
    clearTimeout(timer)
    giveUp?.()
    for (const end of ends) end()
  })
  return { items, shape, current, isActive, go, refresh, count: computed(() => order.value.shapes.length) }
}

function* orderSteps(all: readonly Shape[]): Steps<Order> {
  const shapes = yield* readingSteps(all)
  const places = new Map<RecordId, number>()
  const bound = new Map<RecordId, Shape[]>()
  for (const [i, shape] of shapes.entries()) {
    if (i % STEP === 0) yield
    places.set(shape.id, i)
    for (const bind of ['startbind', 'endbind']) {
      const target = targetOf(shape.props[bind])
      if (target) bound.set(target, [...(bound.get(target) ?? []), shape])
    }
  }
  return { shapes, places, bound }
}
