import { shallowRef } from 'vue'
import type { Language } from './choice'
import { OUTLINE, type Key } from './format'

/** What an outline of the library is called. */
export type Names = { readonly [language in Language]?: string }

const names = shallowRef<{ readonly [kind: string]: Names }>({})

/** Fetches the names of all outlines. */
export async function prepareNames(): Promise<void> {
  names.value = (await import('./late/outlines')).NAMES
}

/** The name of the outline that a key stands for, its kind until names are fetched; undefined for all other keys. */
export function outlineName(key: Key, language: Language): string | undefined {
  if (!key.startsWith(OUTLINE)) return undefined
  const kind = key.slice(OUTLINE.length)
  return names.value[kind]?.[language] ?? names.value[kind]?.en ?? kind
}
