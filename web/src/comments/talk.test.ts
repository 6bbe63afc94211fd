import { describe, expect, test } from 'vitest'
import { Document } from '../board/document'
import type { Op } from '../board/types'
import { world } from '../geometry/point'
import { Dice, seededRandom, seeds } from '../testing/random'
import { copiesOf, MAX_COMMENT, MAX_COMMENTS, MAX_THREADS, Talk, type News } from './talk'

const ANN = { user: 'u1', name: 'Ann' }
const BEN = { user: 'u2', name: 'Ben' }
const HERE = { at: world(1, 2), on: undefined }

let clock = 1000

function replica(actor: string) {
  const doc = new Document({ actor, now: () => clock++ })
  const sent: Op[] = []
  doc.onOps((ops) => sent.push(...ops))
  return { doc, sent, talk: new Talk(doc) }
}

const texts = (talk: Talk) => talk.threads.map(({ comments }) => comments.map(({ text }) => text))

describe('a thread', () => {
  test('begins with a comment and is answered', () => {
    const { talk } = replica('actor001')
    const id = talk.begin({ at: world(1, 2), on: { to: 'r', at: world(0.5, 0), inside: true } }, ' What is this? \r\n\r\n Hm. ', ANN, 10.5)!
    talk.reply(id, 'A sun', BEN, 20)
    expect(talk.get(id)).toEqual({
      ...{ id, at: { x: 1, y: 2 }, on: { to: 'r', at: { x: 0.5, y: 0 }, inside: true }, isResolved: false },
      comments: [
        { id: expect.any(String), ...ANN, by: undefined, text: 'What is this? \n\n Hm.', time: 10, isEdited: false },
        { id: expect.any(String), ...BEN, by: undefined, text: 'A sun', time: 20, isEdited: false },
      ],
    })
  })

  test('without words is not begun, and leaves nothing behind', () => {
    const { talk, sent } = replica('actor001')
    expect(talk.begin(HERE, ' \n ', ANN, 1)).toBeUndefined()
    expect(sent).toEqual([])
    const id = talk.begin(HERE, 'x', ANN, 1)!
    expect(talk.reply(id, '', ANN, 2)).toBe(false)
    expect(texts(talk)).toEqual([['x']])
  })

  test('is resolved, and opened again by an answer', () => {
    const { talk } = replica('actor001')
    const id = talk.begin(HERE, 'x', ANN, 1)!
    talk.resolve(id, true)
    expect(talk.get(id)!.isResolved).toBe(true)
    talk.reply(id, 'but', BEN, 2)
    expect(talk.get(id)!.isResolved).toBe(false)
  })

  test('goes with its last comment, and comes back with it', () => {
    const { talk } = replica('actor001')
    const id = talk.begin(HERE, 'x', ANN, 1)!
    const comment = talk.get(id)!.comments[0]!.id
    talk.remove(comment)
    expect(talk.threads).toEqual([])
    talk.remove(comment, false)
    expect(texts(talk)).toEqual([['x']])
    talk.removeThread(id)
    expect(talk.threads).toEqual([])
    talk.removeThread(id, false)
    expect(texts(talk)).toEqual([['x']])
  })

  test('moves', () => {
    const { talk } = replica('actor001')
    const id = talk.begin({ at: world(1, 2), on: { to: 'r', at: world(0, 0), inside: true } }, 'x', ANN, 1)!
    talk.move(id, { at: world(7, 8), on: undefined })
    expect(talk.get(id)).toMatchObject({ at: { x: 7, y: 8 }, on: undefined })
  })

  test('can not be undone by undo', () => {
    const { doc, talk } = replica('actor001')
    const id = talk.begin(HERE, 'x', ANN, 1)!
    talk.resolve(id, true)
    expect(doc.history.canUndo).toBe(false)
  })
})

describe('a comment', () => {
  test('is written anew by its writer, and says so', () => {
    const { talk } = replica('actor001')
    const id = talk.begin(HERE, 'x', ANN, 1)!
    const comment = talk.get(id)!.comments[0]!.id
    talk.edit(comment, 'x ', 5)
    expect(talk.get(id)!.comments[0]!.isEdited).toBe(false)
    talk.edit(comment, '', 5)
    talk.edit(comment, 'y', 6)
    expect(talk.get(id)!.comments[0]).toMatchObject({ text: 'y', time: 1, isEdited: true })
  })

  test('is cut to what the board takes, by characters', () => {
    const { talk } = replica('actor001')
    talk.begin(HERE, `\ud83d${'😀'.repeat(MAX_COMMENT + 5)}`, { user: 'u', name: 'é'.repeat(80) }, 1)
    const { text, name } = talk.threads[0]!.comments[0]!
    expect([...text]).toHaveLength(MAX_COMMENT)
    expect(text.startsWith('😀')).toBe(true)
    expect(name).toHaveLength(64)
  })

  test('is refused where there is no room for it', () => {
    const { doc, talk } = replica('actor001')
    const comments = (n: number, of: string) => Array.from({ length: n }, (_, i) => [`${of}c${i}`, { kind: 'comment', thread: of, user: 'u', text: 'x', time: i }] as const)
    doc.edit([['full', { kind: 'thread', at: [0, 0] }], ...comments(MAX_COMMENTS - 1, 'full')])
    expect(talk.reply('full', 'the last one', ANN, 9)).toBe(true)
    expect(talk.reply('full', 'one more', ANN, 9)).toBe(false)
    doc.edit(Array.from({ length: MAX_THREADS - 2 }, (_, i) => `t${i}`).flatMap((id) => [[id, { kind: 'thread', at: [0, 0] }] as const, ...comments(1, id)]))
    expect(talk.begin(HERE, 'the last one', ANN, 1)).toBeDefined()
    expect(talk.begin(HERE, 'one more', ANN, 1)).toBeUndefined()
  })

  test('of others is news, one’s own and what was there before are not', () => {
    const [ann, ben] = [replica('actor001'), replica('actor002')]
    const heard: News[] = []
    ben.talk.subscribe((fresh) => heard.push(...fresh))
    const id = ann.talk.begin(HERE, 'x', ANN, 1)!
    ben.doc.applyRemote(ann.sent.splice(0))
    ann.talk.reply(id, 'y', ANN, 2)
    ben.doc.applyRemote(ann.sent.splice(0))
    ben.talk.reply(id, 'z', BEN, 3)
    expect(heard.map(({ thread, comment, isReply }) => [thread === id, comment.text, isReply])).toEqual([[true, 'x', false], [true, 'y', true]])
    ann.talk.edit(ann.talk.get(id)!.comments[0]!.id, 'w', 4)
    ben.doc.applyRemote(ann.sent.splice(0))
    expect(heard).toHaveLength(2)
  })
})

