import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Dice, seededRandom, seeds } from '../testing/random'
import { Document, type UndoResult } from './document'
import { packHistory, unpackHistory } from './keephistory'
import type { Op, Patch } from './types'

const RECT: Patch = { kind: 'rect', at: [0, 0], size: [4, 4], z: 'a0', color: 'red', width: 2 }

let now = 1000
const open = (actor: string) => new Document({ actor, now: () => now++ })

/** What a tab has after a reload: the board anew, another actor, and what was kept. */
function reloaded(doc: Document, actor = 'actor999'): Document {
  const next = open(actor)
  next.load({ seq: 1, records: structuredClone([...doc.wireRecords()]) }, [])
  next.history.resume(unpackHistory(packHistory(doc.history.stacks))!)
  return next
}

/** What was done, whoever it was: after the reload one is another replica. */
const what = ({ changed, skipped }: UndoResult) => [changed, skipped.map(({ id, prop }) => [id, prop])]

const text = (doc: Document) => JSON.stringify([...doc.records()].sort().map(([id, props]) => [id, Object.entries(props).sort()]))

function act(doc: Document, dice: Dice): void {
  const ids = [...doc.records()].filter(([, { deleted }]) => deleted !== true).map(([id]) => id)
  const some = ids.length > 0 ? dice.pick(ids) : 'r'
  dice.pick<() => unknown>([
    () => doc.edit([[`r${dice.int(0, 1e9)}`, RECT]]),
    () => doc.edit([[some, ids.length > 0 ? { color: dice.pick(['red', 'green', 'teal']), fill: dice.pick(['red', null]) } : RECT]]),
    () => doc.edit([[some, ids.length > 0 ? { at: [dice.int(0, 9), 0] } : RECT]], { merge: `g${dice.int(0, 2)}` }),
    () => doc.edit(ids.filter(() => dice.chance(0.5)).map((id) => [id, { deleted: true }])),
    () => doc.history.undo(),
    () => doc.history.redo(),
  ])()
}

test.each(seeds(100))('after a reload one undoes and redoes what one would have without it (SEED=%i)', (seed) => {
  const dice = new Dice(seededRandom(seed))
  const [doc, other] = [open('actor001'), open('actor002')]
  for (let i = 0; i < 40; i++) {
    const ops: Op[] = []
    const who = dice.chance(0.7) ? doc : other
    const off = who.onOps((some) => ops.push(...some))
    act(who, dice)
    off()
    ;(who === doc ? other : doc).applyRemote(ops)
  }
  const again = reloaded(doc)
  for (let i = 0; i < 60; i++) {
    const which = dice.pick(['undo', 'undo', 'redo'] as const)
    expect(what(again.history[which]())).toEqual(what(doc.history[which]()))
    expect(text(again)).toBe(text(doc))
  }
})

test('what is done before it is known what was done earlier comes after it, and ends what could be redone', () => {
  const doc = open('actor001')
  doc.edit([['r', RECT]])
  doc.edit([['r', { color: 'green' }]])
  doc.history.undo()
  const next = open('actor002')
  next.load({ seq: 1, records: structuredClone([...doc.wireRecords()]) }, [])
  next.edit([['s', RECT]])
  next.history.resume(unpackHistory(packHistory(doc.history.stacks))!)
  expect(next.history.canRedo).toBe(false)
  expect(next.history.undo().changed).toEqual(['s'])
  expect(next.history.undo().changed).toEqual(['r'])
})

test('of very much the newest is kept', () => {
  const doc = open('actor001')
  for (let i = 0; i < 30; i++) doc.edit([[`r${i}`, RECT]])
  for (let i = 0; i < 30; i++) doc.edit([[`r${i}`, { text: 'x'.repeat(100_000) }]])
  for (let i = 0; i < 30; i++) doc.edit([[`r${i}`, { text: '' }]])
  const kept = packHistory(doc.history.stacks)
  expect(kept.length).toBeLessThan(2 << 20)
  const again = reloaded(doc)
  expect(again.history.undo().changed).toEqual(['r29'])
  expect(again.history.canUndo).toBe(true)
})

test('what is anything else is not taken', () => {
  const doc = open('actor001')
  doc.edit([['r', RECT]])
  doc.edit([['r', { color: 'green' }]])
  const whole = packHistory(doc.history.stacks)
  expect(unpackHistory(whole)).toBeDefined()
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.string({ maxLength: 3 }), (at, junk) => {
      const past = unpackHistory(whole.slice(0, at) + junk + whole.slice(at + 1))
      if (!past) return
      const next = open('actor002')
      next.load({ seq: 1, records: structuredClone([...doc.wireRecords()]) }, [])
      next.history.resume(past)
      while (next.history.canUndo) next.history.undo()
    }),
  )
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (junk) => void unpackHistory(junk)))
})
