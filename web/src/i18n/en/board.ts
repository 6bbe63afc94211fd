/** The words of the board page. A plural is an object by the categories of Intl.PluralRules, chosen by `n`. */
export const board = {
  untitled: 'Untitled board',
  removed: { one: 'Removed {n} shape', other: 'Removed {n} shapes' },
} as const
