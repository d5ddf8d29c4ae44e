import { resolve } from 'node:path';
import { defineConfig } from '@playwright/test';
import type { HostOptions } from './driver';

const root = resolve(import.meta.dirname, '..');

/**
 * One suite, two hosts: what a window shows is tested in Chromium and in Electron alike; `electron/` and
 * `web/` hold what only that host can show, `package/` what only the packaged app can.
 */
export default defineConfig<HostOptions>({
  testDir: import.meta.dirname,
  outputDir: resolve(root, 'test-results'),
  // Every test has a QuestDB of its own, which takes up to 7 s to start on two busy cores; so one at a time, and patience.
  workers: 1,
  fullyParallel: false,
  // A limit against hanging, not a measure: a busy machine takes several times what a quiet one does.
  timeout: 300_000,
  expect: { timeout: 20_000 },
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  reporter: 'list',
  projects: [
    { name: 'web', testIgnore: ['electron/**', 'package/**'], use: { host: 'web' } },
    {
      name: 'electron',
      testIgnore: ['web/**', 'package/**'],
      // What only a browser's window can do, beside tests that both run.
      grepInvert: /@web/,
      use: { host: 'electron' },
    },
    { name: 'package', testMatch: ['package/**/*.spec.ts'], use: { host: 'package' } },
  ],
});
