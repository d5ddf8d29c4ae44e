import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Why no window can be opened here, or null when one can. */
export function displayProblem(env = process.env) {
  if (process.platform !== 'linux') return null;
  if (env.DISPLAY || env.WAYLAND_DISPLAY) return null;
  return 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)';
}

/** First of the named programs on PATH, or null. */
export function findOnPath(names, env = process.env) {
  for (const name of names) {
    for (const folder of (env.PATH ?? '').split(delimiter)) {
      const file = join(folder, name);
      if (folder && existsSync(file)) return file;
    }
  }
  return null;
}

/**
 * A virtual screen of its own. Resolves with its DISPLAY and a function that ends it; null when Xvfb is not installed.
 * Xvfb picks a free number itself and reports it on descriptor 3, so two of them never collide.
 */
export async function startVirtualDisplay() {
  const xvfb = findOnPath(['Xvfb']);
  if (!xvfb) return null;
  const child = spawn(xvfb, ['-displayfd', '3', '-screen', '0', '1920x1200x24', '-nolisten', 'tcp', '-noreset'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const number = await new Promise((resolve, reject) => {
    let text = '';
    child.stdio[3].on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.trim());
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Xvfb ended with code ${code} before it was ready`)));
  });
  const stop = () => child.kill('SIGTERM');
  process.once('exit', stop);
  child.unref();
  child.stdio[3].destroy();
  return { display: `:${number}`, stop };
}
