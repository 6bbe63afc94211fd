import { computed, shallowRef, watch, type Ref } from 'vue'
import type { Json, Patch } from '../board/types'
import { isObject } from '../board/validate'
import { TABLES } from '../shapes/kinds'
import { DEFAULT_STYLE, STYLE_PROPS, type Style } from '../editor/style'
import type { ToolName } from '../tools'
import { load, save } from './storage'

/** Kinds of shapes that have colours of their own: a highlighter isn't black, and a note isn't empty. */
export type Family = 'common' | 'highlighter' | 'note'

type Styles = { readonly [family in Family]: Patch }

const DEFAULTS: Styles = {
  common: DEFAULT_STYLE,
  highlighter: { color: 'yellow', width: 20 },
  note: { color: 'black', fill: 'yellow' },
}

/** What belongs to a family alone; all else is common. */
const OWN: { readonly [family in Family]: readonly string[] } = {
  common: [],
  highlighter: ['color', 'width', 'opacity'],
  note: ['color', 'fill', 'fillstyle'],
}

/** What the next shape will look like, by the tool in hand; this browser remembers it. */
export function useStyle(tool: Readonly<Ref<ToolName>>) {
  const styles = shallowRef(read())
  watch(styles, (next) => save('styles', next))
  const style = computed<Style>(() => {
    const { common } = styles.value
    return { ...common, ...styles.value[familyOf(tool.value)] } as Style
  })

  /** Changes what comes next of a family: the tool's own, if none is given. */
  function setStyle(change: Patch, family = familyOf(tool.value)): void {
    const own = (prop: string) => OWN[family].includes(prop)
    const { common } = styles.value
    styles.value = {
      ...styles.value,
      common: { ...common, ...only(change, (prop) => !own(prop)) },
      ...(family !== 'common' && { [family]: { ...styles.value[family], ...only(change, own) } }),
    }
  }
  return { style, setStyle }
}

function familyOf(tool: ToolName): Family {
  return tool === 'highlighter' || tool === 'note' ? tool : 'common'
}

/** The family of a shape. */
export function familyOfShape({ kind, brush }: Patch): Family {
  if (kind === 'note') return 'note'
  return kind === 'draw' && brush === 'highlighter' ? 'highlighter' : 'common'
}

function only(patch: Patch, suits: (prop: string) => boolean): Patch {
  return Object.fromEntries(Object.entries(patch).filter(([prop]) => suits(prop)))
}

function read(): Styles {
  const stored = load('styles')
  const known = isObject(stored) ? stored : {}
  const of = (family: Family) => ({ ...DEFAULTS[family], ...valid(known[family]) })
  return { common: of('common'), highlighter: of('highlighter'), note: of('note') }
}

function valid(stored: unknown): Patch {
  if (!isObject(stored)) return {}
  const fits = (prop: string, value: Json) => Object.values(TABLES).some((table) => table[prop]?.(value))
  return only(stored as Patch, (prop) => (STYLE_PROPS as readonly string[]).includes(prop) && fits(prop, (stored as Patch)[prop]!))
}
