import { describe, expect, test } from 'vitest'
import { ar } from './ar'
import { de } from './de'
import { en } from './en/all'
import { es } from './es'
import type { Text } from './format'
import { fr } from './fr'
import { ja } from './ja'
import { zh } from './zh'

const translations = { ar, de, es, fr, ja, zh }

function textsOf(node: object, path = ''): [string, Text][] {
  return Object.entries(node).flatMap(([name, value]: [string, Text | object]) => (isText(value) ? [[path + name, value]] : textsOf(value, `${path}${name}.`)))
}

const isText = (value: Text | object): value is Text => typeof value === 'string' || 'other' in value
const formsOf = (text: Text) => (typeof text === 'string' ? [text] : Object.values(text))
const paramsOf = (form: string) => [...form.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort()
const categoriesOf = (language: string) => new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted()

const english = new Map(textsOf(en))

/** Words that are the same as in English: names, and those that languages share. */
const NAMES = ['{title} · Easel', 'https://', 'Excalidraw', 'Aa', 'Hex']
const SHARED: { readonly [language: string]: readonly string[] } = {
  de: [
    ...['Board', 'Chat', 'Link', 'Link: {title}', 'Offline', 'Text', 'Hand', 'Lasso', 'Ellipse', 'Format', 'in {name}'],
    ...['orange', 'indigo', 'bronze', 'magenta', 'cyan'],
  ],
  es: ['Chat', 'Zigzag', 'magenta'],
  fr: [
    ...['Menu', 'Message', 'Messages', 'Style', 'Format', 'Image', 'Image (PNG)', 'Document (PDF)', 'Centre'],
    ...['Rectangle', 'Ellipse', 'Triangle', 'Lasso', 'Zigzag', '{width} × {height} pixels', '{n} page', '{n} pages'],
    ...['orange', 'indigo', 'bronze', 'magenta', 'violet', 'cyan'],
  ],
}
const hasWords = (form: string) => /\p{L}{2}/u.test(form.replace(/\{\w+\}/g, ''))

describe.each(Object.entries(translations))('%s', (language, catalogue) => {
  const texts = textsOf(catalogue)

  test('has the texts that English has, and no others', () => {
    const keys = new Set(texts.map(([key]) => key))
    expect([...keys].filter((key) => !english.has(key))).toEqual([])
    expect([...english.keys()].filter((key) => !keys.has(key))).toEqual([])
  })

  test('has nothing left in English', () => {
    const allowed = new Set([...NAMES, ...(SHARED[language] ?? [])])
    const left = texts.flatMap(([key, text]) => {
      const same = formsOf(text).filter((form) => hasWords(form) && !allowed.has(form) && formsOf(english.get(key) ?? '').includes(form))
      return same.length > 0 ? [key] : []
    })
    expect(left).toEqual([])
  })

  test('has a plural where English has one, in every form the language needs', () => {
    const plural = texts.filter(([key]) => typeof english.get(key) === 'object')
    const wrong = plural.filter(([, text]) => Object.keys(text).sort().join() !== categoriesOf(language).join())
    expect(wrong).toEqual([])
    const single = texts.filter(([key, text]) => typeof english.get(key) === 'string' && typeof text !== 'string')
    expect(single).toEqual([])
  })

  test('has the parameters of English; a form for one number may leave the number out', () => {
    const wrong = texts.flatMap(([key, text]) => {
      const wanted = paramsOf(formsOf(english.get(key) ?? '').at(-1) ?? '')
      const least = wanted.filter((name) => name !== 'n')
      return formsOf(text)
        .map((form) => paramsOf(form).join())
        .filter((have) => have !== wanted.join() && !(typeof text === 'object' && have === least.join()))
        .map(() => key)
    })
    expect(wrong).toEqual([])
  })
})
