// Icons are imported from their own modules instead of the one that names them all: so it can be told which
// of them a chunk needs, and those that are seen only when something is opened come with that.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const PACKAGE = '@lucide/vue'
const IMPORT = /import\s*\{([^}]*)\}\s*from\s*["']@lucide\/vue["'];?/g

/** A Vite plugin, for builds. */
export function ownIcons() {
  const index = fileURLToPath(import.meta.resolve(PACKAGE)).replace(/cjs[\\/].*$/, 'esm/lucide-vue.mjs')
  const modules = modulesOf(readFileSync(index, 'utf8'))
  const importOf = (text) => {
    const [name, alias = name] = text.trim().split(/\s+as\s+/)
    const module = modules.get(name)
    return module && `import ${alias} from ${JSON.stringify(index.replace('lucide-vue.mjs', module))};`
  }
  return {
    name: 'easel-icons',
    apply: 'build',
    enforce: 'post',
    transform(code, id) {
      if (!id.includes('/src/') || !code.includes(PACKAGE)) return null
      return code.replace(IMPORT, (whole, names) => {
        const imports = names.split(',').filter((name) => name.trim() !== '').map(importOf)
        return imports.includes(undefined) ? whole : imports.join('')
      })
    },
  }
}

/** Which module an icon is in, by its names. */
function modulesOf(index) {
  const modules = new Map()
  for (const [, names, module] of index.matchAll(/export \{([^}]*)\} from '\.\/(icons\/[\w-]+\.mjs)'/g)) {
    for (const name of names.split(',')) modules.set(name.trim().replace(/^default as /, ''), module)
  }
  return modules
}
