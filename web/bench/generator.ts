/** One shape of a generated board, in no program's own format. */
export type Item =
  | { readonly kind: 'rect'; readonly color: string; readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  | { readonly kind: 'stroke'; readonly color: string; readonly points: readonly (readonly [x: number, y: number])[] }

/** The window that boards are measured in. */
export const VIEW = { width: 1280, height: 800 }

const COLORS = ['#1e1e1e', '#e03131', '#2f9e44', '#1971c2', '#f08c00']
const STROKE_POINTS = 40

/**
 * The board B(n): half of it rectangles of about 60 × 45, half freehand strokes of 40 points, in five colours. It
 * covers ten windows, so a tenth of it is on the screen at 100 %. The same n gives the same board.
 */
export function generate(n: number, seed = 1): Item[] {
  const random = mulberry(seed)
  const side = Math.sqrt(10)
  return Array.from({ length: n }, (_, i): Item => {
    const color = COLORS[Math.floor(random() * COLORS.length)]!
    const x = random() * VIEW.width * side
    const y = random() * VIEW.height * side
    if (i % 2 === 0) return { kind: 'rect', color, x, y, w: 40 + random() * 40, h: 30 + random() * 30 }
    return { kind: 'stroke', color, points: wander(x, y, random) }
  })
}

/** The middle of B(n). */
export function centre(): [x: number, y: number] {
  return [(VIEW.width * Math.sqrt(10)) / 2, (VIEW.height * Math.sqrt(10)) / 2]
}

/** A line that changes its direction little by little, as a hand does. */
function wander(x: number, y: number, random: () => number): [number, number][] {
  let direction = random() * 2 * Math.PI
  const points: [number, number][] = []
  for (let i = 0; i < STROKE_POINTS; i++) {
    points.push([x, y])
    direction += (random() - 0.5) * 0.9
    x += Math.cos(direction) * 4
    y += Math.sin(direction) * 4
  }
  return points
}

/** Mulberry32: numbers from 0 up to 1. */
function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
