import { shallowRef } from 'vue'
import { en } from './en'
import { format, lookup, type Catalogue, type Key, type Params } from './format'

export type { Key } from './format'

/** The languages of the interface: their own names, and their catalogues, which are fetched when chosen. */
export const LANGUAGES = {
  en: { name: 'English', load: async (): Promise<Catalogue> => en },
} as const

export type Language = keyof typeof LANGUAGES

const current = shallowRef<{ language: Language; catalogue: Catalogue }>({ language: 'en', catalogue: en })

/** The text of a key in the language chosen; templates that use it follow when the language changes. */
export function t(key: Key, params: Params = {}): string {
  const { language, catalogue } = current.value
  return format(lookup(catalogue, key), params, language)
}
