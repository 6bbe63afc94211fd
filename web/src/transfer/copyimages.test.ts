import { expect, test } from 'vitest'
import { writeExcalidraw } from '../formats/excalidraw/write'
import { CopyImages } from './copyimages'

const picture = (base64: string) => ({ type: 'image/png', base64, width: 4, height: 2 })

test('pictures are fetched once, and those that can’t be had are left out', async () => {
  const asked: string[] = []
  const images = new CopyImages(async (asset) => {
    asked.push(asset)
    if (asset === 'refused') throw new Error('no network')
    return asset === 'gone' ? undefined : picture(asset)
  })
  await images.want(['a', 'gone', 'refused'])
  await Promise.all([images.want(['a', 'b']), images.want(['b'])])
  expect([...images.loaded.keys()]).toEqual(['a', 'b'])
  expect(asked).toEqual(['a', 'gone', 'refused', 'b'])
})

test('no more are kept than there is room for, the newest', async () => {
  const images = new CopyImages(async (asset) => picture(asset.startsWith('large') ? 'x'.repeat(10 << 20) : asset))
  for (let i = 0; i < 30; i++) await images.want([`small${i}`])
  expect(images.loaded.size).toBe(20)
  await images.want(['large1'])
  await images.want(['large2'])
  expect([...images.loaded.keys()]).toEqual(['large2'])
})

test('a copy for Excalidraw carries them as its files', () => {
  const asset = 'ab'.repeat(32)
  const image = ['i', { kind: 'image', at: [0, 0], size: [40, 20], z: 'a0', asset }] as const
  const o = { css: () => '#000000', source: 'https://example.com', type: 'excalidraw/clipboard', assets: new Map([[asset, picture('QUJD')]]) } as const
  const { elements, files } = writeExcalidraw([image], o)
  const [{ fileId }] = elements as unknown as [{ fileId: string }]
  expect((files as Record<string, unknown>)[fileId]).toMatchObject({ mimeType: 'image/png', dataURL: 'data:image/png;base64,QUJD' })
})
