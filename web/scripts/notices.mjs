// The licences of what is in the bundle, for web/dist/NOTICES.txt.

import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

/** The text for the packages that the modules of a build come from. */
export async function notices(modules) {
  const folders = new Set(modules.map(packageFolder).filter(Boolean))
  const texts = await Promise.all([...folders].map(notice))
  return texts.sort().join(`\n${'-'.repeat(72)}\n\n`)
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
