import data from 'virtual:outlines'
import type { Patch } from '../board/types'
import { height, width, type Box } from '../geometry/box'
import { world, type World } from '../geometry/point'
import { outlined } from './outlined'
import { ARGUMENTS, Path } from './picture'
import { flipped, part, roundPath } from './polygon'
import { flipOf, type Kind } from './shape'
import { OUTLINE } from './style'

/** A kind of shape as a file of whiteboard/outlines says it: all in shares of the shape's box, from 0 to 1. */
export interface OutlineData {
  /** A closed line of absolute commands M L Q C Z, single spaces between all. */
  readonly outline: string
  /** Open lines above the fill; none if absent. */
  readonly lines?: string
  /** Where a label stands: minX, minY, maxX, maxY. */
  readonly room: readonly [number, number, number, number]
  /** What one that nobody sized is like, in world units. */
  readonly size: readonly [number, number]
}

/** All outlines by kind, in the order of their names. */
export const OUTLINES: ReadonlyMap<string, OutlineData> = new Map(Object.entries(data))

/** Whether the value names a kind that is an outline. */
export function isOutline(kind: unknown): kind is string {
  return typeof kind === 'string' && OUTLINES.has(kind)
}

/** The kinds that are data, by name. */
export const outlines: { readonly [kind: string]: Kind } = Object.fromEntries([...OUTLINES].map(([kind, look]) => [kind, kindWith(look)]))

/** The kind of shapes that look so. Flips mirror all of it but the words about the middle of the box. */
export function kindWith({ outline, lines, room: [minX, minY, maxX, maxY] }: OutlineData): Kind {
  const unit = parsed(outline)
  const inner = lines === undefined ? undefined : parsed(lines)
  // Corners of curves are none, and inner lines would stick out of round ones.
  const rounds = lines === undefined && !/[QC]/.test(outline)
  return outlined({
    shown: rounds ? [...OUTLINE, 'corners'] : OUTLINE,
    mirrors: true,
    next: { kind: 'rect' },
    path(box, shape) {
      const path = placed(unit(), box, shape)
      return rounds && shape['corners'] === 'round' ? roundPath(pointsOf(path)) : path
    },
    inside: (box, shape) => part(box, flipped({ minX, minY, maxX, maxY }, flipOf(shape))),
    ...(inner && { lines: (box: Box, shape: Patch) => placed(inner(), box, shape) }),
  })
}

/** The path that a text says, in the box from 0 to 1; read when it is needed, once. */
function parsed(text: string): () => Path {
  let path: Path | undefined
  return () => (path ??= parse(text))
}

function parse(text: string): Path {
  const path = new Path()
  for (const word of text.split(' ')) {
    if (word in ARGUMENTS) path.commands.push(word as keyof typeof ARGUMENTS)
    else path.coordinates.push(Number(word))
  }
  return path
}

function placed({ commands, coordinates }: Path, box: Box, shape: Patch): Path {
  const [fx, fy] = flipOf(shape)
  const [w, h] = [width(box), height(box)]
  const path = new Path()
  for (const command of commands) path.commands.push(command)
  for (let i = 0; i < coordinates.length; i += 2) {
    const x = coordinates[i]!
    const y = coordinates[i + 1]!
    path.coordinates.push(box.minX + (fx < 0 ? 1 - x : x) * w, box.minY + (fy < 0 ? 1 - y : y) * h)
  }
  return path
}

function pointsOf({ coordinates }: Path): World[] {
  const points: World[] = []
  for (let i = 0; i < coordinates.length; i += 2) points.push(world(coordinates[i]!, coordinates[i + 1]!))
  return points
}
