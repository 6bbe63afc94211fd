// The digest of the sources that web/dist was built from, in web/dist/SOURCES.
//
// The sources are all regular files below web/src and web/public, the files web/index.html,
// web/package.json, web/package-lock.json, web/tsconfig.json and web/vite.config.ts, and whiteboard/outlines/*.json.
// Of these, files whose names end in .test.ts do not count, nor anything below web/src/testing: they are not built.
//
// For each file there is a line: its path in the project with forward slashes, two spaces, the SHA-256 of
// its bytes in lower-case hex, and a newline. The lines are sorted by path, bytewise. The digest is
// the SHA-256 of their concatenation; SOURCES holds it in lower-case hex, followed by a newline.

import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

const FOLDERS = ['web/src', 'web/public', 'whiteboard/outlines']
const FILES = ['index.html', 'package.json', 'package-lock.json', 'tsconfig.json', 'vite.config.ts'].map((name) => `web/${name}`)

/** Writes SOURCES into the folder of the build. */
export async function writeSources(project, dist) {
  await writeFile(path.join(dist, 'SOURCES'), `${await digest(project)}\n`)
}

export async function digest(project) {
  const names = [...FILES]
  for (const folder of FOLDERS) names.push(...(await below(project, folder)))
  names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const lines = await Promise.all(names.map(async (name) => `${name}  ${sha256(await readFile(path.join(project, name)))}\n`))
  return sha256(lines.join(''))
}

async function below(project, folder) {
  const names = []
  for (const entry of await readdir(path.join(project, folder), { withFileTypes: true })) {
    const name = `${folder}/${entry.name}`
    if (entry.isDirectory()) names.push(...(await below(project, name)))
    else if (entry.isFile()) names.push(name)
  }
  return names.filter(isBuilt)
}

function isBuilt(name) {
  if (name.startsWith('whiteboard/')) return name.endsWith('.json')
  return !name.endsWith('.test.ts') && !name.startsWith('web/src/testing/')
}

function sha256(data) {
  return createHash('sha256').update(data).digest('hex')
}
