import { describe, expect, test } from 'vitest'
import type { KeyInput } from './chords'
import { COMMANDS, commandFor, whyNot } from './registry'
import type { Context } from './context'
import { LANGUAGES, type Language } from '../i18n'
import { en } from '../i18n/en/all'
import { lookup } from '../i18n/format'
import { outlineName, prepareNames } from '../i18n/outlines'
import { OUTLINES } from '../shapes/outlines'

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
    ['Ctrl and + on a German keyboard, where ] is on an American one', key('+', { code: 'BracketRight', mod: true }), 'zoom-in'],
    ['Ctrl and - on a German keyboard, where / is on an American one', key('-', { code: 'Slash', mod: true }), 'zoom-out'],
    ['Ctrl+Ü on a German keyboard, where [ is on an American one', key('ü', { code: 'BracketLeft', mod: true }), 'backward'],
    ['Ctrl and . on a French keyboard, where < is on an American one', key('.', { code: 'Comma', mod: true, shift: true }), 'zen'],
    ['? on a French keyboard', key('?', { code: 'KeyM', shift: true }), 'help'],
    ['1 on a French keyboard', key('&', { code: 'Digit1' }), 'tool-select'],
    ['A on a French keyboard', key('a', { code: 'KeyQ' }), 'tool-arrow'],
    ['Ctrl+Z on a French keyboard', key('z', { code: 'KeyW', mod: true }), 'undo'],
    ['Ctrl and + beside the digits', key('+', { code: 'NumpadAdd', mod: true }), 'zoom-in'],
    ['Ctrl and 0 beside the digits', key('0', { code: 'Numpad0', mod: true }), 'zoom-reset'],
  ])('%s', (_, input, want) => {
    expect(byKey(input)).toBe(want)
  })
})

/** What each row of the table of shortcuts stands for; `mod` is Ctrl or ⌘. */
const TABLE: readonly (readonly [chords: string, command: string])[] = [
  ['V 1', 'tool-select'],
  ['H', 'tool-hand'],
  ['R 2', 'tool-rect'],
  ['D 3', 'tool-diamond'],
  ['O 4', 'tool-ellipse'],
  ['C', 'tool-circle'],
  ['A 5', 'tool-arrow'],
  ['L 6', 'tool-line'],
  ['P 7 B', 'tool-pen'],
  ['shift+P', 'tool-highlighter'],
  ['T 8', 'tool-text'],
  ['9', 'tool-image'],
  ['E 0', 'tool-eraser'],
  ['N S', 'tool-note'],
  ['F', 'tool-frame'],
  ['K', 'tool-laser'],
  ['I', 'dropper'],
  ['G', 'bucket'],
  ['Q', 'keepTool'],
  ['Z', 'zoom'],
  ['mod+Z', 'undo'],
  ['mod+shift+Z mod+Y', 'redo'],
  ['mod+C', 'copy'],
  ['mod+X', 'cut'],
  ['mod+V', 'paste'],
  ['mod+shift+V', 'paste-plain'],
  ['mod+D', 'duplicate'],
  ['Delete Backspace', 'delete'],
  ['mod+A', 'select-all'],
  ['Escape', 'cancel'],
  ['mod+G', 'group'],
  ['mod+shift+G', 'ungroup'],
  ['mod+]', 'forward'],
  ['mod+[', 'backward'],
  ['] mod+shift+]', 'to-front'],
  ['[ mod+shift+[', 'to-back'],
  ['mod+shift+ArrowLeft alt+A', 'align-left'],
  ['mod+shift+ArrowRight alt+D', 'align-right'],
  ['mod+shift+ArrowUp alt+W', 'align-top'],
  ['mod+shift+ArrowDown', 'align-bottom'],
  ['alt+H', 'align-center'],
  ['alt+V', 'align-middle'],
  ['alt+shift+H', 'distribute-horizontal'],
  ['alt+shift+V', 'distribute-vertical'],
  ['shift+H', 'flip-horizontal'],
  ['shift+V', 'flip-vertical'],
  ['mod+shift+L', 'lock'],
  ['ArrowLeft', 'nudge-Left'],
  ['shift+ArrowDown', 'push-Down'],
  ['mod+= mod++', 'zoom-in'],
  ['mod+-', 'zoom-out'],
  ['mod+0 shift+0', 'zoom-reset'],
  ['shift+1', 'zoom-fit'],
  ['shift+2', 'zoom-selection'],
  ["mod+'", 'grid'],
  ['alt+S', 'snap'],
  ['alt+shift+D', 'theme'],
  ['mod+. alt+Z', 'zen'],
  ['mod+K mod+shift+P mod+/', 'palette'],
  ['mod+F', 'find'],
  ['/', 'chat'],
  ['alt+shift+C', 'copy-png'],
  ['mod+shift+C', 'copy-svg'],
  ['mod+alt+C', 'copy-style'],
  ['mod+alt+V', 'paste-style'],
  ['shift+S', 'stroke-color'],
  ['shift+G', 'fill-color'],
  ['mod+shift+>', 'bigger-text'],
  ['mod+shift+<', 'smaller-text'],
  ['Enter mod+Enter', 'write'],
  ['Tab', 'convert'],
  ['mod+ArrowLeft', 'link-left'],
  ['mod+ArrowDown', 'link-down'],
  ['?', 'help'],
]

test.each(TABLE)('%s: %s', (chords, id) => {
  expect(COMMANDS.find((command) => command.id === id)?.keys).toEqual(expect.arrayContaining(chords.split(' ')))
})

test('no two commands share a chord or an id', () => {
  const keys = COMMANDS.flatMap((command) => command.keys)
  expect(keys.filter((one, i) => keys.indexOf(one) !== i)).toEqual([])
  const ids = COMMANDS.map(({ id }) => id)
  expect(ids.filter((one, i) => ids.indexOf(one) !== i)).toEqual([])
})

test('every command has a name', () => {
  for (const { label } of COMMANDS.filter(({ group }) => group !== 'shapes')) expect(lookup(en, label), label).toBeTypeOf('string')
})

test('every outline of the library has a command that takes its tool, and a name in every language', async () => {
  await prepareNames()
  const commands = COMMANDS.filter(({ group }) => group === 'shapes')
  expect(commands.map(({ id }) => id)).toEqual([...OUTLINES.keys()].map((kind) => `tool-outline:${kind}`))
  for (const { label } of commands) {
    for (const language of Object.keys(LANGUAGES) as Language[]) expect(outlineName(label, language), `${label} in ${language}`).toMatch(/[^a-z]/)
  }
  const [first] = OUTLINES.keys()
  let chosen: string | undefined
  commands[0]!.run({ choose: (tool: string) => (chosen = tool) } as unknown as Context, false)
  expect(chosen).toBe(`outline:${first}`)
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
