// The outlines of whiteboard/outlines as one module, `virtual:outlines`, without their names: these come later, by
// language, and what is drawn must be there before one can draw.

import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const MODULE = 'virtual:outlines'
const RESOLVED = `\0${MODULE}`

/** The folder with one JSON file for each outline, which the server reads too. */
export const OUTLINES = fileURLToPath(new URL('../../whiteboard/outlines', import.meta.url))

/** A Vite plugin, for builds, tests and the dev server. */
export function outlines() {
  return {
    name: 'easel-outlines',
    resolveId: (id) => (id === MODULE ? RESOLVED : null),
    async load(id) {
      if (id !== RESOLVED) return null
      const files = (await readdir(OUTLINES)).filter((name) => /^[a-z]{1,20}\.json$/.test(name)).sort()
      const looks = await Promise.all(
        files.map(async (file) => {
          const name = path.join(OUTLINES, file)
          this.addWatchFile(name)
          const { outline, lines, room, size } = JSON.parse(await readFile(name, 'utf8'))
          return [file.replace('.json', ''), { outline, lines, room, size }]
        }),
      )
      return `export default ${JSON.stringify(Object.fromEntries(looks))}`
    },
  }
}
