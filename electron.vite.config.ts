import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const root = import.meta.dirname;
const alias = { '@shared': resolve(root, 'src-shared') };
// The floor is the oldest runtime the code meets: Node 20.18 (also inside Electron 33) and Chromium 130.
const node = 'node20.18';

/**
 * Everything is bundled, so that what ships is `out/` alone; therefore all packages are devDependencies. `cli` runs in plain
 * Node, so no chunk that it reaches may import electron (a test looks).
 */
export default defineConfig({
  main: {
    resolve: { alias },
    build: {
      target: node,
      externalizeDeps: false,
      outDir: resolve(root, 'out/main'),
      rolldownOptions: {
        // Flat, so that a chunk finds worker entries beside itself.
        output: { chunkFileNames: '[name]-[hash].js' },
        input: {
          'core-host': resolve(root, 'src-main/hosts/electron/core-host.ts'),
          cli: resolve(root, 'src-main/hosts/cli/cli.ts'),
          'ingest-worker': resolve(root, 'src-main/backfill/ingest-worker.ts'),
          'practice-worker': resolve(root, 'src-main/practice/practice-worker.ts'),
        },
      },
    },
  },
  preload: {
    resolve: { alias },
    build: {
      target: node,
      externalizeDeps: false,
      outDir: resolve(root, 'out/preload'),
      rolldownOptions: {
        input: {
          index: resolve(root, 'src-main/preload/index.ts'),
          main: resolve(root, 'src-main/hosts/electron/main.ts'),
        },
        // A sandboxed preload must be CommonJS. So must Electron's entry: it has to be done before `ready`, and a module that is
        // imported asynchronously (as some loaders do) comes too late.
        output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'chunks/[name]-[hash].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(root, 'src-renderer'),
    resolve: { alias },
    plugins: [react()],
    build: {
      target: 'chrome130',
      minify: 'oxc',
      outDir: resolve(root, 'out/renderer'),
      // The page's policy takes fonts from files only, not from data: addresses.
      assetsInlineLimit: 0,
      rolldownOptions: { input: resolve(root, 'src-renderer/index.html') },
    },
  },
});
