/** The words of the page that comes in place of a board that can't be opened. */
export const gone = {
  noBoard: 'There is no such board',
  noBoardWhy: 'The address may be incomplete: the link must be copied whole.',
  noAccess: 'This link does not open the board',
  noAccessWhy: 'It may be incomplete, or it was replaced by a new one. Ask whoever shared it with you.',
  toMine: 'To my boards',
  kept: {
    one: '{n} change of yours was not sent. It is kept in this browser, and goes out when the board is opened by a link for editing.',
    other: '{n} changes of yours were not sent. They are kept in this browser, and go out when the board is opened by a link for editing.',
  },
} as const
