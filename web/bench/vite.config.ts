import { defineConfig } from 'vite'

/** Builds the page with Excalidraw that the benchmarks compare with. */
export default defineConfig({
  root: import.meta.dirname,
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', rollupOptions: { input: 'excalidraw.html' } },
  define: { 'process.env.IS_PREACT': '"false"', 'process.env.NODE_ENV': '"production"' },
})
