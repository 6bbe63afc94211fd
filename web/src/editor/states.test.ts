import { expect, test } from 'vitest'
import { Bench, box } from '../testing/desk'
import { clearBoard, deleteSelection } from './deleting'
import { moveBy } from './moving'
import { invertSelection, selectAll, selectSameStyle } from './selecting'
import { hide, showAll, toggleLock, unlockAll } from './states'

const three = () => new Bench().put({ a: box(0, 0, 9, 9), b: box(20, 0, 9, 9), c: box(40, 0, 9, 9, { color: 'red' }) })

test('locked shapes are neither moved, deleted nor selected', () => {
  const bench = three().select('a', 'b')
  bench.put({ a: { locked: true } })
  expect(bench.act(moveBy(5, 0)).locked).toBe(1)
  expect([bench.prop('a', 'at'), bench.prop('b', 'at')]).toEqual([[0, 0], [25, 0]])
  expect(bench.act(deleteSelection).locked).toBe(1)
  expect(bench.order()).toBe('a c')
  expect([...bench.selection]).toEqual(['a'])
  bench.act(selectAll)
  expect([...bench.selection]).toEqual(['c'])
  expect(bench.act(clearBoard).locked).toBe(1)
  expect(bench.order()).toBe('a')
})

test('a locked layer locks its shapes', () => {
  const bench = three().put({ l1: { kind: 'layer', name: '', z: 'a1', locked: true }, a: { layer: 'l1' } })
  expect(bench.select('a').act(deleteSelection)).toMatchObject({ edits: [], locked: 1 })
})

test('lock and unlock', () => {
  const bench = three().select('a', 'b')
  bench.act(toggleLock)
  expect([bench.prop('a', 'locked'), bench.prop('b', 'locked')]).toEqual([true, true])
  bench.select('a').act(toggleLock)
  expect(bench.prop('a', 'locked')).toBe(false)
  bench.act(unlockAll)
  expect([bench.prop('b', 'locked'), [...bench.selection]]).toEqual([false, ['b']])
})

test('hide and show', () => {
  const bench = three().select('a', 'b')
  bench.act(hide)
  expect(bench.order()).toBe('c')
  expect(bench.selection.size).toBe(0)
  bench.act(showAll)
  expect(bench.order()).toBe('a b c')
  expect([...bench.selection].sort()).toEqual(['a', 'b'])
})

test('the selection is inverted, and grows to what looks the same', () => {
  const bench = three().select('a')
  bench.act(invertSelection)
  expect([...bench.selection].sort()).toEqual(['b', 'c'])
  bench.select('a').act(selectSameStyle)
  expect([...bench.selection].sort()).toEqual(['a', 'b'])
})
