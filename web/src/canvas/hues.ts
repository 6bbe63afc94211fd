/**
 * The grid of the colour picker: a hue a row, from pale to strong. The values are those of open-color
 * (MIT), which boards from elsewhere often use.
 */
export const HUES: readonly { readonly name: HueName; readonly shades: readonly string[] }[] = [
  { name: 'grey', shades: ['#f1f3f5', '#e9ecef', '#ced4da', '#868e96', '#343a40'] },
  { name: 'bronze', shades: ['#f8f1ee', '#eaddd7', '#d2bab0', '#a18072', '#846358'] },
  { name: 'red', shades: ['#ffe3e3', '#ffc9c9', '#ff8787', '#fa5252', '#e03131'] },
  { name: 'pink', shades: ['#ffdeeb', '#fcc2d7', '#f783ac', '#e64980', '#c2255c'] },
  { name: 'magenta', shades: ['#f3d9fa', '#eebefa', '#da77f2', '#be4bdb', '#9c36b5'] },
  { name: 'violet', shades: ['#e5dbff', '#d0bfff', '#9775fa', '#7950f2', '#6741d9'] },
  { name: 'indigo', shades: ['#dbe4ff', '#bac8ff', '#748ffc', '#4c6ef5', '#3b5bdb'] },
  { name: 'blue', shades: ['#d0ebff', '#a5d8ff', '#4dabf7', '#228be6', '#1971c2'] },
  { name: 'cyan', shades: ['#c5f6fa', '#99e9f2', '#3bc9db', '#15aabf', '#0c8599'] },
  { name: 'teal', shades: ['#c3fae8', '#96f2d7', '#38d9a9', '#12b886', '#099268'] },
  { name: 'green', shades: ['#d3f9d8', '#b2f2bb', '#69db7c', '#40c057', '#2f9e44'] },
  { name: 'lime', shades: ['#e9fac8', '#d8f5a2', '#a9e34b', '#82c91e', '#66a80f'] },
  { name: 'yellow', shades: ['#fff3bf', '#ffec99', '#ffd43b', '#fab005', '#f08c00'] },
  { name: 'orange', shades: ['#ffe8cc', '#ffd8a8', '#ffa94d', '#fd7e14', '#e8590c'] },
]

export type HueName =
  | ('grey' | 'bronze' | 'red' | 'pink' | 'magenta' | 'violet' | 'indigo')
  | ('blue' | 'cyan' | 'teal' | 'green' | 'lime' | 'yellow' | 'orange')
