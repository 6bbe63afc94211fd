import { newRecordId } from '../board/ids'
import type { Patch, RecordId } from '../board/types'
import { isLink } from '../board/validate'
import { height, overlaps, width, type Box } from '../geometry/box'
import { kindOf } from '../shapes/kinds'
import { orientedOf } from '../shapes/transform'
import { resolved } from './bindings'
import { each, layerOf, NOTHING, working, type Action, type Desk, type Piece } from './desk'
import { keysOnTop } from './stacking'
import { STYLE_PROPS } from './style'

/** Between a shape and the one that is added beside it, in world units. */
const GAP = 100
/** How many places beside one another are tried. */
const TRIES = 20

/** Adds a shape like the selected one beside it, with an arrow from one to the other. */
export const linkLeft = linkNode(-1, 0)
export const linkRight = linkNode(1, 0)
export const linkUp = linkNode(0, -1)
export const linkDown = linkNode(0, 1)

function linkNode(x: number, y: number): Action {
  return (desk) => {
    const { free, locked } = working(desk)
    const source = free.findLast(({ record }) => kindOf(record)?.form === 'box')
    const from = source && orientedOf(resolved(desk, source.id))?.box
    if (!from) return { ...NOTHING, locked }
    const to = freePlace(desk, from, x, y)
    const layer = layerOf(desk, source.record)
    const [node, arrow] = [newRecordId(desk.random), newRecordId(desk.random)]
    const [low, high] = keysOnTop(desk, layer, 2) as [string, string]
    const common = { ...(layer !== null && { layer }), ...(typeof source.record['frame'] === 'string' && { frame: source.record['frame'] }) }
    return {
      edits: [
        [node, { ...like(source), ...common, at: [to.minX, to.minY], size: [width(from), height(from)], z: low }],
        [arrow, { ...arrowBetween(source, node, from, to, x, y), ...common, z: high }],
      ],
      select: [node],
      locked,
    }
  }
}

/** The kind and the looks of a shape, without its words. */
function like({ record }: Piece): Patch {
  const looks = ['kind', ...STYLE_PROPS].filter((prop) => record[prop] !== undefined).map((prop) => [prop, record[prop]!])
  return Object.fromEntries(looks)
}

function arrowBetween({ id, record }: Piece, node: RecordId, from: Box, to: Box, x: number, y: number): Patch {
  const [ax, ay] = edge(from, x, y)
  const [bx, by] = edge(to, -x, -y)
  const bind = (shape: RecordId) => ({ to: shape, at: [0.5, 0.5], inside: false })
  const { color, width: line, dash, opacity } = record
  const looks = { ...(color && { color }), ...(line && { width: line }), ...(dash && { dash }), ...(opacity && { opacity }) }
  const place = { at: [ax, ay], size: [bx - ax, by - ay] }
  return { kind: 'arrow', ...place, ...looks, endhead: 'arrow', startbind: bind(id), endbind: bind(node) }
}

/** The middle of a side. */
function edge({ minX, minY, maxX, maxY }: Box, x: number, y: number): readonly [number, number] {
  return [(minX + maxX) / 2 + (x * (maxX - minX)) / 2, (minY + maxY) / 2 + (y * (maxY - minY)) / 2]
}

/** The nearest place in that direction where nothing is yet: straight on, then to either side. */
function freePlace({ shapes }: Desk, box: Box, x: number, y: number): Box {
  const [w, h] = [width(box), height(box)]
  const places = Array.from({ length: TRIES }, (_, i) => {
    const side = Math.ceil(i / 2) * (i % 2 === 0 ? -1 : 1)
    const [dx, dy] = [x * (w + GAP) + (x === 0 ? side * (w + GAP / 2) : 0), y * (h + GAP) + (y === 0 ? side * (h + GAP / 2) : 0)]
    return { minX: box.minX + dx, minY: box.minY + dy, maxX: box.maxX + dx, maxY: box.maxY + dy }
  })
  const isTaken = (place: Box) => shapes.within(place).some(({ props, box }) => props['kind'] !== 'frame' && overlaps(box, place))
  return places.find((place) => !isTaken(place)) ?? places[0]!
}

/** Makes the selected shapes lead to a URL; null for nowhere. What is no address that may be linked to changes nothing. */
export function setLink(link: string | null): Action {
  return (desk) => {
    const { free, locked } = working(desk)
    return link === null || isLink(link) ? { edits: each(free, { link }), locked } : { ...NOTHING, locked }
  }
}

/** The address that a person means: as typed, or with https before it; undefined if it can't be linked to. */
export function linkOf(text: string): string | undefined {
  const typed = text.trim()
  const meant = /^[a-z][a-z0-9+.-]*:/i.test(typed) && !/^[^/]*:\d/.test(typed) ? typed : /^[^\s/]+@[^\s/]+$/.test(typed) ? `mailto:${typed}` : `https://${typed}`
  return typed !== '' && isLink(meant) ? meant : undefined
}
