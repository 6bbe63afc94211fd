// The page of a board: the same as the start page, but it names what a board needs, so that this is fetched at once.

/** The page with links to the chunk of the board, to what that imports, and to their styles. */
export function boardPage(page, bundle) {
  const chunks = Object.values(bundle).filter(({ type }) => type === 'chunk')
  const scripts = []
  const take = (fileName) => {
    if (scripts.includes(fileName) || page.includes(`/${fileName}"`)) return
    scripts.push(fileName)
    bundle[fileName]?.imports?.forEach(take)
  }
  for (const { fileName, facadeModuleId } of chunks) if (facadeModuleId?.endsWith('/BoardPage.vue')) take(fileName)
  const styles = scripts.map((script) => script.replace(/\.js$/, '.css')).filter((style) => bundle[style])
  const links = [
    ...scripts.map((name) => `<link rel="modulepreload" crossorigin href="/${name}">`),
    ...styles.map((name) => `<link rel="stylesheet" crossorigin href="/${name}">`),
  ]
  return page.replace('</head>', `  ${links.join('\n    ')}\n  </head>`)
}
