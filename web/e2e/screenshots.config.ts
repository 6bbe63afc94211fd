import { defineConfig } from '@playwright/test'

import tests from '../playwright.config'

/** `make screenshots`: the pictures of the documentation, taken from the real thing. */
export default defineConfig(tests, {
  testDir: '.',
  testMatch: 'screenshots.ts',
  globalSetup: './fixtures/setup.ts',
})
