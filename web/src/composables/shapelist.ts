import { computed, nextTick, onScopeDispose, shallowRef } from 'vue'
import { describe, targetOf, type Surroundings } from '../access/describe'
import { neighbour, readingOrder } from '../access/order'
import type { ShapeKey } from '../access/keys'
import { windowAround } from '../access/window'
import type { RecordId } from '../board/types'
import type { BoardView } from '../canvas/view'
import { t } from '../i18n'
import type { Shape } from '../shapes'

/** Pause after a change before the order is made anew, in ms, at least; while nobody is in the list. */
const PAUSE = 300

/** The shapes of a board in reading order, one of which is the current one. */
export function useShapeList(view: BoardView) {
  const order = shallowRef(readingOrder(view.scene.all()))
  const selected = shallowRef(view.selection.ids)
  const current = shallowRef<RecordId>()
  /** Whether the keyboard is in the list. */
  const isActive = shallowRef(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let pause = PAUSE

  const places = computed(() => new Map(order.value.map(({ id }, i) => [id, i])))
  const at = computed(() => Math.max(places.value.get(current.value ?? '') ?? 0, 0))
  const shape = computed(() => order.value[at.value])
  const items = computed(() => {
    const [start, end] = windowAround(order.value.length, at.value)
    return order.value.slice(start, end).map((one, i) => ({
      id: one.id,
      label: describe(one, around, t),
      place: start + i + 1,
      isCurrent: start + i === at.value,
      isSelected: selected.value.has(one.id),
    }))
  })

  const around: Surroundings = {
    get: (id) => view.scene.get(id),
    boundTo: (id) => bindings.value.get(id) ?? [],
  }
  const bindings = computed(() => {
    const bound = new Map<RecordId, Shape[]>()
    for (const one of order.value) {
      for (const bind of ['startbind', 'endbind']) {
        const target = targetOf(one.props[bind])
        if (target) bound.set(target, [...(bound.get(target) ?? []), one])
      }
    }
    return bound
  })

  function refresh(): void {
    timer = undefined
    const start = performance.now()
    const before = at.value
    order.value = readingOrder(view.scene.all())
    pause = PAUSE + 20 * (performance.now() - start)
    // Who was on a shape that is gone goes on where it was.
    if (!places.value.has(current.value ?? '')) current.value = order.value[Math.min(before, order.value.length - 1)]?.id
  }

  function schedule(): void {
    if (isActive.value) void nextTick(refresh)
    else timer ??= setTimeout(refresh, pause)
  }

  /** Makes the current shape the one that a key leads to. */
  function go(to: Extract<ShapeKey, { do: 'go' }>['to']): void {
    const { length } = order.value
    const steps = { first: 0, last: length - 1, next: Math.min(at.value + 1, length - 1), previous: Math.max(at.value - 1, 0) }
    if (to in steps) current.value = order.value[steps[to as 'first']]?.id
    else if (shape.value) current.value = (neighbour(order.value, shape.value, to as 'left') ?? shape.value).id
  }

  const ends = [view.scene.subscribe(schedule), view.selection.subscribe(() => (selected.value = view.selection.ids))]
  onScopeDispose(() => {
    clearTimeout(timer)
    for (const end of ends) end()
  })
  return { items, shape, current, isActive, go, refresh, count: computed(() => order.value.length) }
}
