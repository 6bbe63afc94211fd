import { computed, shallowRef } from 'vue'

const size = shallowRef(read())
const coarse = matchMedia('(pointer: coarse)')
const isCoarse = shallowRef(coarse.matches)

window.addEventListener('resize', () => (size.value = read()))
coarse.addEventListener('change', () => (isCoarse.value = coarse.matches))

/** Below this, in pixels, the tools have no room beside the title. */
const NARROW = 1000
const NARROW_COARSE = 1160

/** Where the tools are: above on a desk, below in the hand. */
const place = computed<Place>(() => (size.value.width >= (isCoarse.value ? NARROW_COARSE : NARROW) ? 'top' : 'bottom'))

export type Place = 'top' | 'bottom'

/** The size of the window in pixels, and how the page is laid out in it. */
export function useScreen() {
  return { size, isCoarse, place }
}

function read() {
  return { width: window.innerWidth, height: window.innerHeight }
}
