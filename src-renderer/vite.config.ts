import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The window alone, for `?dev` and the bench; the product is built by electron.vite.config.ts. */
export default defineConfig({
  root: import.meta.dirname,
  resolve: { alias: { '@shared': resolve(import.meta.dirname, '../src-shared') } },
  plugins: [react()],
  server: { host: '127.0.0.1' },
});
