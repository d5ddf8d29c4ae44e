import { join } from 'node:path';
import { app } from 'electron';

/** Built files lie side by side in `out/`: this code in `main/`, the preload and the page beside it. */
const out = join(import.meta.dirname, '..');

export const paths = {
  coreHost: join(out, 'main', 'core-host.js'),
  preload: join(out, 'preload', 'index.cjs'),
  page: join(out, 'renderer'),
  /** The packaged parts; null in a checkout. */
  resources: app.isPackaged ? process.resourcesPath : null,
};
