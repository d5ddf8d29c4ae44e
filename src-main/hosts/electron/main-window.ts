import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import { boundsFrom, MIN_HEIGHT, MIN_WIDTH } from './window-bounds';

/** The page's own background in its two themes, so that no white flash precedes it. */
const BACKGROUND = { dark: '#0d1015', light: '#f6f8fa' };
const RELOAD_PAUSE_MS = 10_000;

export function createMainWindow({ url, preload }: { url: string; preload: string }): BrowserWindow {
  const file = join(app.getPath('userData'), 'window.json');
  const bounds = boundsFrom(
    readJson(file),
    screen.getAllDisplays().map(({ workArea }) => workArea),
  );
  const window = new BrowserWindow({
    ...bounds.position,
    width: bounds.width,
    height: bounds.height,
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    show: false,
    title: 'Tapemend',
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => {
    if (bounds.maximized) window.maximize();
    window.show();
  });
  window.on('close', () => {
    const remembered = { ...window.getNormalBounds(), maximized: window.isMaximized() };
    try {
      writeFileSync(file, JSON.stringify(remembered));
    } catch (error) {
      // A place that cannot be remembered must not keep the window open.
      process.stderr.write(`tapemend: ${file} cannot be written: ${String(error)}\n`);
    }
  });
  let reloadedAt = 0;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    process.stderr.write(`tapemend: the page's process ended (${reason})\n`);
    // A page that dies right after its reload would die for ever.
    if (reason === 'clean-exit' || window.isDestroyed() || Date.now() - reloadedAt < RELOAD_PAUSE_MS) return;
    reloadedAt = Date.now();
    window.webContents.reload();
  });
  window.loadURL(url).catch((error) => {
    process.stderr.write(`tapemend: the page cannot be loaded: ${String(error)}\n`);
  });
  return window;
}

/** Null for a file that is missing or unreadable: the window then opens where a new one does. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
