import { join } from 'node:path';
import { app } from 'electron';

const out = join(app.getAppPath(), 'out');

export const paths = {
  coreHost: join(out, 'main', 'core-host.js'),
  preload: join(out, 'preload', 'index.cjs'),
  page: join(out, 'renderer'),
  /** The packaged parts; null in a checkout. */
  resources: app.isPackaged ? process.resourcesPath : null,
};
