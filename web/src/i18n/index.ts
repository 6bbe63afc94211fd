import { shallowRef } from 'vue'
import { chooseLanguage, directionOf, isLanguage, type Language } from './choice'
import { en, type Late } from './en'
import { format, lookup, type Key, type Params, type Translation } from './format'
import { outlineName } from './outlines'

export { LANGUAGES, type Language } from './choice'
export type { Key } from './format'

/** Every catalogue but English is a file of its own, fetched when its language is chosen. */
const CATALOGUES: { readonly [language in Language]: () => Promise<Translation> } = {
  en: async () => en,
  de: async () => (await import('./de')).de,
  es: async () => (await import('./es')).es,
  fr: async () => (await import('./fr')).fr,
  ja: async () => (await import('./ja')).ja,
  zh: async () => (await import('./zh')).zh,
  ar: async () => (await import('./ar')).ar,
}

const current = shallowRef<{ language: Language; catalogue: Translation }>({ language: 'en', catalogue: en })
let asked: Language = 'en'

/** Adds a part of the English catalogue that comes with what uses it. */
export function addEnglish(part: Partial<Late>): void {
  Object.assign(en, part)
}

/** The text of a key in the language chosen; templates that use it follow when the language changes. */
export function t(key: Key, params: Params = {}): string {
  const { language, catalogue } = current.value
  const text = outlineName(key, language) ?? lookup(catalogue, key)
  return text === undefined ? format(lookup(en, key)!, params, 'en') : format(text, params, language)
}

/** The text of a key in English, which many people search for whatever language they read. */
export function english(key: Key): string {
  return outlineName(key, 'en') ?? format(lookup(en, key)!, {}, 'en')
}

/** The language of the interface, for Intl; what reads it follows when it changes. */
export function language(): Language {
  return current.value.language
}

/** Changes the language. What can't be fetched leaves it as it is, and throws. */
export async function setLanguage(next: Language): Promise<void> {
  asked = next
  const catalogue = await CATALOGUES[next]()
  if (asked !== next) return
  current.value = { language: next, catalogue }
  document.documentElement.lang = next
  document.documentElement.dir = directionOf(next)
}

/** The language that was chosen earlier, or that the browser asks for. */
export function wantedLanguage(stored: unknown, browser: readonly string[]): Language {
  return isLanguage(stored) ? stored : chooseLanguage(browser)
}
