import { world, type World } from '../geometry/point'

/** Under Shift lines go at multiples of 15°. */
const STEPS_PER_TURN = 24

/** The point nearest to `to` on a line from `from` at a multiple of 15°. */
export function atSteps(from: World, to: World): World {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const turn = (2 * Math.PI) / STEPS_PER_TURN
  const angle = Math.round(Math.atan2(dy, dx) / turn) * turn
  const length = dx * Math.cos(angle) + dy * Math.sin(angle)
  return world(from.x + length * Math.cos(angle), from.y + length * Math.sin(angle))
}
