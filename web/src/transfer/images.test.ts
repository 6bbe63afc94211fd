import { expect, test } from 'vitest'
import { sizeOfSvg } from './images'

test.each<[attributes: { width?: string; height?: string; viewBox?: string }, width: number, height: number]>([
  [{}, 300, 150],
  [{ width: '40', height: '20px' }, 40, 20],
  [{ width: '25.4mm', height: '2.54cm' }, 96, 96],
  [{ width: '1in', height: '72pt' }, 96, 96],
  [{ width: ' 1e3 ', height: '2pc' }, 1000, 32],
  [{ width: '100%', height: '100%', viewBox: ' 0 0 40,20 ' }, 40, 20],
  [{ width: '80', viewBox: '0 0 40 20' }, 80, 40],
  [{ height: '80', viewBox: '0 0 40 20' }, 160, 80],
  [{ width: '0', height: '-5', viewBox: '0 0 40 20' }, 40, 20],
  [{ width: '7furlongs', height: '1e999', viewBox: '0 0 -4 20' }, 300, 150],
])('an SVG that says %j is %f × %f', (attributes, width, height) => {
  const size = sizeOfSvg({ getAttribute: (name) => attributes[name as keyof typeof attributes] ?? null })
  expect(size.width).toBeCloseTo(width)
  expect(size.height).toBeCloseTo(height)
})
