/** How long the page waits for a newer build to take over, in ms. */
const PATIENCE = 500

/**
 * Lets the page open without a network, from the files of one build. If a newer build is there, and no other
 * page is open, goes on with that: resolves to true when the page is to be loaded again.
 */
export async function openOffline(): Promise<boolean> {
  // Exists in secure contexts only.
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined
  if (!workers) return false
  const waiting = workers.controller ? (await workers.getRegistration())?.waiting : undefined
  if (waiting && (await takesOver(workers, waiting))) return true
  // Not before the page is shown: the files are fetched once more.
  setTimeout(() => void workers.register('/sw.js').catch(() => undefined), 3000)
  return false
}

function takesOver(workers: ServiceWorkerContainer, waiting: ServiceWorker): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), PATIENCE)
    workers.addEventListener('controllerchange', () => {
      clearTimeout(late)
      resolve(true)
    })
    waiting.postMessage('take over')
  })
}
