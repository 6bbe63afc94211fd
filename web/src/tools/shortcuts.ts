import type { Key } from '../i18n/format'
import type { ToolName } from './tool'

/** What a key asks for. */
export type Command =
  | { readonly do: 'tool'; readonly tool: ToolName }
  | { readonly do: 'undo' | 'redo' | 'cancel' | 'zoom-in' | 'zoom-out' | 'zoom-reset' | 'zoom-fit' | 'theme' | 'help' | 'chat' }

export interface KeyInput {
  readonly key: string
  /** The place of the key on the keyboard. */
  readonly code: string
  readonly shift: boolean
  readonly alt: boolean
  /** Ctrl, or ⌘ on a Mac. */
  readonly mod: boolean
}

/** A line of the help. */
export interface Shortcut {
  readonly label: Key
  /** Alternatives; `mod` stands for Ctrl or ⌘. */
  readonly keys: readonly string[]
  readonly command?: Command
}

const tool = (name: ToolName): Command => ({ do: 'tool', tool: name })

export const TOOL_SHORTCUTS: readonly Shortcut[] = [
  { label: 'tools.hand', keys: ['H'], command: tool('hand') },
  { label: 'tools.pen', keys: ['P', 'B', '7'], command: tool('pen') },
  { label: 'tools.line', keys: ['L', '6'], command: tool('line') },
  { label: 'tools.rect', keys: ['R', '2'], command: tool('rect') },
  { label: 'tools.circle', keys: ['C'], command: tool('circle') },
  { label: 'tools.ellipse', keys: ['O', '4'], command: tool('ellipse') },
  { label: 'tools.eraser', keys: ['E', '0'], command: tool('eraser') },
]

export const BOARD_SHORTCUTS: readonly Shortcut[] = [
  { label: 'board.undo', keys: ['mod+Z'], command: { do: 'undo' } },
  { label: 'board.redo', keys: ['mod+shift+Z', 'mod+Y'], command: { do: 'redo' } },
  { label: 'help.cancel', keys: ['Escape'], command: { do: 'cancel' } },
  { label: 'help.theme', keys: ['alt+shift+D'], command: { do: 'theme' } },
  { label: 'help.chat', keys: ['/'], command: { do: 'chat' } },
  { label: 'help.help', keys: ['?'], command: { do: 'help' } },
]

export const VIEW_SHORTCUTS: readonly Shortcut[] = [
  { label: 'board.zoomIn', keys: ['mod+=', 'mod++'], command: { do: 'zoom-in' } },
  { label: 'board.zoomOut', keys: ['mod+-'], command: { do: 'zoom-out' } },
  { label: 'help.zoomReset', keys: ['mod+0', 'shift+0'], command: { do: 'zoom-reset' } },
  { label: 'board.fit', keys: ['shift+1'], command: { do: 'zoom-fit' } },
]

/** Gestures that are no keys, for the help. */
export const GESTURES: readonly Shortcut[] = [
  { label: 'help.moveView', keys: ['Wheel', 'Space + drag', 'Middle button'] },
  { label: 'help.zoom', keys: ['mod + wheel', 'Pinch'] },
  { label: 'help.constrain', keys: ['shift + drag'] },
  { label: 'help.centre', keys: ['alt + drag'] },
]

const ALL = [...TOOL_SHORTCUTS, ...BOARD_SHORTCUTS, ...VIEW_SHORTCUTS]

/** What the key asks for, if anything. */
export function commandOf(input: KeyInput): Command | undefined {
  return ALL.find(({ keys }) => keys.some((chord) => matches(chord, input)))?.command
}

/** The keys of a chord as they are written on this keyboard. */
export function keysOf(chord: string, mac: boolean): string[] {
  const names = mac ? MAC_KEYS : OTHER_KEYS
  return chord.split(/ \+ |(?<=\w)\+(?=.)/).map((key) => names[key] ?? key)
}

const MAC_KEYS: { readonly [key: string]: string } = { mod: '⌘', shift: '⇧', alt: '⌥', Escape: 'Esc' }
const OTHER_KEYS: { readonly [key: string]: string } = { mod: 'Ctrl', shift: 'Shift', alt: 'Alt', Escape: 'Esc' }

function matches(chord: string, { key, code, shift, alt, mod }: KeyInput): boolean {
  const wanted = /^((?:mod\+|shift\+|alt\+)*)(.+)$/.exec(chord)
  if (!wanted) return false
  const [, prefix, name] = wanted as unknown as [string, string, string]
  if (prefix.includes('mod+') !== mod || prefix.includes('alt+') !== alt) return false
  if (/^[A-Z]$/.test(name)) return prefix.includes('shift+') === shift && isLetter(name, key, code)
  if (/^\d$/.test(name)) return prefix.includes('shift+') === shift && code === `Digit${name}`
  return key === name
}

/** By what the key writes; by its place where it writes something else, as with Alt on a Mac or another alphabet. */
function isLetter(name: string, key: string, code: string): boolean {
  return /^[a-z]$/i.test(key) ? key.toUpperCase() === name : code === `Key${name}`
}
