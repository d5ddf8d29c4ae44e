import type { Result } from '@shared/contract';

export interface Switches {
  workspace: string | null;
  practice: boolean;
  demo: boolean;
}

/** Reads the app's own switches from the arguments; Chromium's and Playwright's are none of its business. */
export function readSwitches(argv: readonly string[]): Result<Switches> {
  const switches: Switches = { workspace: null, practice: false, demo: false };
  argv.forEach((argument, index) => {
    if (argument === '--practice') switches.practice = true;
    else if (argument === '--demo') switches.demo = true;
    else if (argument.startsWith('--workspace=')) switches.workspace = argument.slice('--workspace='.length);
    else if (argument === '--workspace') switches.workspace = argv[index + 1] ?? '';
  });
  if (switches.workspace === '' || switches.workspace?.startsWith('-'))
    return {
      ok: false,
      error: { code: 'usage.workspace', message: '--workspace needs a folder: --workspace DIR.' },
    };
  return { ok: true, data: switches };
}
