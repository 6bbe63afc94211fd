import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Document } from '../board/document'
import { mergeText } from '../board/mergetext'
import type { Patch } from '../board/types'
import type { Session } from '../sync/session'
import type { Scene } from './scene'
import { Writing, type WritingOptions } from './writing'

const RECT: Patch = { kind: 'rect', at: [0, 0], size: [200, 100], z: 'a0' }

/** A field without a page. */
class Field {
  isOpen = true

  constructor(
    private readonly o: Parameters<WritingOptions['open']>[0],
    public text = o.text,
  ) {}

  write(text: string): void {
    this.text = text
    this.o.changed()
  }

  takeIn(base: string, theirs: string): boolean {
    this.text = mergeText(base, this.text, theirs)
    return true
  }

  place(): void {}

  finish(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.o.done(this.text)
  }
}

let ann: Document
let bob: Document
let field: Field
let ended: unknown[]

afterEach(() => void vi.useRealTimers())

beforeEach(() => {
  vi.useFakeTimers()
  let now = 1000
  ;[ann, bob] = ['annannann', 'bobbobbob'].map((actor) => new Document({ actor, now: () => now++ })) as [Document, Document]
  ann.onOps((ops) => bob.applyRemote(ops))
  bob.onOps((ops) => ann.applyRemote(ops))
  ended = []
})

/** Ann opens the text of a shape. */
function open(made?: Patch): void {
  const nothing = () => undefined
  const live = { sendTyping: nothing, sendShapes: nothing, end: nothing, cancelShapes: nothing }
  new Writing(
    {
      session: { document: ann, live } as unknown as Session,
      scene: { lookup: (id: string) => ann.get(id) } as unknown as Scene,
      renderer: { preview: nothing },
      open: (o) => (field = new Field(o)) as never,
      done: (...how) => ended.push(how),
    },
    'r',
    made,
  )
}

test('who has opened a text and written nothing leaves it to the other', () => {
  bob.edit([['r', { ...RECT, text: 'Plan' }]])
  open()
  bob.edit([['r', { text: 'Plan B' }]])
  field.finish()
  expect(ann.get('r')!['text']).toBe('Plan B')
  expect(ended).toEqual([['r', true, false]])
})

test('what two write in one shape is there in the end, line by line', () => {
  bob.edit([['r', RECT]])
  open()
  field.write('from Ann')
  bob.edit([['r', { text: 'from Bob' }]])
  expect(field.text).toBe('from Bob\nfrom Ann')
  field.finish()
  for (const doc of [ann, bob]) expect(doc.get('r')!['text']).toBe('from Bob\nfrom Ann')
})

test('a change of anything else leaves the words alone', () => {
  bob.edit([['r', RECT]])
  open()
  field.write('from Ann')
  bob.edit([['r', { color: 'red' }]])
  expect(field.isOpen).toBe(true)
  field.finish()
  expect(ann.get('r')).toMatchObject({ color: 'red', text: 'from Ann' })
})

test('when the shape is removed the writing ends; whoever brings it back has the words', () => {
  bob.edit([['r', RECT]])
  open()
  field.write('from Ann')
  bob.edit([['r', { deleted: true }]])
  expect(field.isOpen).toBe(false)
  expect(ended).toEqual([['r', false, true]])
  bob.history.undo()
  expect(ann.get('r')).toMatchObject({ deleted: false, text: 'from Ann' })
})

test('a shape that is removed before anything was written is no loss', () => {
  bob.edit([['r', { ...RECT, text: 'Plan' }]])
  open()
  bob.edit([['r', { deleted: true }]])
  expect(ended).toEqual([['r', false, false]])
})

test('a text that is made is there when it has words', () => {
  open({ kind: 'text', at: [0, 0], size: [0, 25], z: 'a0' })
  field.write('new')
  field.finish()
  expect(bob.get('r')).toMatchObject({ kind: 'text', text: 'new' })
  expect(ended).toEqual([['r', true, false]])
})

test('what is written is in the document soon, as one step of undo', () => {
  open({ kind: 'text', at: [0, 0], size: [0, 25], z: 'a0' })
  field.write('a')
  expect(bob.get('r')).toBeUndefined()
  vi.advanceTimersByTime(2000)
  expect(bob.get('r')).toMatchObject({ kind: 'text', text: 'a' })
  field.write('a b')
  vi.advanceTimersByTime(2000)
  field.write('a b c')
  bob.edit([['r', { text: 'a b\nfrom Bob' }]])
  expect(field.text).toBe('a b c\nfrom Bob')
  field.finish()
  expect(bob.get('r')!['text']).toBe('a b c\nfrom Bob')
  ann.history.undo()
  expect([ann.get('r')!['deleted'], ann.history.canUndo]).toEqual([true, false])
})

test.each([
  ['made', { kind: 'text', at: [0, 0], size: [0, 25], z: 'a0' }],
  ['known', undefined],
])('a text that is %s and left empty is not there', (_, made) => {
  if (!made) bob.edit([['r', { kind: 'text', at: [0, 0], size: [50, 25], z: 'a0', text: 'old' }]])
  open(made)
  field.write('')
  field.finish()
  expect(ended).toEqual([['r', false, false]])
  expect(bob.get('r')?.['deleted'] ?? true).toBe(true)
})
