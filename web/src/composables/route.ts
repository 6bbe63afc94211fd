import { shallowRef, type ShallowRef } from 'vue'

/** Where the page is: the start page, or a board by its link /b/{id}#{secret}. */
export type Route = { readonly page: 'home' } | { readonly page: 'board'; readonly board: string; readonly secret: string }

const route = shallowRef(read())

window.addEventListener('popstate', () => (route.value = read()))
window.addEventListener('hashchange', () => (route.value = read()))

export function useRoute(): Readonly<ShallowRef<Route>> {
  return route
}

/** Goes to a path of this site; with `replace`, without a new entry in the browser's history. */
export function go(path: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', path)
  route.value = read()
}

/** The path of a board's link. */
export function boardPath(board: string, secret: string): string {
  return `/b/${board}#${secret}`
}

/** The board and secret of a link; undefined if it is none. */
export function parseLink(link: string): { board: string; secret: string } | undefined {
  const match = /\/b\/([0-9A-Za-z]+)#([0-9A-Za-z_-]+)$/.exec(link.trim())
  return match ? { board: match[1]!, secret: match[2]! } : undefined
}

function read(): Route {
  const board = /^\/b\/([0-9A-Za-z]+)$/.exec(location.pathname)?.[1]
  return board ? { page: 'board', board, secret: location.hash.slice(1) } : { page: 'home' }
}
