import { describe, expect, test } from 'vitest'
import { fitOf, isSingleKey, keysOf, type KeyInput } from './chords'

const key = (name: string, code: string, o: Partial<KeyInput> = {}): KeyInput => ({ key: name, code, shift: false, alt: false, mod: false, ...o })
const mod = { mod: true }
const shift = { shift: true }

describe('a chord is', () => {
  test.each([
    ['P', key('p', 'KeyP'), true],
    ['P', key('P', 'KeyP'), true],
    ['P', key('P', 'KeyP', shift), false],
    ['P', key('з', 'KeyP'), true],
    ['P', key('p', 'KeyP', mod), false],
    ['mod+Z', key('z', 'KeyY', mod), true],
    ['mod+Z', key('y', 'KeyZ', mod), false],
    ['mod+shift+Z', key('Z', 'KeyZ', { ...mod, ...shift }), true],
    ['alt+shift+D', key('Î', 'KeyD', { alt: true, ...shift }), true],
    ['alt+A', key('å', 'KeyA', { alt: true }), true],
    ['shift+1', key('!', 'Digit1', shift), true],
    ['7', key('7', 'Digit7'), true],
    ['7', key('è', 'Digit7'), true],
    ['?', key('?', 'Slash', shift), true],
    ['?', key('?', 'Minus', shift), true],
    ['/', key('/', 'Slash'), true],
    ['/', key('!', 'Slash'), false],
    ['mod+/', key('-', 'Slash', mod), true],
    ['mod+=', key('=', 'Equal', mod), true],
    ['mod++', key('+', 'Equal', { ...mod, ...shift }), true],
    [']', key(']', 'BracketRight'), true],
    ['[', key('ü', 'BracketLeft'), true],
    ['mod+]', key(']', 'BracketRight', mod), true],
    ['mod+]', key('}', 'BracketRight', { ...mod, ...shift }), false],
    ['mod+shift+]', key('}', 'BracketRight', { ...mod, ...shift }), true],
    ['mod+shift+>', key('>', 'Period', { ...mod, ...shift }), true],
    ['mod+shift+>', key('>', 'IntlBackslash', { ...mod, ...shift }), true],
    ['mod+shift+<', key('<', 'IntlBackslash', mod), true],
    ['mod+0', key('0', 'Numpad0', mod), true],
    ['mod+0', key('Insert', 'Numpad0', mod), false],
    ['mod+.', key('>', 'Period', { ...mod, ...shift }), false],
    ['mod+.', key('.', 'Period', mod), true],
    ["mod+'", key('ä', 'Quote', mod), true],
    ['ArrowUp', key('ArrowUp', 'ArrowUp'), true],
    ['ArrowUp', key('ArrowUp', 'ArrowUp', shift), false],
    ['shift+ArrowUp', key('ArrowUp', 'ArrowUp', shift), true],
    ['mod+Enter', key('Enter', 'Enter', mod), true],
    ['Enter', key('Enter', 'Enter', mod), false],
  ])('%s: %o → %s', (chord, input, want) => {
    expect(fitOf(chord, input) !== undefined).toBe(want)
  })
})

test.each([
  ['mod+shift+Z', false, ['Ctrl', 'Shift', 'Z']],
  ['mod+shift+Z', true, ['⌘', '⇧', 'Z']],
  ['mod++', false, ['Ctrl', '+']],
  ['mod+-', false, ['Ctrl', '-']],
  ['mod+ArrowLeft', true, ['⌘', '←']],
  ['Space + drag', false, ['Space', 'drag']],
])('%s is written as its keys', (chord, mac, want) => {
  expect(keysOf(chord, mac)).toEqual(want)
})

test.each([
  ['P', true],
  ['shift+H', true],
  ['?', true],
  ['mod+Z', false],
  ['alt+A', false],
  ['Delete', false],
])('%s is set off by a single key: %s', (chord, want) => {
  expect(isSingleKey(chord)).toBe(want)
})
