/** The words on the canvas itself. */
export const canvas = {
  writing: 'Text of the shape',
} as const
