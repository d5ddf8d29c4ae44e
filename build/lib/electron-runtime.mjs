import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inProject } from './project.mjs';

const STALL_MS = 45_000;
const TOTAL_MS = 15 * 60_000;
const PROGRESS_MS = 2_000;

const BINARY =
  {
    darwin: 'Electron.app/Contents/MacOS/Electron',
    win32: 'electron.exe',
  }[process.platform] ?? 'electron';

/**
 * An Electron runtime folder on this machine: the override, the `electron` package's own, or the one a developer put into
 * `.cache/electron`. Null when there is none.
 */
export function findElectron(env = process.env) {
  const places = [
    [env.ELECTRON_OVERRIDE_DIST_PATH, 'ELECTRON_OVERRIDE_DIST_PATH'],
    [inProject('node_modules/electron/dist'), 'the electron package'],
    [inProject('.cache/electron'), '.cache/electron'],
  ];
  for (const [folder, source] of places) {
    if (folder && existsSync(join(folder, BINARY)) && existsSync(join(folder, 'version'))) {
      return { folder, binary: join(folder, BINARY), source, version: versionOf(folder) };
    }
  }
  return null;
}

function versionOf(folder) {
  return readFileSync(join(folder, 'version'), 'utf8').trim().replace(/^v/, '');
}

/** Version of Electron that the project is made for (the `electron` package's). */
export function targetElectronVersion() {
  return JSON.parse(readFileSync(inProject('node_modules/electron/package.json'), 'utf8')).version;
}

/**
 * Lets the electron package download its runtime, once, with progress on stderr. Resolves with null when it worked, else
 * with the reason. Given up when nothing arrives for a while: the package's own download has no limit.
 */
export async function downloadElectron() {
  const script = inProject('node_modules/electron/install.js');
  if (!existsSync(script)) return 'the electron package is not installed (run `npm ci`)';
  process.stderr.write(`tapemend: getting the Electron runtime ${targetElectronVersion()} (about 120 MB, once) …\n`);
  // The package downloads into its temp folder; a folder of our own makes the progress visible from outside.
  const temp = mkdtempSync(join(tmpdir(), 'tapemend-electron-'));
  const env = { ...process.env, TMPDIR: temp, TEMP: temp, TMP: temp };
  delete env.ELECTRON_OVERRIDE_DIST_PATH;
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let messages = '';
  child.stderr.on('data', (chunk) => {
    messages = (messages + chunk).slice(-4_000);
  });
  const startedAt = Date.now();
  let bytes = 0;
  let changedAt = startedAt;
  let reason = null;
  const timer = setInterval(() => {
    const now = Date.now();
    const size = folderBytes(temp);
    if (size !== bytes) {
      bytes = size;
      changedAt = now;
      process.stderr.write(`tapemend: Electron runtime, ${Math.round(bytes / 1e6)} MB so far\n`);
    }
    if (bytes === 0 && now - changedAt > STALL_MS) reason = `no answer for ${STALL_MS / 1000} s`;
    else if (now - changedAt > 2 * STALL_MS) reason = `the download stood still for ${(2 * STALL_MS) / 1000} s`;
    else if (now - startedAt > TOTAL_MS) reason = `not finished after ${TOTAL_MS / 60_000} minutes`;
    if (reason) child.kill('SIGKILL');
  }, PROGRESS_MS);
  const stop = () => child.kill('SIGKILL');
  process.once('exit', stop);
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (reason) return reason;
    return code === 0 ? null : shortReason(messages);
  } finally {
    clearInterval(timer);
    process.removeListener('exit', stop);
    rmSync(temp, { recursive: true, force: true });
  }
}

function shortReason(messages) {
  const host = /getaddrinfo \w+ (\S+)/.exec(messages)?.[1];
  if (host) return `${host} cannot be reached`;
  if (messages.includes('fetch failed'))
    return 'its download address cannot be reached (GitHub, or the mirror in ELECTRON_MIRROR)';
  const line = messages.split('\n').find((text) => /error/i.test(text)) ?? messages.split('\n')[0] ?? '';
  return line.trim().slice(0, 160) || 'the electron package could not download it';
}

function folderBytes(folder) {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    // Files come and go while a download unpacks.
    if (entry.isDirectory()) sum += folderBytes(path);
    else sum += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }
  return sum;
}

/**
 * Why Chromium's sandbox cannot start here for this user, or null. Root is a case of its own: Chromium refuses to run
 * sandboxed as root at all.
 */
export function sandboxProblem(runtime) {
  if (process.platform !== 'linux') return null;
  if (process.getuid?.() === 0) return 'root';
  const helper = statSync(join(runtime.folder, 'chrome-sandbox'), { throwIfNoEntry: false });
  if (helper && helper.uid === 0 && (helper.mode & 0o4000) !== 0) return null;
  const forbidden =
    kernelSwitch('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1' ||
    kernelSwitch('/proc/sys/kernel/unprivileged_userns_clone') === '0';
  return forbidden ? 'userns' : null;
}

function kernelSwitch(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}
