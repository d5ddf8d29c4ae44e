import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium, expect } from '@playwright/test';
import { SCREEN_SWITCHES } from './electron-host';
import type { Host, HostStart } from './host';
import { endChild, OutputTail } from './process';

const dist = resolve(import.meta.dirname, '../../dist');

/** Folder of the packaged app that `npm run package` made. */
export function packagedFolder(): string {
  const found = existsSync(dist)
    ? readdirSync(dist)
        .filter((name) => /^tapemend-.*-linux-[^.]*$/.test(name))
        .map((name) => join(dist, name))
    : [];
  const folder = found.at(-1);
  if (!folder) throw new Error('there is no package in dist/; run `npm run package` first');
  return folder;
}

/** What every Linux has; everything else is out of the packaged app's reach. */
const PLAIN_TOOLS = ['sh', 'sleep', 'wc', 'cp', 'cat', 'uname'];

/**
 * The packaged app in an environment that has neither Node nor Java nor Maven. Its fuses forbid the inspector, so it is
 * driven as a browser page over the renderer's debugging port.
 */
export async function startPackagedHost(start: HostStart): Promise<Host> {
  const home = join(start.workspace, 'home');
  const bare = join(start.workspace, 'bare-path');
  for (const folder of [home, bare]) mkdirSync(folder, { recursive: true });
  for (const tool of PLAIN_TOOLS) symlinkSync(`/bin/${tool}`, join(bare, tool));
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const switches = [...sandbox, ...SCREEN_SWITCHES, '--remote-debugging-port=0'];
  const userData = join(start.workspace, 'user-data');
  const { DISPLAY = '', XAUTHORITY } = process.env;
  const screen = { DISPLAY, ...(XAUTHORITY ? { XAUTHORITY } : {}) };
  const child = spawn(
    join(packagedFolder(), 'tapemend'),
    [...switches, `--user-data-dir=${userData}`, '--workspace', start.workspace, ...start.args],
    {
      cwd: home,
      env: { ...start.env, HOME: home, PATH: bare, ...screen, TMPDIR: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output = new OutputTail();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => output.add(chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => output.add(chunk));
  const close = () => endChild(child);
  try {
    const endpoint = (await output.waitFor(/DevTools listening on (ws:\/\/\S+)/, child))[1] ?? '';
    await windowIsThere(new URL(endpoint).host);
    const browser = await chromium.connectOverCDP(endpoint);
    const context = browser.contexts()[0];
    if (!context) throw new Error('the app has no browser context');
    const page = context.pages()[0] ?? (await context.waitForEvent('page'));
    return { page, context, url: page.url(), pid: child.pid ?? 0, close, output: () => output.text };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A window that comes up while Playwright attaches can hang both; so Playwright comes second. */
async function windowIsThere(host: string): Promise<void> {
  const pages = async () => {
    const targets = (await (await fetch(`http://${host}/json/list`)).json()) as { type: string; url: string }[];
    return targets.filter(({ type, url }) => type === 'page' && url.startsWith('app://')).length;
  };
  await expect.poll(pages, { timeout: 60_000 }).toBe(1);
}
