/** How many shapes of the list are in the page on either side of the current one. */
const AROUND = 20

/** The part of a list that is kept in the page: what is around the current item. */
export function windowAround(length: number, current: number): readonly [start: number, end: number] {
  const middle = Math.min(Math.max(current, 0), Math.max(length - 1, 0))
  return [Math.max(middle - AROUND, 0), Math.min(middle + AROUND + 1, length)]
}
