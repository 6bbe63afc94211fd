import { expect, test } from 'vitest'
import { Document } from '../board/document'
import { ApiError } from '../sync/ports'
import { ImageError, type ReadyImage } from './images'
import { Uploading } from './uploading'

const IMAGE = { kind: 'image', at: [0, 0], size: [4, 4], z: 'a0', asset: null }
const ready = async (): Promise<ReadyImage> => ({ blob: new Blob(['x']), width: 4, height: 4 })
const offline = new ApiError(0, 'unreachable', 'no answer')

interface Sent {
  progress(share: number): void
  done(id: string): void
  fail(error: unknown): void
}

/** A server whose answers are given by hand. */
function server() {
  const sent: Sent[] = []
  let now = 1000
  const document = new Document({ actor: 'actor000', now: () => now++ })
  const failures: [error: unknown, isFinal: boolean][] = []
  const uploading = new Uploading({
    document,
    failed: (...failure) => failures.push(failure),
    uploads: {
      upload: (_, progress) =>
        new Promise((resolve, reject) => sent.push({ progress: progress!, done: (id) => resolve({ id, type: 'image/png', width: 4, height: 4 }), fail: reject })),
    },
  })
  const add = (...ids: string[]) => {
    document.edit(ids.map((id) => [id, IMAGE]))
    uploading.add(ids, ready)
  }
  const states = () => uploading.all.map(({ state, share }) => `${state} ${share}`)
  return { sent, document, failures, uploading, add, states }
}

/** Lets what waits go on. */
const soon = () => new Promise((resolve) => setTimeout(resolve))

test('shapes get their picture when it has arrived; undo takes the shapes, not the picture', async () => {
  const { sent, document, uploading, add, states } = server()
  add('a', 'b')
  await soon()
  expect(uploading.isPending).toBe(true)
  sent[0]!.progress(0.25)
  expect(states()).toEqual(['sending 0.25'])
  sent[0]!.done('hash')
  await soon()
  expect([document.get('a')!['asset'], document.get('b')!['asset']]).toEqual(['hash', 'hash'])
  expect(uploading.all).toEqual([])
  expect(uploading.isPending).toBe(false)
  document.history.undo()
  expect(document.get('a')).toMatchObject({ deleted: true, asset: 'hash' })
  document.history.redo()
  expect(document.get('a')).toMatchObject({ deleted: false, asset: 'hash' })
})

test('three are sent at once, the others wait their turn', async () => {
  const { sent, add, states } = server()
  for (const id of ['a', 'b', 'c', 'd', 'e']) add(id)
  await soon()
  expect(states()).toEqual(['sending 0', 'sending 0', 'sending 0', 'waiting 0', 'waiting 0'])
  sent[1]!.done('hash')
  await soon()
  expect(states()).toEqual(['sending 0', 'sending 0', 'sending 0', 'waiting 0'])
})

test('what found no server waits to be tried again, and keeps nobody', async () => {
  const { sent, document, failures, uploading, add, states } = server()
  for (const id of ['a', 'b', 'c', 'd']) add(id)
  await soon()
  sent[0]!.progress(0.5)
  sent[0]!.fail(offline)
  await soon()
  expect(states()).toEqual(['failed 0', 'sending 0', 'sending 0', 'sending 0'])
  expect(failures).toEqual([[offline, false]])
  expect(document.get('a')).toMatchObject({ asset: null })
  uploading.retry((error) => error !== offline)
  expect(states()[0]).toBe('failed 0')
  uploading.retry('a')
  expect(states()[0]).toBe('waiting 0')
  sent[1]!.done('b')
  await soon()
  sent.at(-1)!.done('again')
  await soon()
  expect(document.get('a')!['asset']).toBe('again')
})

test('given up, the shape goes; undo brings it back, still to be tried again', async () => {
  const { sent, document, uploading, add, states } = server()
  add('a')
  await soon()
  uploading.giveUp('a')
  expect(document.get('a')!['deleted']).toBeUndefined()
  sent[0]!.fail(offline)
  await soon()
  uploading.giveUp('a')
  expect(document.get('a')!['deleted']).toBe(true)
  expect(uploading.isPending).toBe(false)
  document.history.undo()
  expect(document.get('a')!['deleted']).toBe(false)
  expect(states()).toEqual(['failed 0'])
  uploading.retry('a')
  await soon()
  sent[1]!.done('hash')
  await soon()
  expect(document.get('a')!['asset']).toBe('hash')
})

test('what is no picture takes its shapes with it', async () => {
  const { document, failures, uploading } = server()
  document.edit([['a', IMAGE]])
  const error = new ImageError('not-an-image')
  uploading.add(['a'], () => Promise.reject(error))
  await soon()
  expect(document.get('a')!['deleted']).toBe(true)
  expect(failures).toEqual([[error, true]])
  expect(uploading.all).toEqual([])
})
