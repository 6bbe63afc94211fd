import { load, save } from './storage'

const MOST = 5

/** The ids of the commands that were chosen in the palette, the latest first. */
export function recentCommands(): string[] {
  const stored = load('recent-commands')
  return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string').slice(0, MOST) : []
}

export function noteCommand(id: string): void {
  save('recent-commands', [id, ...recentCommands().filter((other) => other !== id)].slice(0, MOST))
}
