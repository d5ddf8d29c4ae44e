import { join } from 'node:path';
import { app, Menu, protocol } from 'electron';
import { applicationDataFolder, defaultWorkspace, thisMachine, workspacePath } from '../workspace-path';
import { BUNDLE_SCHEME } from './bundle-protocol';
import { readSwitches, type Switches } from './switches';

/** Entry of the main process: only what must come before `ready`; the rest is loaded behind it. */
app.setName('Tapemend');
// It would undo a --no-sandbox given by hand, without which Chromium does not run as root (containers); the app gives none.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
protocol.registerSchemesAsPrivileged([
  { scheme: BUNDLE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
]);
// On macOS a missing menu takes the clipboard keys away, so that Electron's own stays there.
if (process.platform !== 'darwin') Menu.setApplicationMenu(null);

const switches = readSwitches(process.argv);
if (switches.ok) prepare(switches.data);
else {
  process.stderr.write(`tapemend: ${switches.error.message}\n`);
  app.exit(2);
}

function prepare({ workspace: flag, practice, demo }: Switches): void {
  const workspace = workspacePath(flag, practice || demo);
  // The lock is one per `userData`, so each workspace has its own; a profile given by hand (tests) is left alone.
  if (!app.commandLine.hasSwitch('user-data-dir')) {
    const own =
      workspace === defaultWorkspace() ? applicationDataFolder(thisMachine()) : join(workspace, 'cache', 'window');
    app.setPath('userData', own);
  }
  if (!app.requestSingleInstanceLock()) {
    process.stderr.write(
      `tapemend: the workspace ${workspace} is open in another window already; it was brought to the front.\n`,
    );
    app.exit(0);
    return;
  }
  app.whenReady().then(
    () => import('./boot').then(({ boot }) => boot({ workspace, practice, demo })),
    () => {},
  );
}
