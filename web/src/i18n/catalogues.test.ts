import { describe, expect, test } from 'vitest'
import { ar } from './ar'
import { de } from './de'
import { en } from './en'
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

describe.each(Object.entries(translations))('%s', (language, catalogue) => {
  const texts = textsOf(catalogue)

  test('has only texts that English has', () => {
    expect(texts.map(([key]) => key).filter((key) => !english.has(key))).toEqual([])
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
