import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

// Stable file names: dist is committed, and the server versions by ETag.
export default defineConfig({
  plugins: [vue()],
  define: { __VUE_OPTIONS_API__: 'false' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    rollupOptions: {
      output: {
        entryFileNames: 'assets/[name].js',
        chunkFileNames: 'assets/[name].js',
        assetFileNames: 'assets/[name][extname]',
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ['/negotiate', '/diagram', '/boards', '/background', '/client', '/api'].map((path) => [
        path,
        { target: 'http://127.0.0.1:8080', ws: path === '/client' },
      ]),
    ),
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
