import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const alias = { '@shared': resolve(import.meta.dirname, 'src-shared') };

/** Two projects: `unit` needs nothing but Node, `integration` needs Java and the QuestDB jar. */
export default defineConfig({
  resolve: { alias },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // A stray `import 'electron'` outside its host must fail at once instead of starting a download.
    env: {
      ELECTRON_OVERRIDE_DIST_PATH: process.env.ELECTRON_OVERRIDE_DIST_PATH ?? resolve(import.meta.dirname, '.cache'),
    },
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          include: ['src-*/**/*.test.ts', 'src-*/**/*.test.tsx', 'build/**/*.test.ts', 'sql/*.test.ts'],
          exclude: ['**/*.integration.test.ts', 'node_modules/**'],
          testTimeout: 20_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'integration',
          include: ['src-*/**/*.integration.test.ts', 'build/**/*.integration.test.ts'],
          // A QuestDB start takes 2 to 7 s on busy cores (facts: measured), so the limits are generous.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
