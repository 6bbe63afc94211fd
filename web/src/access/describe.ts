import type { Json, Patch, RecordId } from '../board/types'
import type { Key, Params } from '../i18n/format'
import type { Shape } from '../shapes'
import { isOutline } from '../shapes/outlines'
import { isPath } from '../shapes/transform'

/** The longest part of a shape's own text that stands in its description, in characters. */
const MOST_TEXT = 60
/** The most shapes that are named as connected. */
const MOST_NAMES = 4

export interface Surroundings {
  get(id: RecordId): Shape | undefined
  /** The arrows and lines that are bound to a shape. */
  boundTo(id: RecordId): readonly Shape[]
}

export type Say = (key: Key, params?: Params) => string

/** What a shape is, for those who do not see it: "Rectangle, blue, text “API”, connected to “DB”". */
export function describe({ id, props }: Shape, around: Surroundings, say: Say): string {
  const parts = [
    kindOf(props, say),
    colorOf(props['color'], say),
    isFilled(props) && say('access.filled', { color: colorOf(props['fill'], say) ?? '' }),
    textOf(props) && say('access.says', { text: textOf(props) }),
    ...(isPath(props) ? ends(props, around, say) : [connections(id, around, say)]),
    frameOf(props, around, say),
    isList(props['groups']) && say('access.grouped'),
    props['locked'] === true && say('access.locked'),
  ]
  return parts.filter(Boolean).join(say('access.comma'))
}

/** A shape in a word or two: its text if it has one. */
export function nameOf({ props }: Shape, say: Say): string {
  const text = textOf(props)
  const kind = kindOf(props, say)
  return text ? say('access.nameOf', { kind, text }) : kind
}

function kindOf({ kind, brush }: Patch, say: Say): string {
  if (kind === 'draw') return say(brush === 'highlighter' ? 'access.marking' : 'access.drawing')
  return say(isOutline(kind) ? `tools.outline:${kind}` : `tools.${String(kind) as 'rect'}`)
}

function colorOf(color: Json | undefined, say: Say): string | undefined {
  if (typeof color !== 'string') return undefined
  return color.startsWith('#') ? color : say(`colors.${color as 'black'}`)
}

const isFilled = ({ fill }: Patch) => typeof fill === 'string'

function textOf({ text, alt, name }: Patch): string {
  const own = [text, alt, name].find((value) => typeof value === 'string' && value.trim() !== '')
  const line = typeof own === 'string' ? own.trim().replace(/\s+/g, ' ') : ''
  const letters = [...line]
  return letters.length > MOST_TEXT ? `${letters.slice(0, MOST_TEXT - 1).join('')}…` : line
}

function ends(props: Patch, around: Surroundings, say: Say): string[] {
  const named = (bind: string) => {
    const shape = around.get(targetOf(props[bind]) ?? '')
    return shape && nameOf(shape, say)
  }
  const [start, end] = [named('startbind'), named('endbind')]
  return [...(start ? [say('access.from', { name: start })] : []), ...(end ? [say('access.to', { name: end })] : [])]
}

function connections(id: RecordId, around: Surroundings, say: Say): string | undefined {
  const others = around.boundTo(id).flatMap(({ props }) => {
    const [start, end] = [targetOf(props['startbind']), targetOf(props['endbind'])]
    return [start, end].filter((one) => one !== undefined && one !== id)
  })
  const shapes = [...new Set(others)].map((other) => around.get(other!)).filter((shape) => shape !== undefined)
  if (shapes.length === 0) return undefined
  const names = shapes.slice(0, MOST_NAMES).map((shape) => nameOf(shape, say))
  return say('access.connectedTo', { names: names.join(say('access.comma')) })
}

function frameOf({ frame }: Patch, around: Surroundings, say: Say): string | undefined {
  const shape = typeof frame === 'string' ? around.get(frame) : undefined
  return shape && say('access.within', { name: nameOf(shape, say) })
}

/** The shape that an end of an arrow is bound to. */
export function targetOf(bind: Json | undefined): RecordId | undefined {
  const to = typeof bind === 'object' && bind !== null && !Array.isArray(bind) ? (bind as Patch)['to'] : undefined
  return typeof to === 'string' ? to : undefined
}

const isList = (value: Json | undefined) => Array.isArray(value) && value.length > 0
