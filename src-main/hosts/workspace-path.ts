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

export function defaultWorkspace(machine: Machine = thisMachine()): string {
  const { join } = machine.platform === 'win32' ? win32 : posix;
  return join(applicationDataFolder(machine), 'workspace');
}

/** The workspace to use: the `--workspace` flag, else `TAPEMEND_WORKSPACE`, else the default. Relative ones start at `cwd`. */
export function workspacePath(flag: string | null, machine: Machine = thisMachine(), cwd = process.cwd()): string {
  const chosen = flag || machine.env.TAPEMEND_WORKSPACE;
  return chosen ? resolve(cwd, chosen) : defaultWorkspace(machine);
}
