// The service worker: keeps the client's files of one build together, so that the page opens at once and
// without a network. A new build waits until no page of the old one is open, or until the only one asks.

import { createHash } from 'node:crypto'

/** The source of the worker for files of a build: pairs of name and content. */
export function worker(files) {
  const hash = createHash('sha256')
  for (const [name, content] of files) hash.update(name).update('\0').update(content)
  const names = files.map(([name]) => (name === 'index.html' ? '/' : `/${name}`))
  return SOURCE.replace('VERSION', JSON.stringify(hash.digest('hex').slice(0, 16))).replace('FILES', JSON.stringify(names))
}

const SOURCE = `const cacheName = 'easel-' + VERSION
const files = FILES
// The server puts the build into whatever is in double quotes.
const base = "/assets/"
const plain = (path) => (path.startsWith(base) ? '/assets/' + path.slice(base.length) : path)
const isPage = (path) => /^\\/(b\\/[0-9A-Za-z]+)?$/.test(path)

addEventListener('install', (e) => e.waitUntil(fill()))
addEventListener('activate', (e) => e.waitUntil(forget()))
addEventListener('message', (e) => e.waitUntil(takeOver()))
addEventListener('fetch', (e) => {
  const { pathname, origin } = new URL(e.request.url)
  if (e.request.method !== 'GET' || origin !== location.origin) return
  if (e.request.mode === 'navigate' && isPage(pathname)) e.respondWith(answer('/', e.request))
  else if (pathname.startsWith('/assets/')) e.respondWith(answer(plain(pathname), e.request))
})

async function fill() {
  const cache = await caches.open(cacheName)
  await Promise.all(files.map((file) => keep(cache, file)))
}

async function keep(cache, file) {
  const answer = await fetch(file, { cache: 'no-cache' })
  if (!answer.ok) throw new Error(file + ': ' + answer.status)
  await cache.put(plain(file), answer)
}

async function forget() {
  for (const name of await caches.keys()) if (name.startsWith('easel-') && name !== cacheName) await caches.delete(name)
}

async function takeOver() {
  const pages = await clients.matchAll({ includeUncontrolled: true })
  if (pages.length <= 1) await skipWaiting()
}

async function answer(path, request) {
  const cache = await caches.open(cacheName)
  const known = await cache.match(path)
  if (known) return known
  const fresh = await fetch(request)
  if (fresh.ok && path.startsWith('/assets/')) await cache.put(path, fresh.clone())
  return fresh
}
`
