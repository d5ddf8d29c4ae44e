import { homedir } from 'node:os';
import { posix, resolve, win32 } from 'node:path';

export interface Machine {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  home: string;
}

export function thisMachine(): Machine {
  return { platform: process.platform, env: process.env, home: homedir() };
}

/** The folder for Tapemend's data where the platform keeps such folders; the same rule as Electron's `userData`. */
export function applicationDataFolder({ platform, env, home }: Machine): string {
  switch (platform) {
    case 'win32':
      return win32.join(env.APPDATA || win32.join(home, 'AppData', 'Roaming'), 'Tapemend');
    case 'darwin':
      return posix.join(home, 'Library', 'Application Support', 'Tapemend');
    default:
      return posix.join(env.XDG_CONFIG_HOME || posix.join(home, '.config'), 'Tapemend');
  }
}

/** The practice exchange's invented candles have a workspace of their own: among real ones nobody could tell them apart. */
export function defaultWorkspace(isPractice = false, machine: Machine = thisMachine()): string {
  const { join } = machine.platform === 'win32' ? win32 : posix;
  return join(applicationDataFolder(machine), isPractice ? 'practice' : 'workspace');
}

/** The workspace to use: the `--workspace` flag, else `TAPEMEND_WORKSPACE`, else the default. Relative ones start at `cwd`. */
export function workspacePath(
  flag: string | null,
  isPractice = false,
  machine: Machine = thisMachine(),
  cwd = process.cwd(),
): string {
  const chosen = flag || machine.env.TAPEMEND_WORKSPACE;
  return chosen ? resolve(cwd, chosen) : defaultWorkspace(isPractice, machine);
}
