import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Path, type Picture } from '../shapes/picture'
import type { Drawn } from './drawn'
import { escape, fontsIn, writeSvg, type SvgOptions } from './svg'

const box = { minX: -10, minY: 0, maxX: 190, maxY: 100 }
const drawn = (picture: Picture, more: Partial<Drawn> = {}): Drawn => ({ picture, opacity: 1, rotation: 0, centre: { x: 100, y: 50 }, box, ...more })
const families = { hand: "'Easel Hand', sans-serif", sans: 'sans-serif', serif: 'serif', mono: 'monospace' }
const options: SvgOptions = { box, css: (color) => (color === 'black' ? '#1e1f24' : color), families, image: (asset) => (asset === 'a' ? { href: 'data:image/png;base64,AAAA', width: 40, height: 20 } : undefined) }
const words = (text: string): Picture => [{ do: 'text', text, x: 1, y: 2, font: 'hand', size: 20, color: 'black', width: 50 }]

describe('an SVG', () => {
  test('is as large as its box, in its units', () => {
    expect(writeSvg([], { ...options, scale: 2, paper: '#ffffff' })).toBe(
      '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200" viewBox="-10 0 200 100">\n<rect x="-10" y="0" width="200" height="100" fill="#ffffff"/>\n</svg>',
    )
  })

  test('draws paths turned and clipped, each clip once', () => {
    const picture: Picture = [{ do: 'path', path: new Path().move(0, 0).cubic(1, 2, 3.00004, 4, 5, 6).close(), stroke: { color: 'black', width: 2, dash: [1, 2], cap: 'round', join: 'round' }, alpha: 0.5 }]
    const clip = [{ x: 0, y: 0 }, { x: 9, y: 0 }, { x: 9, y: 9 }]
    const svg = writeSvg([drawn(picture, { rotation: Math.PI / 2, clip }), drawn(picture, { clip, opacity: 0.5 })], options)
    expect(svg).toContain('<path d="M0 0C1 2 3 4 5 6Z" fill="none" stroke="#1e1f24" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" stroke-dasharray="1 2" stroke-opacity="0.5"/>')
    expect(svg).toContain('rotate(90 100 50)')
    expect(svg.match(/<clipPath/g)).toHaveLength(1)
    expect(svg).toContain('stroke-opacity="0.25"')
  })

  test('says text in the font it is in, from right to left where it runs so', () => {
    const svg = writeSvg([drawn(words('שלום'))], { ...options, isRightToLeft: () => true, fonts: new Map([['Easel Hand', 'data:font/woff2;base64,AAAA']]) })
    expect(svg).toContain('direction="rtl" text-anchor="end"')
    expect(svg).toContain("@font-face{font-family:'Easel Hand';src:url(data:font/woff2;base64,AAAA)}")
    expect(fontsIn([drawn(words('x'))])).toEqual(new Set(['hand']))
  })

  test('shows the part of a picture, mirrored; its place where it can not be had', () => {
    const picture = (asset: string): Picture => [{ do: 'image', asset, box, crop: [0.5, 0, 0.5, 1], flip: [-1, 1] }]
    const svg = writeSvg([drawn(picture('a')), drawn(picture('gone'))], options)
    expect(svg).toContain('translate(90 50) scale(-1 1)')
    expect(svg).toContain('viewBox="20 0 20 20"')
    expect(svg.match(/<image/g)).toHaveLength(1)
    expect(svg).toMatch(/<path d="M[^"]*" fill="grey" fill-opacity="0.2"/)
  })

  test('leads only where one may go', () => {
    const svg = writeSvg([drawn(words('a'), { link: 'https://example.com/?a&b' }), drawn(words('b'), { link: 'javascript:alert(1)' })], options)
    expect(svg).toContain('href="https://example.com/?a&#38;b"')
    expect(svg).not.toContain('javascript')
  })

  test('no text breaks out of it', () => {
    const nasty = fc.array(fc.constantFrom('<', '>', '"', "'", '&', '\0', '\u001b', '\ud800', '\uffff', 'a', '漢', '&#0;', ']]>'), { maxLength: 20 })
    fc.assert(
      fc.property(nasty, (parts) => {
        const escaped = escape(parts.join(''))
        expect(/[<>"']|&(?!#\d+;)|\p{Surrogate}|[\0\u001b\uffff]/u.test(escaped)).toBe(false)
      }),
    )
  })
})
