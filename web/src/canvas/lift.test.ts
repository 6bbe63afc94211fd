import { beforeEach, describe, expect, test } from 'vitest'
import { Document } from '../board/document'
import type { Patch, RecordId } from '../board/types'
import type { Draft } from '../sync/live'
import { Block, inBlocks } from './block'
import { Lift } from './lift'
import { Scene } from './scene'

const rect = (x: number, more: Patch = {}): Patch => ({ kind: 'rect', at: [x, 0], size: [10, 10], color: 'red', width: 2, z: 'a1', ...more })
const bound = (to: RecordId): Patch => ({ to, at: [0.5, 0.5], inside: false })
const arrow: Patch = { kind: 'arrow', at: [10, 5], size: [90, 0], z: 'a2', startbind: bound('a'), endbind: bound('b') }

let doc: Document
let scene: Scene
let drafts: Map<RecordId, Draft>
let lift: Lift

beforeEach(() => {
  doc = new Document({ actor: 'actor123', now: () => 1_700_000_000_000 })
  scene = new Scene(doc)
  drafts = new Map()
  lift = new Lift({ scene, drafts: () => drafts })
  lift.inBlocks = inBlocks
})

function draft(id: RecordId, props: Patch): void {
  drafts.set(id, { kind: 'shape', id, user: 'Ana', actor: 'actor456', props, seen: 0 })
}

describe('what is lifted', () => {
  test('leaves the tiles where it was, is shown where it is, and is told when it ends', () => {
    doc.edit([['a', rect(0)]])
    lift.edits = [['a', { at: [500, 0] }]]
    const begun = lift.update()
    expect(begun.dirty.map(({ minX }) => minX)).toEqual([-1])
    expect(lift.has('a')).toBe(true)
    expect(lift.sketches.map(({ box }) => box?.minX)).toEqual([499])
    lift.edits = []
    const ended = lift.update()
    expect([ended.ended, ended.dirty.length, lift.has('a'), lift.sketches]).toEqual([['a'], 1, false, []])
  })

  test('costs the tiles nothing more while it moves on', () => {
    doc.edit([['a', rect(0)]])
    lift.edits = [['a', { at: [500, 0] }]]
    lift.update()
    lift.edits = [['a', { at: [600, 0] }]]
    expect(lift.update()).toEqual({ dirty: [], ended: [] })
    expect(lift.sketches[0]!.box!.minX).toBe(599)
  })

  test('takes along the arrows that are bound to it, whoever moves it', () => {
    doc.edit([['a', rect(0)], ['b', rect(100)], ['c', arrow]])
    const before = scene.get('c')!.box
    draft('b', { at: [100, 300] })
    lift.update()
    expect(lift.has('c')).toBe(true)
    expect(lift.shape('c')!.box.maxY).toBeGreaterThan(before.maxY + 200)
    expect(scene.get('c')!.box).toEqual(before)
  })

  test('is what we change ourselves before what others do', () => {
    doc.edit([['a', rect(0)]])
    draft('a', { at: [500, 0] })
    lift.edits = [['a', { at: [700, 0] }]]
    lift.update()
    expect(lift.shape('a')!.props['at']).toEqual([700, 0])
  })

  test('may be new', () => {
    lift.edits = [['n', rect(40)]]
    expect(lift.update().dirty).toEqual([])
    expect(lift.sketches).toHaveLength(1)
  })

  test('stays hidden if it is', () => {
    doc.edit([['a', rect(0, { hidden: true })]])
    draft('a', { at: [500, 0] })
    lift.update()
    expect(lift.sketches).toEqual([])
  })

  test('is one bitmap when it is much that moves alike', () => {
    const ids = Array.from({ length: 400 }, (_, i) => `r${i}`)
    doc.edit(ids.map((id, i) => [id, rect(20 * i)]))
    const by = (dx: number) => ids.map((id, i): [RecordId, Patch] => [id, { at: [20 * i + dx, 0] }])
    lift.edits = by(5)
    lift.update()
    const [block] = lift.sketches
    expect(lift.sketches).toHaveLength(1)
    expect(block).toBeInstanceOf(Block)
    lift.edits = by(9)
    lift.update()
    expect(lift.sketches[0]).toBe(block)
    expect(block!.box!.minX).toBe(8)
  })
})

describe('a scene follows what shapes depend on', () => {
  test('an arrow is made anew when what it is bound to moves', () => {
    doc.edit([['a', rect(0)], ['b', rect(100)], ['c', arrow]])
    const before = scene.get('c')!
    doc.edit([['b', { at: [100, 300] }]])
    expect(scene.get('c')).not.toBe(before)
    expect(scene.get('c')!.box.maxY).toBeGreaterThan(before.box.maxY + 200)
  })

  test('layers hide, lock and order', () => {
    doc.edit([['l', { kind: 'layer', name: 'Top', z: 'a1' }], ['a', rect(0, { layer: 'l', z: 'a0' })], ['b', rect(5, { z: 'a5' })]])
    expect(scene.all().map(({ id }) => id)).toEqual(['b', 'a'])
    doc.edit([['l', { locked: true }]])
    expect(scene.isLocked('a')).toBe(true)
    doc.edit([['l', { hidden: true }]])
    expect(scene.all().map(({ id }) => id)).toEqual(['b'])
    doc.edit([['l', { hidden: false }]])
    expect(scene.all().map(({ id }) => id)).toEqual(['b', 'a'])
    doc.edit([['l', { deleted: true }]])
    expect(scene.all().map(({ id }) => id)).toEqual(['a', 'b'])
  })

  test('a frame clips what is in it, and what it hides is hidden', () => {
    doc.edit([['f', { kind: 'frame', at: [0, 0], size: [50, 50], z: 'a0' }], ['a', rect(30, { frame: 'f' })]])
    expect(scene.get('a')!.clip).toHaveLength(4)
    doc.edit([['f', { hidden: true }]])
    expect(scene.get('a')).toBeUndefined()
  })
})
