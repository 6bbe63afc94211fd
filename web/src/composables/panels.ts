import { computed, nextTick, shallowRef, watch, type Ref } from 'vue'
import type { RecordId } from '../board/types'
import { STEP } from '../canvas/grid'
import type { BoardView } from '../canvas/view'
import type { Applied } from '../editor/applied'
import { useScreen } from './screen'
import { useSettings, type Settings } from './settings'

export interface PanelOptions {
  readonly view: Readonly<Ref<BoardView | undefined>>
  readonly mayEdit: Readonly<Ref<boolean>>
  readonly applied: Readonly<Ref<Applied>>
  /** How many shapes are selected. */
  readonly selected: () => number
  /** Fetches the style panel. */
  readonly loadStyle: () => Promise<unknown>
}

/** Which panels are open. */
export function usePanels({ view, mayEdit, applied, selected, loadStyle }: PanelOptions) {
  const { place, size, isCoarse } = useScreen()
  const { settings, set, toggle } = useSettings()
  const isZen = shallowRef(false)
  const isLayersOpen = shallowRef(false)
  const isSheetOpen = shallowRef(false)
  const layer = shallowRef<RecordId | null>(null)

  /** A style panel stays where there is room for it; a sheet comes when it is called, and goes with its occasion. */
  const isStyleOpen = computed(() => (place.value === 'top' ? settings.value.stylePanel : isSheetOpen.value))
  const hasStyle = computed(() => mayEdit.value && !isZen.value && (applied.value.size > 0 || selected() > 0))
  const setStyleOpen = (open: boolean) => (place.value === 'top' ? set({ stylePanel: open }) : openSheet(open))
  function openSheet(open: boolean): void {
    isSheetOpen.value = open
    if (open) isLayersOpen.value = false
  }
  function toggleLayers(open = !isLayersOpen.value): void {
    isLayersOpen.value = open
    if (open) isSheetOpen.value = false
  }
  /** Makes room for what opens from the bars: sheets cover it. */
  function foldSheets(): void {
    if (place.value === 'bottom') isSheetOpen.value = isLayersOpen.value = false
  }
  /** Whether the pen alone draws: the first pen switches it on. */
  const isPenMode = shallowRef(false)
  watch(view, (board, _, onCleanup) => board && onCleanup(board.subscribe(() => (isPenMode.value = board.penMode))), { immediate: true })
  const setPenMode = (on: boolean) => view.value && (view.value.penMode = on)

  watch(hasStyle, (has) => !has && (isSheetOpen.value = false))

  watch(
    [view, settings, layer],
    () => {
      if (view.value) Object.assign(view.value, preferencesOf(settings.value, layer.value))
    },
    { immediate: true },
  )

  /** Opens the choice of a colour, in the panel or the sheet. */
  async function color(which: 'stroke' | 'fill'): Promise<void> {
    setStyleOpen(true)
    await loadStyle()
    const more = await shown(`[data-more="${which === 'stroke' ? 'color' : 'fill'}"]`)
    if (more?.ariaExpanded === 'false') more.click()
    more?.focus()
  }

  const of = (name: 'grid' | 'snapObjects' | 'keep') => ({ isOn: () => settings.value[name], toggle: () => toggle(name) })
  const offers = {
    grid: of('grid'),
    snap: of('snapObjects'),
    keepTool: of('keep'),
    color: (which: 'stroke' | 'fill') => void color(which),
    zen: { isOn: () => isZen.value, toggle: () => void (isZen.value = !isZen.value) },
  }
  return { isPenMode, setPenMode, place, size, isCoarse, settings, set, toggle, isZen, isLayersOpen, toggleLayers, foldSheets, layer, isStyleOpen, hasStyle, setStyleOpen, offers }
}

/** The element as soon as it is there: what has just been fetched is not shown at once. */
async function shown(selector: string): Promise<HTMLElement | null> {
  for (let frame = 0; frame < 60; frame++) {
    await nextTick()
    const found = document.querySelector<HTMLElement>(selector)
    if (found) return found
    await new Promise(requestAnimationFrame)
  }
  return null
}

/** How the view's tools work, as this person likes it. */
function preferencesOf({ keep, snapObjects, snapGrid, wheelZooms }: Settings, layer: RecordId | null) {
  return { keepTool: keep, wheelZooms, snap: { objects: snapObjects, grid: snapGrid ? STEP : undefined }, layer }
}
