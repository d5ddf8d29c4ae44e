import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fail, inProject, root, tools } from './project.mjs';

const OUTPUTS = [
  'out/main/cli.js',
  'out/preload/main.cjs',
  'out/main/core-host.js',
  'out/preload/index.cjs',
  'out/renderer/index.html',
];
const SOURCES = ['src-shared', 'src-main', 'src-renderer', 'sql', 'electron.vite.config.ts', 'package.json'];
const LOCK_POLL_MS = 200;

/** Builds `out/` when it is missing or older than a source. Everything it says goes to stderr. */
export async function ensureBuild() {
  if (!existsSync(inProject('src-main'))) return;
  if (isFresh()) return;
  if (!existsSync(tools.electronVite)) fail('the packages are not installed. Run `npm ci` first.', 3);
  const release = await takeLock();
  try {
    if (!isFresh()) build();
  } finally {
    release();
  }
}

/** Builds `out/` whatever its age. */
export async function forceBuild() {
  const release = await takeLock();
  try {
    build();
  } finally {
    release();
  }
}

/** The oldest output must be younger than the newest source; folders count, so that a deleted file is noticed. */
export function isFresh(base = root) {
  let oldest = Number.POSITIVE_INFINITY;
  for (const output of OUTPUTS) {
    const file = join(base, output);
    if (!existsSync(file)) return false;
    oldest = Math.min(oldest, statSync(file).mtimeMs);
  }
  return SOURCES.every((source) => newest(join(base, source)) <= oldest);
}

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return /\.test\.tsx?$/.test(path) ? 0 : stat.mtimeMs;
  let time = stat.mtimeMs;
  for (const name of readdirSync(path)) time = Math.max(time, newest(join(path, name)));
  return time;
}

function build() {
  process.stderr.write('tapemend: building, because the sources are newer than out/ …\n');
  const result = spawnSync(process.execPath, [tools.electronVite, 'build'], {
    cwd: inProject(),
    encoding: 'utf8',
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  throw new Error('the build failed; its messages are above');
}

/** One build at a time per checkout: a second Tapemend waits for the first one's. A dead owner's lock is taken over. */
async function takeLock() {
  const lock = inProject('.cache/build.lock');
  mkdirSync(inProject('.cache'), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return () => rmSync(lock, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isAlive(ownerOf(lock))) rmSync(lock, { force: true });
    else await delay(LOCK_POLL_MS);
  }
}

function ownerOf(lock) {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    if (owner) return owner;
    // Empty for the instant between creating and writing: then the owner is alive.
    return Date.now() - statSync(lock).mtimeMs < 5_000 ? process.pid : 0;
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
