const cacheName = 'easel-' + "454564701299cb17"
const files = ["/assets/AccessLayer.css","/assets/AccessLayer.js","/assets/BoardMenuList.css","/assets/BoardMenuList.js","/assets/BoardPage.js","/assets/BottomSheet.css","/assets/BottomSheet.js","/assets/ChatPanel.css","/assets/ChatPanel.js","/assets/ChordKeys.css","/assets/ChordKeys.js","/assets/CommandLayer.js","/assets/CommandPalette.css","/assets/CommandPalette.js","/assets/CommentBoard.css","/assets/CommentBoard.js","/assets/CommentLayer.js","/assets/ConnectionBanner.css","/assets/ConnectionBanner.js","/assets/ContextMenu.css","/assets/ContextMenu.js","/assets/CornerBar.css","/assets/CornerBar.js","/assets/DropVeil.css","/assets/DropVeil.js","/assets/EmptyHint.css","/assets/EmptyHint.js","/assets/ExportDialog.css","/assets/ExportDialog.js","/assets/FindBar.css","/assets/FindBar.js","/assets/HelpDialog.css","/assets/HelpDialog.js","/assets/HomePage.css","/assets/HomePage.js","/assets/LanguageSelect.css","/assets/LanguageSelect.js","/assets/LayersPanel.css","/assets/LayersPanel.js","/assets/LinkDialog.css","/assets/LinkDialog.js","/assets/MiniMap.css","/assets/MiniMap.js","/assets/ModalDialog.css","/assets/ModalDialog.js","/assets/NamePrompt.css","/assets/NamePrompt.js","/assets/NoAccess.css","/assets/NoAccess.js","/assets/PeopleStack.css","/assets/PeopleStack.js","/assets/PickLayer.css","/assets/PickLayer.js","/assets/PictureMarks.css","/assets/PictureMarks.js","/assets/PopoverPanel.css","/assets/PopoverPanel.js","/assets/ShareDialog.css","/assets/ShareDialog.js","/assets/StylePanel.css","/assets/StylePanel.js","/assets/ToolFlyout.css","/assets/ToolFlyout.js","/assets/ToolGrid.css","/assets/ToolGrid.js","/assets/ToolMore.css","/assets/ToolMore.js","/assets/TransferLayer.js","/assets/ZenExit.css","/assets/ZenExit.js","/assets/ZoomBar.css","/assets/ZoomBar.js","/assets/announcer.js","/assets/ar.js","/assets/base.css","/assets/base.js","/assets/block.js","/assets/board.css","/assets/board.js","/assets/boardfile.js","/assets/clipboard.js","/assets/copyimages.js","/assets/de.js","/assets/desk.js","/assets/dialog.js","/assets/drawn.js","/assets/editor.js","/assets/editor2.js","/assets/es.js","/assets/finding.js","/assets/forced.css","/assets/forced.js","/assets/fr.js","/assets/fragment.js","/assets/fuzzy.js","/assets/hand.ttf","/assets/handles.js","/assets/icons.js","/assets/images.js","/assets/images2.js","/assets/index.js","/assets/indexeddb.js","/assets/ja.js","/assets/laser.js","/assets/lasting.js","/assets/likeness.js","/assets/linking.js","/assets/mono.ttf","/assets/more.js","/assets/outlines.js","/assets/overlay.js","/assets/panels.js","/assets/pdf.js","/assets/pictures.js","/assets/pictures2.js","/assets/place.js","/assets/purify.es.js","/assets/recognise.js","/assets/sans.ttf","/assets/serif.ttf","/assets/styling.js","/assets/switched.js","/assets/transferwork.js","/assets/transferwork2.js","/assets/transform.js","/assets/upload.js","/assets/vue.js","/assets/widths.js","/assets/write.js","/assets/write2.js","/assets/write3.js","/assets/write4.js","/assets/writing.js","/assets/zh.js","/"]
// The server puts the build into whatever is in double quotes.
const base = "/assets/"
const plain = (path) => (path.startsWith(base) ? '/assets/' + path.slice(base.length) : path)
const isPage = (path) => /^\/(b\/[0-9A-Za-z]+)?$/.test(path)

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
