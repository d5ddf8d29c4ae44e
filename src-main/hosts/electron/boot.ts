import { BRIDGE, isNonce } from '@shared/rpc';
import { app, BrowserWindow, ipcMain, MessageChannelMain, protocol, session } from 'electron';
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

  const core = keepCore({ ...options, lost: () => tellWindows(BRIDGE.lostChannel) });
  core.start();
  ipcMain.on(BRIDGE.connectChannel, (event, nonce: unknown) => {
    if (!isTrustedSender(event, page.origin) || !isNonce(nonce)) return;
    const { port1, port2 } = new MessageChannelMain();
    core.connect(port1);
    event.sender.postMessage(BRIDGE.portChannel, nonce, [port2]);
  });

  const open = () => createMainWindow({ url: page.url, preload: paths.preload });
  app.on('second-instance', () => {
    const window = BrowserWindow.getAllWindows()[0];
    if (!window) open();
    else {
      if (window.isMinimized()) window.restore();
      window.focus();
    }
  });
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) open();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
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
