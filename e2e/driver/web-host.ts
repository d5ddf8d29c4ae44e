import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import type { Host, HostStart } from './host';
import { endChild, OutputTail } from './process';

const root = resolve(import.meta.dirname, '../..');

/** `tapemend serve` of the built checkout, with its page opened in a Chromium of its own. */
export async function startWebHost(start: HostStart): Promise<Host> {
  const child = spawn(
    process.execPath,
    [resolve(root, 'out/main/cli.js'), 'serve', '--workspace', start.workspace, '--port', '0', ...start.args],
    { cwd: start.workspace, env: { ...process.env, ...start.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const output = new OutputTail();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => output.add(chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => output.add(chunk));
  let browser: Browser | null = null;
  const close = async () => {
    await browser?.close();
    return endChild(child);
  };
  try {
    const url = (await output.waitFor(/(http:\/\/127\.0\.0\.1:\d+\/\S*)/, child))[1] ?? '';
    browser = await launchChromium();
    const context = await browser.newContext(start.contextOptions);
    const page = await openPage(context, url);
    return { page, context, url, pid: child.pid ?? 0, close, output: () => output.text };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

async function launchChromium(): Promise<Browser> {
  const executablePath = process.env.E2E_CHROMIUM;
  const args = ['--disable-dev-shm-usage', '--force-color-profile=srgb', '--font-render-hinting=none'];
  // Chromium refuses to run sandboxed as root; for any other user the sandbox stays on.
  const chromiumSandbox = process.getuid?.() !== 0;
  return chromium.launch({ args, chromiumSandbox, ...(executablePath ? { executablePath } : {}) });
}
