import { BRIDGE, isNonce } from '@shared/rpc';
import { app, BrowserWindow, ipcMain, MessageChannelMain, protocol, session } from 'electron';
import { askBeforeClosing } from './background';
import { answerBundleRequest, BUNDLE_ORIGIN, BUNDLE_SCHEME } from './bundle-protocol';
import { guardContents, guardSession } from './guards';
import { keepCore } from './keep-core';
import { createMainWindow } from './main-window';
import { paths } from './paths';
import { originOf } from './permissions';
import { isTrustedSender } from './sender';

export interface BootOptions {
  workspace: string;
  practice: boolean;
  demo: boolean;
}

/** Puts the app together, in the order in which its parts need each other. */
export async function boot(options: BootOptions): Promise<void> {
  const page = pageAddress();
  app.on('web-contents-created', (_event, contents) => guardContents(contents, page.origin));
  guardSession(session.defaultSession, page.origin);
  protocol.handle(BUNDLE_SCHEME, (request) => answerBundleRequest(request, paths.page));

  const open = (): BrowserWindow => {
    const window = createMainWindow({ url: page.url, preload: paths.preload });
    closing.opened();
    // On macOS an app without windows stays in the dock, and its jobs go on.
    if (process.platform !== 'darwin')
      window.on('close', (event) => {
        if (!closing.mayClose()) event.preventDefault();
      });
    return window;
  };
  const show = (): void => {
    const window = BrowserWindow.getAllWindows()[0] ?? open();
    if (window.isMinimized()) window.restore();
    window.focus();
  };
  const closing = askBeforeClosing({ jobs: () => core.jobs, adoptions: () => core.adoptions, open: show });
  const core = keepCore({
    ...options,
    lost: () => tellWindows(BRIDGE.lostChannel),
    jobsChanged: () => closing.jobsChanged(),
  });
  core.start();
  ipcMain.on(BRIDGE.connectChannel, (event, nonce: unknown) => {
    if (!isTrustedSender(event, page.origin) || !isNonce(nonce)) return;
    const { port1, port2 } = new MessageChannelMain();
    core.connect(port1);
    event.sender.postMessage(BRIDGE.portChannel, nonce, [port2]);
  });

  app.on('second-instance', show);
  app.on('activate', show);
  quitAfter(() => core.stop());
  open();
}

function tellWindows(channel: string): void {
  for (const window of BrowserWindow.getAllWindows()) window.webContents.send(channel);
}

/** The built page; the development server's only in a checkout that asks for it. */
function pageAddress(): { url: string; origin: string } {
  const development = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL;
  const origin = development ? originOf(development) : null;
  return development && origin
    ? { url: development, origin }
    : { url: `${BUNDLE_ORIGIN}/index.html`, origin: BUNDLE_ORIGIN };
}

/** Lets the app end only when the core has: it stops the database, and what it was writing is written. */
function quitAfter(stop: () => Promise<void>): void {
  let ending = false;
  app.on('will-quit', (event) => {
    event.preventDefault();
    if (ending) return;
    ending = true;
    stop().then(
      () => app.exit(0),
      (error) => {
        process.stderr.write(`tapemend: ${error instanceof Error ? error.message : String(error)}\n`);
        app.exit(1);
      },
    );
  });
}
