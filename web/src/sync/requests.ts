/** IndexedDB by promises. A transaction stays open as long as each request is made when the one before is done. */

/** The result of a request. */
export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** Resolves when the transaction is kept, rejects when it is undone. */
export function doneOf(work: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    work.oncomplete = () => resolve()
    work.onabort = () => reject(work.error ?? new DOMException('the transaction was given up', 'AbortError'))
  })
}
