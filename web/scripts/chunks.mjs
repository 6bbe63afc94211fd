// Which chunk a module goes to: few larger ones compress better than many small ones.

const VUE = /node_modules\/(@vue|vue)\//
const PAGE = /\/src\/main\.ts$/
const BOARD = /\/BoardPage\.vue$/
const ICON = /@lucide\/vue\/dist\/esm\/icons\//

/**
 * For Rolldown's advancedChunks: Vue, what every page needs, and what a board needs for the first stroke are
 * one chunk each, and so are all other icons; what is imported when something is opened is up to the bundler.
 */
export function chunkGroups() {
  const isPage = reached(PAGE)
  const isBoard = reached(BOARD)
  return [
    { name: 'vue', test: VUE, priority: 3 },
    { name: (id, context) => (isPage(id, context) && !PAGE.test(id) ? 'base' : null), priority: 2 },
    { name: (id, context) => (isBoard(id, context) ? 'board' : null), priority: 1 },
    { name: (id, context) => (ICON.test(id) && !isPage(id, context) ? 'icons' : null), priority: 0 },
  ]
}

/** Tells of a module whether one that matches can't run without it. */
function reached(from) {
  const known = new Map()
  return function isReached(id, context) {
    if (known.has(id)) return known.get(id)
    known.set(id, false)
    const { importers = [] } = context.getModuleInfo(id) ?? {}
    const is = from.test(id) || importers.some((importer) => isReached(importer, context))
    known.set(id, is)
    return is
  }
}
