#!/usr/bin/env node
// `npm start`: the window where a window can be opened, else the same interface served to a browser. `npm run demo` adds the
// practice exchange with prepared holes. Further arguments go to the program: npm start -- --workspace DIR
import { isStopping, startChild } from './lib/children.mjs';
import { displayProblem } from './lib/display.mjs';
import { downloadElectron, findElectron, sandboxProblem } from './lib/electron-runtime.mjs';
import { ensureBuild } from './lib/ensure-build.mjs';
import { fail, inProject, requireNode, root } from './lib/project.mjs';

requireNode();
const given = process.argv.slice(2);
const forceWeb = given.includes('--web');
const args = given.filter((arg) => arg !== '--web');

try {
  await ensureBuild();
} catch (error) {
  fail(error.message, 3);
}

process.exitCode = await start();

async function start() {
  const window = forceWeb ? { reason: 'asked for by --web' } : await findWindow();
  if (!window.runtime) return serve(window.reason);
  const code = await openWindow(window.runtime, window.switches);
  if (code === null) return serve('Electron could not open a window here');
  return code;
}

/** The runtime to open a window with and the switches it needs, or the reason why there is none. */
async function findWindow() {
  const problem = displayProblem();
  if (problem) return { reason: problem };
  let runtime = findElectron();
  if (!runtime) {
    const failure = await downloadElectron();
    runtime = failure ? null : findElectron();
    if (!runtime) return { reason: `there is no Electron runtime: ${failure ?? 'the download left none'}` };
  }
  switch (sandboxProblem(runtime)) {
    case 'root':
      process.stderr.write('tapemend: running as root, so Chromium runs without its sandbox (--no-sandbox)\n');
      return { runtime, switches: ['--no-sandbox'] };
    case 'userns':
      return {
        reason:
          'this system forbids the sandbox that Chromium needs; allow it with ' +
          `\`sudo chown root:root '${runtime.folder}/chrome-sandbox' && sudo chmod 4755 '${runtime.folder}/chrome-sandbox'\``,
      };
    default:
      return { runtime, switches: [] };
  }
}

/** Runs until the window is closed. Null when Electron could not even start for want of a library or a screen. */
async function openWindow(runtime, switches) {
  const env = { ...process.env };
  // Set by some editors' terminals; with it Electron would run as plain Node.
  delete env.ELECTRON_RUN_AS_NODE;
  const { child, ended } = startChild(runtime.binary, [...switches, root, ...args], {
    env,
    stdio: ['inherit', 'inherit', 'pipe'],
  });
  let tail = '';
  child.stderr.on('data', (chunk) => {
    tail = (tail + chunk).slice(-8_000);
    process.stderr.write(chunk);
  });
  let code;
  try {
    code = await ended;
  } catch (error) {
    process.stderr.write(`tapemend: ${runtime.binary}: ${error.message}\n`);
    return null;
  }
  const cannotStart =
    /error while loading shared libraries|Missing X server|cannot open display|Failed to connect to Wayland|platform failed to initialize/i;
  if (code !== 0 && !isStopping() && cannotStart.test(tail)) return null;
  return isStopping() && code !== 0 ? 130 : code;
}

async function serve(reason) {
  process.stderr.write(`tapemend: opening in the browser instead of a window: ${reason}\n`);
  const { ended } = startChild(process.execPath, [inProject('out/main/cli.js'), 'serve', ...args], {
    cwd: process.cwd(),
  });
  return ended;
}
