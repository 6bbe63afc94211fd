/** Long work that can be put down between any two of its steps, each of a millisecond or so. */
export type Steps<T> = Generator<undefined, T, undefined>

/** How many things are sorted in a step, and how many are merged. */
const SORTED = 1000
const MERGED = 4000

/** Does all of it at once. */
export function whole<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** A sorted copy; equals stay in their order. */
export function* sortSteps<T>(items: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  let runs: T[][] = []
  for (let from = 0; from < items.length; from += SORTED) {
    if (from > 0) yield
    runs.push(items.slice(from, from + SORTED).sort(compare))
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let i = 0; i < runs.length; i += 2) {
      const [a, b] = [runs[i]!, runs[i + 1]]
      merged.push(b ? yield* merge(a, b, compare) : a)
      yield
    }
    runs = merged
  }
  return runs[0] ?? []
}

function* merge<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  const all: T[] = []
  for (let [i, j] = [0, 0]; i < a.length || j < b.length; ) {
    if (j === b.length || (i < a.length && compare(a[i]!, b[j]!) <= 0)) all.push(a[i++]!)
    else all.push(b[j++]!)
    if (all.length % MERGED === 0) yield
  }
  return all
}
