import tests from '../playwright.config'
import { defineConfig } from '@playwright/test'

/** `make bench-web`: benchmarks that print figures, one after the other, the page of Excalidraw built before. */
export default defineConfig(tests, {
  testDir: '.',
  testMatch: '*.bench.ts',
  globalSetup: './setup.ts',
  workers: 1,
  fullyParallel: false,
  timeout: 900_000,
})
