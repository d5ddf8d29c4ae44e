import { join, resolve } from 'node:path';
import { _electron } from '@playwright/test';
import type { Host, HostStart } from './host';
import { OutputTail, within } from './process';

const root = resolve(import.meta.dirname, '../..');
const CLOSE_BUDGET_MS = 25_000;

/** Switches for a screen without a GPU and for pictures that look the same everywhere. */
export const SCREEN_SWITCHES = [
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-renderer-backgrounding',
  '--force-color-profile=srgb',
  '--force-device-scale-factor=1',
];

/** The checkout in a real Electron window. Playwright finds the runtime through ELECTRON_OVERRIDE_DIST_PATH. */
export async function startElectronHost(start: HostStart): Promise<Host> {
  const electron = await _electron.launch({
    args: [
      ...SCREEN_SWITCHES,
      `--user-data-dir=${join(start.workspace, 'user-data')}`,
      root,
      '--workspace',
      start.workspace,
      ...start.args,
    ],
    cwd: root,
    env: cleanEnvironment({ ...process.env, ...start.env }),
    timeout: 60_000,
  });
  const child = electron.process();
  const output = new OutputTail();
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => output.add(chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => output.add(chunk));
  const close = async () => {
    if (await within(electron.close(), CLOSE_BUDGET_MS)) return 'ended';
    child.kill('SIGKILL');
    return 'killed';
  };
  try {
    const page = await electron.firstWindow();
    const { colorScheme = null, reducedMotion = null } = start.contextOptions;
    await page.emulateMedia({ colorScheme, reducedMotion });
    return {
      page,
      context: electron.context(),
      url: page.url(),
      pid: child.pid ?? 0,
      electron,
      close,
      output: () => output.text,
    };
  } catch (error) {
    await close();
    throw new Error(`no window came up:\n${output.text}`, { cause: error });
  }
}

function cleanEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const { ELECTRON_RUN_AS_NODE: _asNode, NODE_OPTIONS: _options, ...rest } = env;
  return Object.fromEntries(Object.entries(rest).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
