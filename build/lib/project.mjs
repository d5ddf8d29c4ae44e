import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root folder of the checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Absolute path of a file of the checkout. */
export function inProject(...parts) {
  return resolve(root, ...parts);
}

/** JavaScript entry of an installed tool, run with `process.execPath` so that it works without a shell and on Windows. */
export const tools = {
  electronVite: inProject('node_modules/electron-vite/bin/electron-vite.js'),
  vitest: inProject('node_modules/vitest/vitest.mjs'),
  playwright: inProject('node_modules/@playwright/test/cli.js'),
  tsc: inProject('node_modules/typescript/bin/tsc'),
  biome: inProject('node_modules/@biomejs/biome/bin/biome'),
  knip: inProject('node_modules/knip/bin/knip.js'),
};

/** Ends the program with one line of explanation on stderr. */
export function fail(message, code = 1) {
  process.stderr.write(`tapemend: ${message}\n`);
  process.exit(code);
}

/** Refuses an old Node before a syntax or API error would say it less clearly. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 18)) {
    fail(`Node 20.18 or newer is needed, this is ${process.versions.node}. Install a current Node and try again.`, 3);
  }
}
