import { rmSync } from 'node:fs';
import { join } from 'node:path';

/** Takes Electron's own start page out of the runtime: in some runtimes it is a folder, which electron-builder cannot read. */
export default function afterExtract({ appOutDir }) {
  rmSync(join(appOutDir, 'resources/default_app.asar'), { recursive: true, force: true });
}
