import { parse } from 'vue/compiler-sfc'
import { describe, expect, test } from 'vitest'

/** The template's nodes, as far as this test looks at them. */
interface Node {
  readonly type: number
  readonly content?: string | { readonly content?: string }
  readonly children?: readonly Node[]
  readonly props?: readonly Prop[]
}

interface Prop {
  readonly type: number
  readonly name: string
  readonly value?: { readonly content: string }
  readonly arg?: { readonly content?: string }
  readonly exp?: { readonly content?: string }
}

const TEXT = 2
const INTERPOLATION = 5
const ATTRIBUTE = 6

/** Attributes and properties that people see or hear. */
const SPOKEN = /^(aria-(label|description|roledescription|placeholder|valuetext)|title|placeholder|alt|label|note|hint)$/
/** Names, which are the same in every language. */
const NAMES = ['Easel', 'Ann', 'Ben']

const files = import.meta.glob<string>(['../**/*.vue'], { query: '?raw', import: 'default', eager: true })
const scripts = import.meta.glob<string>(['../composables/**/*.ts', '../canvas/**/*.ts', '!**/*.test.ts'], { query: '?raw', import: 'default', eager: true })

const hasWords = (text: string) => /\p{L}{2}/u.test(text) && !NAMES.includes(text.trim())

/** Literals in an expression that read like a text: they begin with a capital letter. */
function literals(expression: string): string[] {
  return [...expression.matchAll(/(['"`])([A-Z][\p{L}’']+(?:[ ,.!?].*?)?)\1/gu)].map(([, , text]) => text!).filter(hasWords)
}

function wordsOf({ type, content, children = [], props = [] }: Node): string[] {
  const own = type === TEXT && typeof content === 'string' && hasWords(content) ? [content.trim()] : []
  const computed = type === INTERPOLATION && typeof content === 'object' ? literals(content.content ?? '') : []
  return [...own, ...computed, ...props.flatMap(spoken), ...children.flatMap(wordsOf)]
}

function spoken({ type, name, value, arg, exp }: Prop): string[] {
  if (type === ATTRIBUTE) return SPOKEN.test(name) && hasWords(value?.content ?? '') ? [value!.content] : []
  return SPOKEN.test(arg?.content ?? '') ? literals(exp?.content ?? '') : []
}

/** Texts that a script shows itself. */
function shown(script: string): string[] {
  const found = script.matchAll(/(?:notify\(|\blabel: |\.title = |\.textContent = )['`]([A-Z].*?)['`]/g)
  return [...found].map(([, text]) => text!).filter(hasWords)
}

function bareTexts(source: string): string[] {
  const { template, script, scriptSetup } = parse(source).descriptor
  return [...wordsOf((template?.ast ?? { type: 0 }) as unknown as Node), ...shown(`${script?.content}${scriptSetup?.content}`)]
}

describe('a component shows no text but from the catalogue', () => {
  test.each(Object.entries(files))('%s', (_, source) => {
    expect(bareTexts(source)).toEqual([])
  })
})

test('nor do composables and the canvas', () => {
  expect(Object.entries(scripts).flatMap(([path, source]) => shown(source).map((text) => `${path}: ${text}`))).toEqual([])
})

test.each([
  ['<template><p>Hello you</p></template>', 'Hello you'],
  ['<template><b v-if="on" aria-label="Close" /></template>', 'Close'],
  ['<template><b>{{ on ? \'Turn off\' : t(\'a.b\') }}</b></template>', 'Turn off'],
  ['<template><B :label="`Width ${n}`" /></template>', 'Width ${n}'],
  ["<script setup>notify('Not saved')</script>", 'Not saved'],
])('what is written in %s is found', (source, text) => {
  expect(bareTexts(source)).toEqual([text])
})
