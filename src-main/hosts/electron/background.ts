import { join } from 'node:path';
import { app, BrowserWindow, dialog, Menu, nativeImage, Tray } from 'electron';
import { Closing, type ClosingChoice } from './closing';
import { underWayWords } from './closing-words';

const CHOICES: readonly ClosingChoice[] = ['background', 'stop', 'stay'];

/** Wires the question that closing a window asks while jobs run to windows, dialog and tray. `open` opens a window. */
export function askBeforeClosing(options: {
  jobs: () => number;
  /** How many of those are adoptions. */
  adoptions: () => number;
  open: () => void;
}): Closing {
  let tray: Tray | null = null;
  const closing: Closing = new Closing({
    jobs: options.jobs,
    ask: (jobs) => ask(jobs, options.adoptions()),
    closeWindows() {
      for (const window of BrowserWindow.getAllWindows()) window.close();
    },
    enterBackground() {
      tray = new Tray(nativeImage.createFromPath(join(app.getAppPath(), 'build', 'icon.png')).resize({ width: 22 }));
      tray.setToolTip('Tapemend: a job goes on');
      tray.setContextMenu(
        Menu.buildFromTemplate([
          { label: 'Open Tapemend', click: () => options.open() },
          { label: 'Stop safely and quit', click: () => app.quit() },
        ]),
      );
      tray.on('click', () => options.open());
    },
    leaveBackground() {
      tray?.destroy();
      tray = null;
    },
    quit: () => app.quit(),
  });
  app.on('before-quit', () => closing.beginQuit());
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') closing.allWindowsClosed();
  });
  return closing;
}

async function ask(jobs: number, adoptions: number): Promise<ClosingChoice> {
  const [window] = BrowserWindow.getAllWindows();
  const question = {
    type: 'question' as const,
    message: underWayWords(jobs - adoptions, adoptions),
    detail:
      'In the background they go on without a window, and Tapemend ends behind the last one; starting it again brings the window back. ' +
      'Stopped safely, they keep what is stored: backfills go on at the next start, an adoption when it is asked for again.',
    buttons: ['Go on in the background', 'Stop safely and quit', 'Keep the window'],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  };
  const { response } = await (window ? dialog.showMessageBox(window, question) : dialog.showMessageBox(question));
  return CHOICES[response] ?? 'stay';
}
