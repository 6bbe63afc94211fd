/** The words on the canvas itself. */
export const canvas = {
  writing: 'Text of the shape',
  lost: 'The shape you were writing in was removed',
} as const
