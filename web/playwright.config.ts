import { defineConfig } from '@playwright/test'

/** Browser tests run against the real binary in the Chromium of the system. */
export default defineConfig({
  testDir: 'e2e',
  globalSetup: './e2e/fixtures/setup.ts',
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  // Bounds for what never comes. All that is awaited comes within a fraction of them, also on a machine several times slower.
  timeout: 300_000,
  // A busy machine may lose a race once; what is lost twice is a defect.
  retries: process.env.CI ? 1 : 0,
  snapshotPathTemplate: '{testDir}/snapshots/{arg}{ext}',
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
