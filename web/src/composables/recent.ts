import { shallowRef } from 'vue'
import { isObject } from '../board/validate'
import { load, save } from './storage'

/** How many boards are remembered. */
const MOST = 60

/** A board that this browser has opened; whoever has the secret may open it. */
export interface RecentBoard {
  readonly id: string
  readonly secret: string
  readonly title: string
  readonly role: 'editor' | 'viewer'
  /** Unix ms. */
  readonly opened: number
}

const boards = shallowRef(read())

window.addEventListener('storage', () => (boards.value = read()))

/** The boards that this browser has opened, the last one first. */
export function useRecent() {
  return { boards, remember, forget }
}

function remember(board: RecentBoard): void {
  write([board, ...read().filter(({ id }) => id !== board.id)].slice(0, MOST))
}

function forget(board: string): void {
  write(read().filter(({ id }) => id !== board))
}

function write(next: readonly RecentBoard[]): void {
  save('boards', next)
  boards.value = next
}

function read(): readonly RecentBoard[] {
  const stored = load('boards')
  return Array.isArray(stored) ? stored.filter(isRecent).sort((a, b) => b.opened - a.opened) : []
}

function isRecent(value: unknown): value is RecentBoard {
  if (!isObject(value)) return false
  const { id, secret, title, opened } = value
  return typeof id === 'string' && typeof secret === 'string' && typeof title === 'string' && typeof opened === 'number'
}
