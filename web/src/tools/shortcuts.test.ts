import { describe, expect, test } from 'vitest'
import { BOARD_SHORTCUTS, commandOf, keysOf, TOOL_SHORTCUTS, VIEW_SHORTCUTS, type KeyInput } from './shortcuts'

const key = (name: string, o: Partial<KeyInput> = {}): KeyInput => ({ key: name, code: '', shift: false, alt: false, mod: false, ...o })

describe('a key', () => {
  test.each([
    ['p', key('p', { code: 'KeyP' }), { do: 'tool', tool: 'pen' }],
    ['caps lock and P', key('P', { code: 'KeyP' }), { do: 'tool', tool: 'pen' }],
    ['7', key('7', { code: 'Digit7' }), { do: 'tool', tool: 'pen' }],
    ['c', key('c', { code: 'KeyC' }), { do: 'tool', tool: 'circle' }],
    ['P on a Russian keyboard', key('з', { code: 'KeyP' }), { do: 'tool', tool: 'pen' }],
    ['Ctrl+Z', key('z', { code: 'KeyZ', mod: true }), { do: 'undo' }],
    ['Ctrl+Shift+Z', key('Z', { code: 'KeyZ', mod: true, shift: true }), { do: 'redo' }],
    ['Ctrl+Y', key('y', { code: 'KeyY', mod: true }), { do: 'redo' }],
    ['Ctrl+Z where Y and Z have changed places', key('z', { code: 'KeyY', mod: true }), { do: 'undo' }],
    ['Ctrl+=', key('=', { code: 'Equal', mod: true }), { do: 'zoom-in' }],
    ['Ctrl and Shift and +', key('+', { code: 'Equal', mod: true, shift: true }), { do: 'zoom-in' }],
    ['Shift+1', key('!', { code: 'Digit1', shift: true }), { do: 'zoom-fit' }],
    ['Option+Shift+D on a Mac', key('Î', { code: 'KeyD', alt: true, shift: true }), { do: 'theme' }],
    ['?', key('?', { code: 'Slash', shift: true }), { do: 'help' }],
    ['Escape', key('Escape', { code: 'Escape' }), { do: 'cancel' }],
  ])('%s', (_, input, want) => {
    expect(commandOf(input)).toEqual(want)
  })

  test.each([
    ['Ctrl+P, which prints', key('p', { code: 'KeyP', mod: true })],
    ['Ctrl+C, which copies', key('c', { code: 'KeyC', mod: true })],
    ['Shift+P', key('P', { code: 'KeyP', shift: true })],
    ['Enter', key('Enter', { code: 'Enter' })],
  ])('%s means nothing here', (_, input) => {
    expect(commandOf(input)).toBeUndefined()
  })
})

test('no two shortcuts share a key', () => {
  const keys = [...TOOL_SHORTCUTS, ...BOARD_SHORTCUTS, ...VIEW_SHORTCUTS].flatMap((shortcut) => shortcut.keys)
  expect(new Set(keys).size).toBe(keys.length)
})

test.each([
  ['mod+shift+Z', false, ['Ctrl', 'Shift', 'Z']],
  ['mod+shift+Z', true, ['⌘', '⇧', 'Z']],
  ['mod++', false, ['Ctrl', '+']],
  ['Space + drag', false, ['Space', 'drag']],
])('%s is written as its keys', (chord, mac, want) => {
  expect(keysOf(chord, mac)).toEqual(want)
})
