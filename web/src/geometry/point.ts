/** Points of the board's plane and of the screen are different types: only a camera converts them. */

declare const space: unique symbol

/** World units; y grows downwards. One unit is one CSS pixel at 100 %. */
export interface World {
  readonly x: number
  readonly y: number
  readonly [space]: 'world'
}

/** CSS pixels from the top-left corner of the canvas. */
export interface Screen {
  readonly x: number
  readonly y: number
  readonly [space]: 'screen'
}

export const world = (x: number, y: number): World => ({ x, y }) as World
export const screen = (x: number, y: number): Screen => ({ x, y }) as Screen

/** The distance of two points of the same space. */
export function distance<P extends World | Screen>(a: P, b: P): number {
  return Math.hypot(b.x - a.x, b.y - a.y)
}

/** The point halfway. */
export function middle(a: Screen, b: Screen): Screen {
  return screen((a.x + b.x) / 2, (a.y + b.y) / 2)
}
