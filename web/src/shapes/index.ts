import type { Patch, RecordId } from '../board/types'
import { draw } from './draw'
import { ellipse } from './ellipse'
import { line } from './line'
import { rect } from './rect'
import { opacityOf, type Brush, type Kind, type Shape } from './shape'

export type { Brush, Kind, Shape } from './shape'

/** Every kind of shape by its name in the record. */
const KINDS: { readonly [name: string]: Kind } = { draw, line, rect, ellipse }

/** The shape of a record; undefined if it is none, deleted or malformed. */
export function shapeOf(id: RecordId, props: Patch | undefined): Shape | undefined {
  if (!props || props['deleted'] === true) return undefined
  const { kind: name, z } = props
  const kind = typeof name === 'string' && Object.hasOwn(KINDS, name) ? KINDS[name] : undefined
  const box = kind?.box(props)
  return kind && box && { id, z: typeof z === 'string' ? z : '', kind, box, props }
}

/** Paints a shape on a canvas whose units are world units. */
export function paint({ kind, props }: Shape, brush: Brush): void {
  brush.pen.globalAlpha = opacityOf(props)
  kind.paint(props, brush)
}
