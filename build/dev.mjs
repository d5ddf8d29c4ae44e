#!/usr/bin/env node
// `npm run dev`: the app with hot reload, in a window where one can be opened, else in the browser.
import { createServer, loadConfigFromFile } from 'vite';
import { startChild } from './lib/children.mjs';
import { displayProblem } from './lib/display.mjs';
import { findElectron, sandboxProblem } from './lib/electron-runtime.mjs';
import { ensureBuild } from './lib/ensure-build.mjs';
import { fail, inProject, requireNode, root, tools } from './lib/project.mjs';

requireNode();
const given = process.argv.slice(2);
const args = given.filter((arg) => arg !== '--web');
const runtime = findElectron();
const reason = given.includes('--web')
  ? 'asked for by --web'
  : (displayProblem() ?? (runtime ? null : 'there is no Electron runtime (`npm start` gets it)'));
process.exitCode = reason === null ? await devWindow() : await devBrowser(reason);

async function devWindow() {
  const sandbox = sandboxProblem(runtime) === 'root' ? ['--noSandbox'] : [];
  const { ended } = startChild(process.execPath, [tools.electronVite, 'dev', '--watch', ...sandbox, '--', ...args], {
    cwd: root,
    env: { ...process.env, ELECTRON_EXEC_PATH: runtime.binary, ELECTRON_OVERRIDE_DIST_PATH: runtime.folder },
  });
  return ended;
}

/** The renderer from vite's own server, its socket passed on to a core that `serve` runs. Sources of the core are built once. */
async function devBrowser(why) {
  process.stderr.write(`tapemend: developing in the browser: ${why}\n`);
  await ensureBuild();
  const { child, ended } = startChild(
    process.execPath,
    [inProject('out/main/cli.js'), 'serve', '--port', '0', ...args],
    {
      stdio: ['inherit', 'pipe', 'inherit'],
    },
  );
  const address = new URL(await firstUrl(child));
  const loaded = await loadConfigFromFile(
    { command: 'serve', mode: 'development' },
    inProject('electron.vite.config.ts'),
  );
  const toCore = { target: address.origin, changeOrigin: true, headers: { origin: address.origin } };
  const server = await createServer({
    ...loaded.config.renderer,
    configFile: false,
    server: {
      host: '127.0.0.1',
      // The core checks Host and Origin, so the proxy speaks in its name.
      proxy: {
        '/session': toCore,
        '/rpc': { ...toCore, ws: true, rewriteWsOrigin: true },
      },
    },
  });
  await server.listen();
  const url = `${server.resolvedUrls.local[0].replace('localhost', '127.0.0.1')}${address.hash}`;
  process.stderr.write(`tapemend: open ${url}\n`);
  const code = await ended;
  await server.close();
  return code;
}

async function firstUrl(child) {
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    const url = /http:\/\/\S+/.exec(text)?.[0];
    if (url && text.includes('\n')) {
      child.stdout.resume();
      return url;
    }
  }
  return fail('the core ended before it said its address');
}
