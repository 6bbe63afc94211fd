/** The colours of the palette by name. */
export const colors = {
  black: 'black',
  grey: 'grey',
  darkred: 'dark red',
  red: 'red',
  orange: 'orange',
  yellow: 'yellow',
  green: 'green',
  deepskyblue: 'sky blue',
  indigo: 'indigo',
  purple: 'purple',
  white: 'white',
  brown: 'brown',
  pink: 'pink',
  teal: 'teal',
  navy: 'navy blue',
} as const
