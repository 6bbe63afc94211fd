import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { WireRecord } from '../board/types'
import { piecesOf, SnapshotReader } from './pieces'

const record = fc.record({
  id: fc.stringMatching(/^[0-9A-Za-z_-]{1,8}$/),
  v: fc.constant('0mwxiu2u6000actor0001'),
  // What is in a record may look like what is between records.
  p: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.constantFrom('},{"id":', '\n', ']}'), fc.array(fc.record({ id: fc.string() })))),
})

/** As the server writes it, or as one line, or as others might write it. */
const layouts: { readonly [name: string]: (seq: number, records: readonly object[]) => string } = {
  lines: (seq, records) => `{"seq":${seq},"records":[${records.map((one) => `\n${JSON.stringify(one)}`).join()}]}`,
  'one line': (seq, records) => JSON.stringify({ seq, records }),
  indented: (seq, records) => JSON.stringify({ seq, records }, null, 1),
  'seq last': (seq, records) => `{"records":[${records.map((one) => `\n${JSON.stringify(one)}`).join()}],"seq":${seq}}`,
}

test.each(Object.keys(layouts))('a snapshot of %s is read however it is cut', (name) => {
  const cuts = fc.array(fc.nat(), { maxLength: 8 })
  fc.assert(
    fc.property(fc.nat(), fc.array(record, { maxLength: 12 }), cuts, (seq, records, cuts) => {
      const text = layouts[name]!(seq, records)
      const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length]
      const reader = new SnapshotReader()
      const yielded: WireRecord[] = []
      at.slice(1).forEach((end, i) => {
        for (const some of reader.take(text.slice(at[i]!, end))) yielded.push(...some)
      })
      expect(reader.end()).toEqual(JSON.parse(text))
      expect(yielded).toEqual(JSON.parse(text).records.slice(0, yielded.length))
    }),
  )
})

test('records are there before the text has ended, a few hundred of a large board at a time', () => {
  const records = Array.from({ length: 5000 }, (_, i) => ({ id: `r${i}`, v: 'v', p: { kind: 'rect', at: [i, i] } }))
  const text = layouts['lines']!(7, records)
  const reader = new SnapshotReader()
  const sizes = [...reader.take(text.slice(0, -2))].map(({ length }) => length)
  expect(sizes.reduce((a, b) => a + b)).toBe(4999)
  expect(Math.max(...sizes)).toBeLessThan(2500)
  for (const _ of reader.take(text.slice(-2))) expect.unreachable()
  expect(reader.end()).toEqual({ seq: 7, records })
})

test.each(['', '{', '{"seq":1}', '{"seq":"1","records":[]}', '{"seq":1,"records":{}}', '{"seq":1,"records":[\n{"id":"a"},\n{"id"'])('%j is no snapshot', (text) => {
  const reader = new SnapshotReader()
  expect(() => {
    for (const _ of reader.take(text));
    reader.end()
  }).toThrow()
})

test('an answer is read ahead by one piece, by whoever asks first', async () => {
  let asked = 0
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (asked++ < 3) controller.enqueue(new Uint8Array([asked]))
        else controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  const answer = new Response(body)
  piecesOf(answer)
  await Promise.resolve()
  expect(asked).toBe(1)
  const next = piecesOf(answer)
  const pieces = [await next(), await next(), await next()].map((piece) => piece && [...piece])
  expect(pieces).toEqual([[1], [2], [3]])
  expect([await next(), await next()]).toEqual([undefined, undefined])
})

test('an answer that breaks off says so to whoever reads it', async () => {
  const broken = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error('gone')) })
  await expect(piecesOf(new Response(broken))()).rejects.toThrow('gone')
})
