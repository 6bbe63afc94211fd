/** A key that went down. */
export interface KeyInput {
  readonly key: string
  /** The place of the key on the keyboard. */
  readonly code: string
  readonly shift: boolean
  readonly alt: boolean
  /** Ctrl, or ⌘ on a Mac. */
  readonly mod: boolean
  /** The key is held down. */
  readonly repeat?: boolean
}

/**
 * Keys that are pressed together: `mod+shift+Z`. `mod` stands for Ctrl or ⌘; then comes a letter, a digit, a sign or
 * the name of a key as KeyboardEvent.key has it.
 */
export type Chord = string

/** Where signs are on an American keyboard, for keyboards that write something else with the same keys. */
const PLACES: { readonly [sign: string]: string } = {
  ...{ '[': 'BracketLeft', ']': 'BracketRight', "'": 'Quote', '.': 'Period', '/': 'Slash', '=': 'Equal', '-': 'Minus' },
  ...{ '<': 'Comma', '>': 'Period' },
}

/** How well pressed keys fit a chord: they write it, or lie where an American keyboard has it. */
export type Fit = 'written' | 'placed'

/** How the keys pressed are the chord's, on this keyboard or by their places on an American one; undefined if they are not. */
export function fitOf(chord: Chord, input: KeyInput): Fit | undefined {
  const wanted = /^((?:mod\+|shift\+|alt\+)*)(.+)$/.exec(chord)
  if (!wanted) return undefined
  const [, prefix, name] = wanted as unknown as [string, string, string]
  if (prefix.includes('mod+') !== input.mod || prefix.includes('alt+') !== input.alt) return undefined
  const shift = prefix.includes('shift+')
  if (!/^[\dA-Z]$|../.test(name)) return fitOfSign(name, shift, input)
  if (shift !== input.shift) return undefined
  if (name.length > 1) return input.key === name ? 'written' : undefined
  return /\d/.test(name) ? fitOfDigit(name, input) : fitOfLetter(name, input)
}

/** Whether a single key writes the chord, without Ctrl, ⌘ or Alt: what a person who speaks to the computer sets off by chance. */
export function isSingleKey(chord: Chord): boolean {
  return /^(shift\+)?.$/.test(chord)
}

/** The keys of a chord as they are written on this keyboard. */
export function keysOf(chord: Chord, mac: boolean): string[] {
  const names = mac ? MAC_KEYS : OTHER_KEYS
  return chord.split(/ \+ |(?<=\w)\+(?=.)/).map((key) => names[key] ?? SIGNS[key] ?? key)
}

const SIGNS: { readonly [key: string]: string } = {
  ...{ Escape: 'Esc', Delete: 'Del', Backspace: '⌫' },
  ...{ ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓' },
}
const MAC_KEYS: { readonly [key: string]: string } = { mod: '⌘', shift: '⇧', alt: '⌥' }
const OTHER_KEYS: { readonly [key: string]: string } = { mod: 'Ctrl', shift: 'Shift', alt: 'Alt' }

/** By what the key writes; by its place where it writes something else, as with Alt on a Mac or another alphabet. */
function fitOfLetter(name: string, { key, code }: KeyInput): Fit | undefined {
  if (/^[a-z]$/i.test(key)) return key.toUpperCase() === name ? 'written' : undefined
  return code === `Key${name}` ? 'placed' : undefined
}

/** By its place: with Shift, or on a French keyboard, the key writes something else. */
function fitOfDigit(name: string, { key, code }: KeyInput): Fit | undefined {
  return code === `Digit${name}` || (code === `Numpad${name}` && key === name) ? 'written' : undefined
}

/** Signs are written with and without Shift; a chord that names Shift means the key's place, or the sign that it writes. */
function fitOfSign(name: string, shifted: boolean, { key, code, shift, alt, mod }: KeyInput): Fit | undefined {
  if (key === name && (!shifted || '<>'.includes(name))) return 'written'
  const writesNoSign = mod || alt || !/^[ -~]$/.test(key)
  return code === PLACES[name] && shift === shifted && (shifted || (writesNoSign && !'<>'.includes(name))) ? 'placed' : undefined
}
