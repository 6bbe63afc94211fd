import { describe, expect, test } from 'vitest'
import type { KeyInput } from './chords'
import { COMMANDS, commandFor, whyNot } from './registry'
import type { Context } from './context'
import { en } from '../i18n/en'
import { lookup } from '../i18n/format'

const key = (name: string, o: Partial<KeyInput> = {}): KeyInput => ({ key: name, code: '', shift: false, alt: false, mod: false, ...o })
const byKey = (input: KeyInput) => commandFor(input)?.id

describe('a key', () => {
  test.each([
    ['p', key('p', { code: 'KeyP' }), 'tool-pen'],
    ['caps lock and P', key('P', { code: 'KeyP' }), 'tool-pen'],
    ['7', key('7', { code: 'Digit7' }), 'tool-pen'],
    ['Shift+P', key('P', { code: 'KeyP', shift: true }), 'tool-highlighter'],
    ['P on a Russian keyboard', key('з', { code: 'KeyP' }), 'tool-pen'],
    ['Ctrl+Z where Y and Z have changed places', key('z', { code: 'KeyY', mod: true }), 'undo'],
    ['Ctrl and Shift and +', key('+', { code: 'Equal', mod: true, shift: true }), 'zoom-in'],
    ['Option+Shift+D on a Mac', key('Î', { code: 'KeyD', alt: true, shift: true }), 'theme'],
    ['?', key('?', { code: 'Slash', shift: true }), 'help'],
    ['Escape', key('Escape', { code: 'Escape' }), 'cancel'],
    ['Ctrl+P, which prints', key('p', { code: 'KeyP', mod: true }), undefined],
    ['Ctrl+T, which opens a tab', key('t', { code: 'KeyT', mod: true }), undefined],
  ])('%s', (_, input, want) => {
    expect(byKey(input)).toBe(want)
  })
})

test('no two commands share a chord or an id', () => {
  const keys = COMMANDS.flatMap((command) => command.keys)
  expect(keys.filter((one, i) => keys.indexOf(one) !== i)).toEqual([])
  const ids = COMMANDS.map(({ id }) => id)
  expect(ids.filter((one, i) => ids.indexOf(one) !== i)).toEqual([])
})

test('every command has a name', () => {
  for (const { label } of COMMANDS) expect(lookup(en, label), label).toBeTypeOf('string')
})

describe('a command can be used', () => {
  const context = (o: Partial<Context>): Context => ({ mayEdit: true, selected: new Set(), offers: {}, ...o }) as Context
  const why = (id: string, o: Partial<Context>) => whyNot(COMMANDS.find((one) => one.id === id)!, context(o))

  test('by those who may edit, with enough selected, where its part of the page is', () => {
    expect(why('group', { mayEdit: false })).toBe('commands.whyViewer')
    expect(why('group', { selected: new Set(['a']) })).toBe('commands.whyTwo')
    expect(why('group', { selected: new Set(['a', 'b']) })).toBeUndefined()
    expect(why('zoom-selection', { mayEdit: false, selected: new Set(['a']) })).toBeUndefined()
    expect(why('undo', {})).toBe('commands.whyNotHere')
    expect(why('undo', { offers: { undo: () => {} } })).toBeUndefined()
  })
})
