/** Made by scripts/outlines.mjs of the files of whiteboard/outlines: by kind, in the order of their names. */
declare module 'virtual:outlines' {
  const outlines: { readonly [kind: string]: import('./outlines').OutlineData }
  export default outlines
}
