import type { Patch } from '../board/types'
import { draw } from './draw'
import { ellipse } from './ellipse'
import { frame } from './frame'
import { image } from './image'
import { line } from './line'
import { note } from './note'
import { diamond, polygon } from './polygon'
import { rect } from './rect'
import type { Kind } from './shape'
import { text } from './text'

/** Every kind of shape by its name in the record. */
const KINDS: { readonly [name: string]: Kind } = {
  ...{ draw, line, rect, ellipse, diamond, polygon, text, note, image, frame },
  arrow: line,
}

/** The kind of a record; undefined if it is no shape. */
export function kindOf({ kind }: Patch): Kind | undefined {
  return typeof kind === 'string' && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
}
