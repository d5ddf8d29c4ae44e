import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type ElectronApplication, type Page, type TestInfo } from '@playwright/test';
import { environmentOf, launchPracticeExchange, type PracticeProcessHandle } from '../../src-main/practice';
import { startElectronHost } from './electron-host';
import type { Host, HostStart } from './host';
import { startPackagedHost } from './packaged-host';
import { startWebHost } from './web-host';

export type HostKind = 'web' | 'electron' | 'package';

export interface HostOptions {
  /** Set by the Playwright project. */
  host: HostKind;
  /**
   * How the app is started: a first start, the practice exchange, the practice exchange with prepared holes, or a first start at
   * an exchange of the test's own (`app.exchange`), whose faults it sets.
   */
  begin: 'first-start' | 'practice' | 'demo' | 'exchange';
}

export interface App extends Omit<Host, 'electron'> {
  /** The Electron application; throws in the other hosts. */
  electron: ElectronApplication;
  kind: HostKind;
  workspace: string;
  /** The exchange that the test has begun with; throws with other beginnings. */
  exchange: PracticeProcessHandle;
  /** Resolves when the page shows a state of `data-app-state`. */
  reaches(state: AppPageState): Promise<void>;
  /** Ends the program and starts it again on the same workspace; `page` is then the new one. */
  restart(): Promise<void>;
  /** Saves a picture of the window under test-results and attaches it to the report. */
  picture(name: string): Promise<void>;
}

export type AppPageState = 'loading' | 'setup' | 'starting' | 'ready' | 'failed' | 'disconnected';

const START = { web: startWebHost, electron: startElectronHost, package: startPackagedHost } as const;
const WINDOW = { width: 1440, height: 900 };
/** Pictures in the other theme: `TAPEMEND_E2E_THEME=light`. */
const THEME = process.env.TAPEMEND_E2E_THEME === 'light' ? 'light' : 'dark';

export const test = base.extend<HostOptions & { workspace: string; app: App }>({
  host: ['web', { option: true }],
  begin: ['practice', { option: true }],

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures it needs from this pattern.
  workspace: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tapemend-e2e-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  },

  app: async ({ host, begin, workspace }, use, testInfo) => {
    const exchange = begin === 'exchange' ? await launchPracticeExchange() : null;
    const start: HostStart = {
      workspace,
      args: begin === 'practice' || begin === 'demo' ? [`--${begin}`] : [],
      // A test never asks the real exchange, whatever it does.
      env: exchange ? environmentOf(exchange) : OFFLINE,
      contextOptions: { viewport: WINDOW, reducedMotion: 'reduce', colorScheme: THEME },
    };
    const app = new RunningApp(host, workspace, start, testInfo, exchange);
    try {
      await app.start();
      try {
        await use(app);
      } finally {
        await app.finish();
      }
    } finally {
      await exchange?.close();
    }
  },
});

const NOWHERE = 'http://127.0.0.1:9';
const OFFLINE = environmentOf({
  restUrl: NOWHERE,
  archiveUrl: NOWHERE,
  archiveListUrl: NOWHERE,
  streamUrl: 'ws://127.0.0.1:9',
});

class RunningApp implements App {
  readonly errors: string[] = [];
  #host: Host | null = null;

  constructor(
    readonly kind: HostKind,
    readonly workspace: string,
    private readonly startOptions: HostStart,
    private readonly testInfo: TestInfo,
    private readonly ownExchange: PracticeProcessHandle | null,
  ) {}

  get exchange(): PracticeProcessHandle {
    if (!this.ownExchange) throw new Error("the test has no exchange of its own: begin with 'exchange'");
    return this.ownExchange;
  }

  async start(): Promise<void> {
    this.#host = await START[this.kind](this.startOptions);
    this.#host.page.on('pageerror', (error) => this.errors.push(String(error)));
    await this.#host.context.tracing.start({ screenshots: true, snapshots: true });
  }

  private get running(): Host {
    if (!this.#host) throw new Error('the app is not running');
    return this.#host;
  }

  get page(): Page {
    return this.running.page;
  }

  get context() {
    return this.running.context;
  }

  get url() {
    return this.running.url;
  }

  get pid() {
    return this.running.pid;
  }

  get electron() {
    if (!this.running.electron) throw new Error(`the ${this.kind} host has no Electron to ask`);
    return this.running.electron;
  }

  output() {
    return this.running.output();
  }

  async reaches(state: AppPageState): Promise<void> {
    try {
      await this.page.locator(`[data-app-state="${state}"]`).waitFor({ state: 'attached', timeout: 60_000 });
    } catch (error) {
      const shown = await this.page.evaluate(`document.querySelector('[data-app-state]')?.dataset.appState`);
      throw new Error(`the page is '${shown}', not '${state}':\n${this.output()}`, { cause: error });
    }
  }

  async restart(): Promise<void> {
    await this.close();
    await this.start();
  }

  close() {
    return this.running.close();
  }

  async picture(name: string): Promise<void> {
    const path = this.testInfo.outputPath(`${name}.png`);
    await this.page.screenshot({ path, animations: 'disabled' });
    await this.testInfo.attach(name, { path, contentType: 'image/png' });
  }

  async finish(): Promise<void> {
    const failed = this.testInfo.status !== this.testInfo.expectedStatus;
    const host = this.running;
    if (failed) {
      // The window may be what is broken; the test's own error is the one to see.
      await this.picture('failure').catch(() => undefined);
      const path = this.testInfo.outputPath('trace.zip');
      await host.context.tracing.stop({ path }).catch(() => undefined);
      await this.testInfo.attach('output', { body: host.output(), contentType: 'text/plain' });
    } else {
      await host.context.tracing.stop().catch(() => undefined);
    }
    const end = await host.close();
    if (failed) return;
    if (this.errors.length > 0) throw new Error(`the page threw: ${this.errors.join('\n')}`);
    if (end === 'killed') throw new Error(`the program did not end within its budget:\n${host.output()}`);
  }
}