test('what the records say that others wrote is read with care', () => {
  const { doc, talk } = replica('actor001')
  doc.edit([
    ['t', { kind: 'thread', at: [1, 2] }],
    ['u', { kind: 'thread' }],
    ['a', { kind: 'comment', thread: 't', user: 'u', text: 'later', time: 9 }],
    ['b', { kind: 'comment', thread: 't', user: 'u', text: 'first', time: 1, name: 5 as never, by: 'Cy' }],
    ['c', { kind: 'comment', thread: 'gone', user: 'u', text: 'x', time: 1 }],
    ['d', { kind: 'comment', thread: 't', user: 'u', time: 1 }],
    ['e', { kind: 'comment', thread: 'u', user: 'u', text: 'x', time: 1 }],
    ['f', { kind: 'comment', user: 'u', text: 'x', time: 1 }],
  ])
  expect(texts(talk)).toEqual([['first', 'later']])
  expect(talk.threads[0]!.comments[0]).toMatchObject({ name: '', by: 'Cy' })
  doc.edit([['gone', { kind: 'thread', at: [0, 0] }]])
  expect(texts(talk)).toEqual([['first', 'later'], ['x']])
})

test('what is brought along in a file is the bringer’s, and says who wrote it', () => {
  const { talk } = replica('actor001')
  const id = talk.begin({ at: world(1, 2), on: { to: 'r', at: world(0, 0), inside: true } }, 'x', ANN, 1)!
  talk.reply(id, 'y', BEN, 2)
  const { doc, talk: copy } = replica('actor002')
  doc.edit(copiesOf(talk.threads, BEN, ({ at }) => ({ at: world(at.x + 10, at.y), on: undefined })))
  expect(copy.threads).toMatchObject([{ at: { x: 11, y: 2 }, on: undefined, comments: [{ ...BEN, by: 'Ann', text: 'x', time: 1 }, { ...BEN, by: undefined, text: 'y', time: 2 }] }])
  expect(copy.threads[0]!.id).not.toBe(id)
})

describe('people who talk at the same time', () => {
  test.each(seeds(25))('read the same in the end, and every answer stays (SEED=%d)', (seed) => {
    const dice = new Dice(seededRandom(seed))
    const people = [replica('actor001'), replica('actor002'), replica('actor003')]
    const waiting: { readonly to: number; readonly op: Op }[] = []
    let said = 0
    let removed = 0
    for (let i = 0; i < 120; i++) {
      const me = dice.int(0, 2)
      const { talk, sent } = people[me]!
      const speaker = { user: `u${me}`, name: `P${me}` }
      const thread = talk.threads.length > 0 ? dice.pick(talk.threads) : undefined
      const own = thread?.comments.find(({ user }) => user === speaker.user)
      if (!thread || dice.chance(0.1)) said += Number(talk.begin(HERE, `t${i}`, speaker, i) !== undefined)
      else if (dice.chance(0.5)) said += Number(talk.reply(thread.id, `r${i}`, speaker, i))
      else if (dice.chance(0.3)) talk.resolve(thread.id, dice.chance(0.5))
      else if (own && dice.chance(0.5)) talk.edit(own.id, `e${i}`, i)
      else if (own && dice.chance(0.2)) {
        talk.remove(own.id)
        removed++
      } else talk.move(thread.id, { at: world(i, i), on: undefined })
      for (const op of sent.splice(0)) for (const to of [0, 1, 2]) if (to !== me) waiting.push({ to, op })
      for (let n = dice.int(0, 4); n > 0 && waiting.length > 0; n--) {
        const [{ to, op }] = waiting.splice(dice.int(0, waiting.length - 1), 1) as [(typeof waiting)[number]]
        people[to]!.doc.applyRemote([op])
      }
    }
    for (const { to, op } of waiting) people[to]!.doc.applyRemote([op])
    const [first, ...others] = people.map(({ talk }) => talk.threads)
    for (const threads of others) expect(threads).toEqual(first)
    expect(new Talk(people[0]!.doc).threads).toEqual(first)
    expect(first!.flatMap(({ comments }) => comments)).toHaveLength(said - removed)
  })
})
