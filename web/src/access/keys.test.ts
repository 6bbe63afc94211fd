import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../commands/registry'
import { fitOf } from '../commands/chords'
import { handKey, shapeKey } from './keys'

const press = (chord: string) => {
  const names = chord.split('+')
  return { key: names.at(-1)!, code: names.at(-1)!, shift: names.includes('shift'), alt: names.includes('alt'), mod: names.includes('mod') }
}

describe('on a shape that has the focus', () => {
  test.each([
    ['ArrowLeft', { do: 'go', to: 'left' }],
    ['Home', { do: 'go', to: 'first' }],
    ['PageDown', { do: 'go', to: 'next' }],
    ['alt+ArrowUp', { do: 'move', dx: 0, dy: -1 }],
    ['shift+ArrowRight', { do: 'move', dx: 10, dy: 0 }],
    ['shift+alt+ArrowDown', { do: 'resize', dx: 0, dy: 10 }],
    [' ', { do: 'select', add: false }],
    ['shift+ ', { do: 'select', add: true }],
    ['Enter', { do: 'open' }],
    ['Backspace', { do: 'delete' }],
    ['Escape', { do: 'leave' }],
    ['mod+ArrowLeft', undefined],
    ['shift+Enter', undefined],
    ['a', undefined],
  ])('%s is %j', (chord, action) => {
    expect(shapeKey(press(chord))).toEqual(action)
  })

  test('resizing takes no keys from commands', () => {
    for (const arrow of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']) {
      for (const mods of ['alt+', 'shift+alt+']) {
        const input = press(mods + arrow)
        expect(COMMANDS.filter(({ keys }) => keys.some((chord) => fitOf(chord, input))).map(({ id }) => id)).toEqual([])
      }
    }
  })
})

describe('while something is placed', () => {
  test.each([
    ['ArrowLeft', { do: 'move', dx: -10, dy: 0 }],
    ['alt+ArrowLeft', { do: 'move', dx: -1, dy: 0 }],
    ['shift+alt+ArrowUp', { do: 'resize', dx: 0, dy: -10 }],
    [' ', { do: 'press' }],
    ['Escape', { do: 'give-up' }],
    ['Tab', undefined],
  ])('%s is %j', (chord, action) => {
    expect(handKey(press(chord))).toEqual(action)
  })
})
