import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { piecesOf } from './words'

const marked = (text: string) => piecesOf(text).map(({ text, link }) => (link === undefined ? text : `<${link}>`)).join('')

describe('the addresses in a text', () => {
  test.each([
    ['no address', 'no address'],
    ['', ''],
    ['see https://x.org/a?b=1#c for more', 'see <https://x.org/a?b=1#c> for more'],
    ['https://x.org.', '<https://x.org>.'],
    ['(https://x.org/a)', '(<https://x.org/a>)'],
    ['https://x.org/a_(b)', '<https://x.org/a_(b)>'],
    ['(https://x.org/a_(b))', '(<https://x.org/a_(b)>)'],
    ['a\nhttp://x.org\nb', 'a\n<http://x.org>\nb'],
    ['“https://x.org/”。', '“<https://x.org/>”。'],
    ['mailto:ann@x.org, or', '<mailto:ann@x.org>, or'],
    ['HTTPS://X.ORG', '<HTTPS://X.ORG>'],
    ['javascript:alert(1)', 'javascript:alert(1)'],
    ['xhttps://x.org', 'xhttps://x.org'],
    ['data:text/html,<b>', 'data:text/html,<b>'],
    ['https://', 'https://'],
    ['https://<script>', 'https://<script>'],
    [`https://x/${'a'.repeat(2000)}`, `https://x/${'a'.repeat(2000)}`],
  ])('%j', (text, want) => expect(marked(text)).toBe(want))

  test('nothing of a text is lost, and what can be followed is harmless', () => {
    const part = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('https://', 'mailto:', 'javascript:', 'http://a', ' ', ')', '.', '\n'))
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join('')
        const pieces = piecesOf(text)
        expect(pieces.map((piece) => piece.text).join('')).toBe(text)
        for (const { link } of pieces) if (link !== undefined) expect(new URL(link).protocol).toMatch(/^(https?|mailto):$/)
      }),
    )
  })
})
