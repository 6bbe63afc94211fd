import { describe, expect, it } from 'vitest'
import { PALETTE } from '../board/validate'
import { HUES } from './hues'
import { COLORS, cssColor, darkVariant } from './palette'

const PAGE = '#17181b'

/** Contrast of two colours by WCAG 2. */
function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p) as [number, number]
  return (x + 0.05) / (y + 0.05)
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

describe('colours on the dark page', () => {
  it('has every colour of the palette', () => {
    for (const name of PALETTE) expect(COLORS[name]).toBeDefined()
  })

  it('keeps strong ink legible', () => {
    for (const { shades } of HUES) for (const shade of shades.slice(3)) expect(contrast(darkVariant(shade), PAGE), shade).toBeGreaterThan(3)
  })

  it('keeps vivid colours legible as ink and beneath words', () => {
    for (const color of ['#ffcc00', '#ffff00', '#00ff66', '#00e5ff', '#ff00ff', '#ff9900']) {
      expect(contrast(darkVariant(color), PAGE), color).toBeGreaterThan(3)
      expect(contrast(cssColor('black', 'dark'), darkVariant(color)), color).toBeGreaterThan(3)
    }
  })

  it('keeps words legible on pale fills', () => {
    for (const { shades } of HUES) {
      for (const shade of shades.slice(0, 2)) expect(contrast(cssColor('black', 'dark'), darkVariant(shade)), shade).toBeGreaterThan(4.5)
    }
  })

  it('keeps words readable on every fill and on every paper, whatever their colour', () => {
    const colors = [...Object.keys(COLORS), ...HUES.flatMap(({ shades }) => shades), '#ffffff', '#000000', '#777777']
    for (const fill of colors) {
      for (const ground of [fill, `${fill} paper`]) {
        for (const words of ['black', 'white', 'red', fill]) {
          const got = contrast(cssColor(`${words} on ${ground}`, 'dark'), cssColor(ground, 'dark'))
          expect(got, `${words} on ${ground}`).toBeGreaterThanOrEqual(4.5)
        }
      }
    }
  })

  it('leaves words as they are where they can be read, and on the light page', () => {
    expect(cssColor('black on white', 'dark')).toBe(cssColor('black', 'dark'))
    expect(cssColor('yellow on yellow', 'light')).toBe(cssColor('yellow', 'light'))
  })

  it('writes in light colours on all papers of the palette but the palest', () => {
    for (const name of PALETTE) {
      const paper = cssColor(`${name} paper`, 'dark')
      if (name !== 'black') expect(contrast(cssColor('black', 'dark'), paper), name).toBeGreaterThanOrEqual(4.5)
    }
  })

  it('shows different colours differently', () => {
    const all = HUES.flatMap(({ shades }) => shades)
    expect(new Set(all.map(darkVariant)).size).toBe(all.length)
  })

  it('turns black and white round, and gives valid colours for all others', () => {
    expect(luminance(darkVariant('#000000'))).toBeGreaterThan(0.8)
    expect(luminance(darkVariant('#ffffff'))).toBeLessThan(0.05)
    for (let i = 0; i < 0xffffff; i += 65_793) {
      expect(darkVariant('#' + i.toString(16).padStart(6, '0'))).toMatch(/^#[0-9a-f]{6}$/)
    }
    expect(cssColor('nonsense', 'light')).toBe(COLORS['black']![0])
  })
})

/** The server shows these colours too: whiteboard/testdata/colors.json, which Go's package whiteboard/draw passes; -u rewrites it. */
it('gives the colours that the server gives', async () => {
  const free = Array.from({ length: 64 }, (_, i) => `#${((i * 0x9e3779 + 0x1234) & 0xffffff).toString(16).padStart(6, '0')}`)
  const plain = [...Object.keys(COLORS), '#000000', '#ffffff', '#FF8800', 'none such', 'shadow', ...free]
  const mixed = plain.flatMap((color, i) => [`${color} paper`, `black on ${color}`, `${plain[(i * 7 + 3) % plain.length]!} on ${color} paper`])
  const names = [...plain, ...mixed]
  const lines = names.map((name) => JSON.stringify([name, cssColor(name, 'light').toLowerCase(), cssColor(name, 'dark').toLowerCase()]))
  await expect(`[\n${lines.join(',\n')}\n]\n`).toMatchFileSnapshot('../../../whiteboard/testdata/colors.json')
})
