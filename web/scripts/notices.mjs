// The licences of what is in the bundle, for web/dist/NOTICES.txt.

import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

/** The text for the packages that the modules of a build come from, and for the fonts in a folder. */
export async function notices(modules, fonts) {
  const folders = new Set(modules.map(packageFolder).filter(Boolean))
  const texts = await Promise.all([...folders].map(notice))
  return [...texts, ...(await fontNotices(fonts))].sort().join(`\n${'-'.repeat(72)}\n\n`)
}

/** The folder of the package that a module belongs to; undefined if it is our own. */
function packageFolder(module) {
  return /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(module)?.[0]
}

async function notice(folder) {
  const { name, version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'))
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file ? await readFile(path.join(folder, file), 'utf8') : `Licence: ${license}`
  return `${name} ${version}\n\n${text.replaceAll('\r\n', '\n').trim()}\n`
}

/** The licences beside the board's fonts; each names its font in its first line. */
async function fontNotices(folder) {
  const files = (await readdir(folder)).filter((entry) => entry.endsWith('-LICENSE.txt'))
  return Promise.all(
    files.map(async (file) => `Font ${file.replace('-LICENSE.txt', '.woff2')}\n\n${(await readFile(path.join(folder, file), 'utf8')).replaceAll('\r\n', '\n').trim()}\n`),
  )
}
