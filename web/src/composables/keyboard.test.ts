import { beforeEach, describe, expect, test, vi } from 'vitest'
import { commandFor } from '../commands/registry'

vi.stubGlobal('navigator', { platform: '' })
const { handlersFor } = await import('./keyboard')

/** A key as a keyboard sends it: what it writes, where it lies, and what is held down with it. */
type Press = readonly [key: string, code: string, ...held: ('alt' | 'ctrl' | 'meta' | 'shift')[]]

beforeEach(() => {
  vi.stubGlobal('HTMLElement', class {})
  vi.stubGlobal('navigator', {})
})

/** Which commands a keyboard sets off. */
function keyboardFor(mac: boolean) {
  const run: (string | undefined)[] = []
  const { onDown } = handlersFor({ key: (input) => run.push(commandFor(input)?.id) > 0, modifiers: () => {}, space: () => {} }, mac)
  const press = ([key, code, ...held]: Press) => {
    const is = (name: (typeof held)[number]) => held.includes(name)
    onDown({ key, code, altKey: is('alt'), ctrlKey: is('ctrl'), metaKey: is('meta'), shiftKey: is('shift'), target: null, preventDefault: () => {} } as KeyboardEvent)
    return run.splice(0)
  }
  return press
}

describe('what is for the system sets off nothing', () => {
  test.each<[string, boolean, Press]>([
    ['Win+Shift+S', false, ['S', 'KeyS', 'meta', 'shift']],
    ['Win+V', false, ['v', 'KeyV', 'meta']],
    ['Win+Ctrl+D', false, ['d', 'KeyD', 'meta', 'ctrl']],
    ['Ctrl+E on a Mac', true, ['e', 'KeyE', 'ctrl']],
    ['Ctrl+⌘+F on a Mac', true, ['f', 'KeyF', 'ctrl', 'meta']],
  ])('%s', (_, mac, press) => {
    expect(keyboardFor(mac)(press)).toEqual([])
  })

  test.each<[string, boolean, Press, string]>([
    ['Shift+S', false, ['S', 'KeyS', 'shift'], 'stroke-color'],
    ['Ctrl+D', false, ['d', 'KeyD', 'ctrl'], 'duplicate'],
    ['⌘D', true, ['d', 'KeyD', 'meta'], 'duplicate'],
    ['E', true, ['e', 'KeyE'], 'tool-eraser'],
  ])('but %s does', (_, mac, press, id) => {
    expect(keyboardFor(mac)(press)).toEqual([id])
  })
})

describe('⌥ with a letter goes by what is on the key', () => {
  const AZERTY = { KeyQ: 'a', KeyA: 'q', KeyW: 'z', KeyZ: 'w' }

  test('where the browser knows the keyboard', async () => {
    vi.stubGlobal('navigator', { keyboard: { getLayoutMap: () => Promise.resolve(new Map(Object.entries(AZERTY))) } })
    const press = keyboardFor(true)
    await Promise.resolve()
    expect(press(['æ', 'KeyQ', 'alt'])).toEqual(['align-left'])
    expect(press(['‡', 'KeyA', 'alt'])).toEqual([undefined])
    expect(press(['Â', 'KeyW', 'alt'])).toEqual(['zen'])
  })

  test('and where it has been typed', () => {
    const press = keyboardFor(true)
    expect(press(['å', 'KeyA', 'alt'])).toEqual(['align-left'])
    press(['q', 'KeyA'])
    expect(press(['‡', 'KeyA', 'alt'])).toEqual([undefined])
    press(['a', 'KeyQ'])
    expect(press(['æ', 'KeyQ', 'alt'])).toEqual(['align-left'])
  })

  test('letters of another alphabet leave it to the place of the key', () => {
    const press = keyboardFor(true)
    press(['ф', 'KeyA'])
    expect(press(['ƒ', 'KeyA', 'alt'])).toEqual(['align-left'])
  })
})
