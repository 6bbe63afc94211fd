/** The words about how shapes look. */
export const style = {
  title: 'Colour and width',
  color: 'Colour',
  anyColor: 'Any colour',
  hex: 'Colour as six hex digits',
  width: 'Width',
  widthOf: 'Width {width}',
} as const
