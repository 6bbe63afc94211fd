import { world, type World } from '../geometry/point'
import { ARGUMENTS, type Path } from './picture'

/** Pieces of a curve; a quarter of a circle in 16 is exact to 1/800 of its radius. */
const CUBIC_PIECES = 16
const QUADRATIC_PIECES = 8

/** The path as straight lines: one list of points for each M; one that is closed ends where it began. */
export function flatten(path: Path): World[][] {
  const lines: World[][] = []
  let line: World[] = []
  let at = 0
  for (const command of path.commands) {
    const c = path.coordinates.slice(at, (at += ARGUMENTS[command]))
    const from = line.at(-1) ?? world(0, 0)
    if (command === 'M') lines.push((line = [world(c[0]!, c[1]!)]))
    else if (command === 'L') line.push(world(c[0]!, c[1]!))
    else if (command === 'Q') for (let i = 1; i <= QUADRATIC_PIECES; i++) line.push(onQuadratic(from, c, i / QUADRATIC_PIECES))
    else if (command === 'C') for (let i = 1; i <= CUBIC_PIECES; i++) line.push(onCubic(from, c, i / CUBIC_PIECES))
    else if (line[0]) line.push(line[0])
  }
  return lines
}

function onQuadratic(from: World, c: readonly number[], t: number): World {
  const [a, b, d] = [(1 - t) ** 2, 2 * t * (1 - t), t * t]
  return world(a * from.x + b * c[0]! + d * c[2]!, a * from.y + b * c[1]! + d * c[3]!)
}

function onCubic(from: World, c: readonly number[], t: number): World {
  const s = 1 - t
  const [a, b, d, e] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t]
  return world(a * from.x + b * c[0]! + d * c[2]! + e * c[4]!, a * from.y + b * c[1]! + d * c[3]! + e * c[5]!)
}
