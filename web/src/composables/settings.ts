import { shallowRef } from 'vue'
import { isObject } from '../board/validate'
import { load, save } from './storage'

/** How this browser's user likes to work; not part of any board. */
export interface Settings {
  /** Whether a tool stays in hand after a shape was made. */
  readonly keep: boolean
  /** Whether the grid is shown, and what positions snap to. */
  readonly grid: boolean
  readonly snapGrid: boolean
  readonly snapObjects: boolean
  /** Whether the wheel zooms rather than moves the plane, as those with a mouse may like it. */
  readonly wheelZooms: boolean
  /** Whether the style panel is open, where there is room for it. */
  readonly stylePanel: boolean
  readonly map: boolean
  /** Whether comments are shown on the board. */
  readonly comments: boolean
}

const DEFAULTS: Settings = { keep: false, grid: true, snapGrid: false, snapObjects: false, wheelZooms: false, stylePanel: true, map: false, comments: true }

const settings = shallowRef(read())

export function useSettings() {
  const set = (change: Partial<Settings>) => {
    settings.value = { ...settings.value, ...change }
    save('settings', settings.value)
  }
  const toggle = (name: keyof Settings) => set({ [name]: !settings.value[name] })
  return { settings, set, toggle }
}

function read(): Settings {
  const stored = load('settings')
  if (!isObject(stored)) return DEFAULTS
  const known = Object.entries(stored).filter(([name, value]) => name in DEFAULTS && typeof value === 'boolean')
  return { ...DEFAULTS, ...Object.fromEntries(known) }
}
