import vue from '@vitejs/plugin-vue'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { chunkGroups } from './scripts/chunks.mjs'
import { boardPage } from './scripts/boardpage.mjs'
import { ownIcons } from './scripts/icons.mjs'
import { notices } from './scripts/notices.mjs'
import { OUTLINES, outlines } from './scripts/outlines.mjs'
import { writeSources } from './scripts/sources.mjs'
import { worker } from './scripts/worker.mjs'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** What is fetched along with a chunk: of one that comes later, scripts find what they import by themselves. */
function resolveDependencies(file: string, needed: string[], { hostType }: { hostType: 'html' | 'js' }): string[] {
  return hostType === 'html' || file.endsWith('/BoardPage.js') ? needed : needed.filter((name) => name.endsWith('.css'))
}

/** Styles are no modules of the bundle; the font comes in by them. */
const FONT = 'node_modules/@fontsource-variable/inter/files'

// Stable file names: dist is committed, and the server puts the version into the addresses.
export default defineConfig({
  plugins: [
    vue(),
    ownIcons(),
    outlines(),
    {
      name: 'easel-dist',
      apply: 'build',
      enforce: 'post',
      async generateBundle(_, bundle) {
        const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
        const source = await notices([...modules, here(FONT)], here('public/assets/fonts'))
        this.emitFile({ type: 'asset', fileName: 'NOTICES.txt', source })
        const page = bundle['index.html']
        if (page?.type === 'asset') this.emitFile({ type: 'asset', fileName: 'board.html', source: boardPage(String(page.source), bundle) })
        const files = Object.values(bundle).filter(({ fileName }) => !fileName.endsWith('.woff2') && fileName !== 'board.html').map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source] as const)
        this.emitFile({ type: 'asset', fileName: 'sw.js', source: worker(files.sort(([a], [b]) => (a < b ? -1 : 1))) })
      },
      closeBundle: () => writeSources(here('..'), here('dist')),
    },
  ],
  define: { __VUE_OPTIONS_API__: 'false' },
  // Scripts and styles find each other wherever they are: the server puts the build into their addresses.
  experimental: { renderBuiltUrl: (_, { hostType }) => (hostType === 'html' ? undefined : { relative: true }) },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false, resolveDependencies },
    rollupOptions: {
      output: {
        entryFileNames: 'assets/[name].js',
        chunkFileNames: 'assets/[name].js',
        assetFileNames: 'assets/[name][extname]',
        advancedChunks: { groups: chunkGroups() },
      },
    },
  },
  server: {
    fs: { allow: [here('.'), OUTLINES] },
    proxy: Object.fromEntries(
      ['/negotiate', '/diagram', '/boards', '/background', '/client', '/api'].map((path) => [
        path,
        { target: 'http://127.0.0.1:8080', ws: path === '/client' },
      ]),
    ),
  },
  // The bound is for what never ends: tests of properties take seconds on a slow machine.
  test: { include: ['src/**/*.test.ts'], environment: 'node', setupFiles: ['src/testing/widths.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
})
