import type { English } from './en'

/** A text, or its plural forms by the categories of Intl.PluralRules. */
export type Text = string | { readonly [category in Intl.LDMLPluralRule]?: string }

export type Params = { readonly [name: string]: string | number }

/** What a language has to say: the same keys as English. */
export type Catalogue = Translated<English>

type Translated<T> = { readonly [K in keyof T]: T[K] extends string ? string : T[K] extends Text ? Text : Translated<T[K]> }

/** A catalogue in which parts may be missing; they are shown in English. */
export type Translation = Some<Catalogue>

type Some<T> = { readonly [K in keyof T]?: T[K] extends Text ? T[K] : Some<T[K]> }

/** What the keys of outlines begin with: their names come with them, not with the catalogue. */
export const OUTLINE = 'tools.outline:'

/** The path of a text in the catalogue: 'board.untitled'. */
export type Key = Paths<English> | `${typeof OUTLINE}${string}`

type Paths<T> = { [K in keyof T & string]: T[K] extends Text ? K : `${K}.${Paths<T[K]>}` }[keyof T & string]

/** The text at a path, if it is there. */
export function lookup(catalogue: Translation, key: Key): Text | undefined {
  return key.split('.').reduce<unknown>((node, name) => (node as Record<string, unknown> | undefined)?.[name], catalogue) as Text | undefined
}

/** Puts parameters in the place of {name}; numbers are written as the language does, and `n` chooses the plural. */
export function format(text: Text, params: Params, language: string): string {
  const form = typeof text === 'string' ? text : pluralForm(text, Number(params['n']), language)
  return form.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name]
    return typeof value === 'number' ? value.toLocaleString(language) : (value ?? `{${name}}`)
  })
}

function pluralForm(text: Exclude<Text, string>, n: number, language: string): string {
  return text[new Intl.PluralRules(language).select(n)] ?? text.other ?? ''
}
