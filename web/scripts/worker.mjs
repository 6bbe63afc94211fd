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
const isPage = (path) => /^\\/(b\\/[0-9A-Za-z]+)?$/.test(path)

addEventListener('install', (e) => e.waitUntil(fill()))
addEventListener('activate', (e) => e.waitUntil(forget()))
addEventListener('message', (e) => e.waitUntil(takeOver()))
addEventListener('fetch', (e) => {
  const { pathname, origin } = new URL(e.request.url)
  if (e.request.method !== 'GET' || origin !== location.origin) return
  if (e.request.mode === 'navigate' && isPage(pathname)) e.respondWith(answer('/', e.request))
  else if (pathname.startsWith('/assets/')) e.respondWith(answer(pathname, e.request))
})

async function fill() {
  const cache = await caches.open(cacheName)
  await cache.addAll(files.map((file) => new Request(file, { cache: 'no-cache' })))
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
