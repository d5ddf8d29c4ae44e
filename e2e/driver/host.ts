import type { BrowserContext, BrowserContextOptions, ElectronApplication, Page } from '@playwright/test';

export interface HostStart {
  workspace: string;
  /** Switches of the program, like `--demo`. */
  args: readonly string[];
  env: Record<string, string>;
  contextOptions: BrowserContextOptions;
}

/** A running Tapemend with a window, whatever it is made of. */
export interface Host {
  page: Page;
  context: BrowserContext;
  /** Address of the page; for the web host with its token. */
  url: string;
  /** The program's own process: `serve`, or Electron's main process. */
  pid: number;
  electron?: ElectronApplication;
  /** Ends the program and tells whether it ended by itself. */
  close(): Promise<'ended' | 'killed'>;
  /** What the program has printed so far. */
  output(): string;
}
